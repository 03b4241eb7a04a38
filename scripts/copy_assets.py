"""Copy the pinned dist files of package.json from node_modules to services/web/static/vendor (never committed)."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "services" / "web" / "static" / "vendor"

# Name in vendor/ -> file in node_modules.
FILES = {
    "bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idb.js": "idb/build/umd.js",
}
LICENCES = {"Bootstrap": "bootstrap/LICENSE", "htmx": "htmx.org/LICENSE", "idb": "idb/LICENSE"}

# A source map would only make the browser ask for a file that is not there.
_SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*)\s*\Z")


def main() -> int:
    """Copy every file anew and return the exit code."""
    missing = [path for path in (*FILES.values(), *LICENCES.values()) if not (MODULES / path).is_file()]
    if missing:
        print(f"copy_assets: {MODULES} lacks {', '.join(missing)}: run 'npm ci' first", file=sys.stderr)
        return 2
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, path in FILES.items():
        text = (MODULES / path).read_text(encoding="utf-8")
        (VENDOR / name).write_text(_SOURCE_MAP.sub("", text), encoding="utf-8")
    notices = (f"{name}\n\n{(MODULES / path).read_text(encoding='utf-8')}" for name, path in LICENCES.items())
    (VENDOR / "LICENSES.txt").write_text("\n\n".join(notices), encoding="utf-8")
    print(f"copy_assets: {len(FILES)} files in {VENDOR.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
