"""Write docs/openapi.json: the public JSON API of the three services together, as one document.

python scripts/openapi.py
"""

from __future__ import annotations

import json
from pathlib import Path

from services.boot.pages import describe

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def written() -> str:
    """Return the document as it is committed."""
    return json.dumps(describe(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
    print(f"wrote {DOCUMENT}")
