"""Write events/schemas/ anew from the models: run it after a change of the contract and commit what it wrote."""

from __future__ import annotations

from pathlib import Path

from events.json_schemas import schema_files

FOLDER = Path(__file__).resolve().parent.parent / "events" / "schemas"


def main() -> None:
    """Write every schema and remove those of types that are gone."""
    files = schema_files()
    FOLDER.mkdir(exist_ok=True)
    for stale in {path.name for path in FOLDER.glob("*.json")} - files.keys():
        (FOLDER / stale).unlink()
        print(f"removed {stale}")
    for name, content in files.items():
        path = FOLDER / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
