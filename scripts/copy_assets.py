"""Copy the pinned dist files of package.json from node_modules to services/web/static/vendor (never committed); draw the sprite."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
WEB = ROOT / "services" / "web"
VENDOR = WEB / "static" / "vendor"

# Name in vendor/ -> file in node_modules.
FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idb.js": "idb/build/umd.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-vietnamese.woff2": "@fontsource-variable/inter/files/inter-vietnamese-wght-normal.woff2",
}
LICENCES = {
    "htmx": "htmx.org/LICENSE",
    "idb": "idb/LICENSE",
    "Inter": "@fontsource-variable/inter/LICENSE",
    "Tabler Icons": "@tabler/icons/LICENSE",
}
ICONS = "@tabler/icons/icons/outline"
SPRITE = "icons.svg"

# A source map would only make the browser ask for a file that is not there.
_SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*)\s*\Z")
_DRAWN = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_CANVAS = re.compile(r'<path stroke="none"[^>]*/>')


def main() -> int:
    """Copy every file anew, draw the sprite, and return the exit code."""
    icons = {name: f"{ICONS}/{name}.svg" for name in icon_names()}
    wanted = (*FILES.values(), *LICENCES.values(), *icons.values())
    missing = [path for path in wanted if not (MODULES / path).is_file()]
    if missing:
        print(f"copy_assets: {MODULES} lacks {', '.join(missing)}: run 'npm ci' first", file=sys.stderr)
        return 2
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, path in FILES.items():
        if name.endswith(".woff2"):
            shutil.copyfile(MODULES / path, VENDOR / name)
            continue
        text = (MODULES / path).read_text(encoding="utf-8")
        (VENDOR / name).write_text(_SOURCE_MAP.sub("", text), encoding="utf-8")
    drawn = {name: (MODULES / path).read_text(encoding="utf-8") for name, path in icons.items()}
    (VENDOR / SPRITE).write_text(sprite(drawn), encoding="utf-8")
    notices = (f"{name}\n\n{(MODULES / path).read_text(encoding='utf-8')}" for name, path in LICENCES.items())
    (VENDOR / "LICENSES.txt").write_text("\n\n".join(notices), encoding="utf-8")
    print(f"copy_assets: {len(FILES)} files and {len(icons)} icons in {VENDOR.relative_to(ROOT)}")
    return 0


def icon_names() -> tuple[str, ...]:
    """Return the names of the icons that pages use."""
    names: tuple[str, ...] = runpy.run_path(str(WEB / "shell" / "icon_names.py"))["ICONS"]
    return names


def sprite(drawn: dict[str, str]) -> str:
    """Return one SVG with a symbol for each icon; the lines alone, since pages say their width and colour."""
    symbols = (
        f'<symbol id="{name}" viewBox="0 0 24 24">{_lines(svg)}</symbol>' for name, svg in drawn.items()
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def _lines(svg: str) -> str:
    found = _DRAWN.search(svg)
    if found is None:
        raise ValueError(f"not an icon of the set: {svg[:80]!r}")
    return " ".join(_CANVAS.sub("", found[1]).split()).replace("> <", "><")


if __name__ == "__main__":
    raise SystemExit(main())
