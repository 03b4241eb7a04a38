"""Make reporting/data/units.csv and succession.csv anew from the package vietnamadminunits.

    python -m venv /tmp/units && /tmp/units/bin/pip install --no-deps vietnamadminunits==1.0.4
    python scripts/build_units.py --package /tmp/units/lib/python3.11/site-packages/vietnamadminunits

The package's files are read, the package is never imported. unit_patches.csv beside this script corrects what
the package has wrong, unit_changes.csv holds what changed by law after 2025-07-01; both are dated and give reasons.
The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "reporting" / "data"
SOURCE = "vietnamadminunits 1.0.4"
TWO_TIERS_ON = "2025-07-01"
KINDS = {"Xã": "xa", "Phường": "phuong", "Đặc khu": "dac_khu", "Tỉnh": "tinh", "Thành phố": "thanh_pho"}
LEGACY_KINDS = KINDS | {"Thị trấn": "thi_tran", "Huyện": "huyen"}
NOTES = {"06970": "one data set of 2026-07 gives this commune the code 06978; two others keep 06970"}
UNIT_COLUMNS = [
    "code",
    "name",
    "full_name",
    "kind",
    "level",
    "parent_code",
    "lat",
    "lon",
    "point_checked",
    "area_km2",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
    "note",
]
SUCCESSION_COLUMNS = [
    "old_code",
    "old_name",
    "old_kind",
    "old_province_code",
    "new_code",
    "kind",
    "main",
    "effective_on",
    "source",
    "confidence",
]


@dataclass(frozen=True, slots=True)
class Legacy:
    """A commune or province before 2025-07-01; an island district without communes stands for itself."""

    code: str
    full_name: str
    district: str
    province_code: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Territory of an old commune that went to a new one."""

    old: Legacy
    new_code: str
    whole: bool
    main: bool


def nfc(text: str) -> str:
    """Return the text in form NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def split_kind(full_name: str, kinds: dict[str, str]) -> tuple[str, str]:
    """Split a full name into kind and short name; the package's own type column is wrong for four communes."""
    for label, kind in kinds.items():
        if full_name.lower().startswith(f"{label} ".lower()):  # one town is written "Thị Trấn"
            return kind, full_name[len(label) + 1 :]
    raise SystemExit(f"{full_name}: starts with no known kind")


def table(name: str) -> list[dict[str, str]]:
    """Read a table beside this script."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unit_rows(con: sqlite3.Connection) -> list[dict[str, str]]:
    """Return the rows of units.csv by level and code, corrections and dated changes applied."""
    patches = {(row["code"], row["field"]): row["value"] for row in table("unit_patches.csv")}
    communes = []
    areas: dict[str, float] = defaultdict(float)
    for province, full_name, code, lat, lon, area in con.execute(
        "SELECT provinceCode, ward, wardCode, wardLat, wardLon, wardAreaKm2 FROM admin_units ORDER BY wardCode"
    ):
        point = patches.get((code, "point"))
        row = _row(code, full_name, "commune", province, point or f"{lat} {lon}")
        row["area_km2"] = patches.get((code, "area_km2"), f"{area}")
        if point:
            row["source"] += "; point corrected"
        areas[province] += float(row["area_km2"])
        communes.append(row)
    provinces = []
    for code, full_name, lat, lon in con.execute(
        "SELECT DISTINCT provinceCode, province, provinceLat, provinceLon FROM admin_units ORDER BY provinceCode"
    ):
        row = _row(code, full_name, "province", "vn", f"{lat} {lon}")
        provinces.append(row | {"area_km2": f"{areas[code]:.1f}"})
    return list(_dated([_nation(), *provinces, *communes]))


def _row(code: str, full_name: str, level: str, parent: str, point: str) -> dict[str, str]:
    kind, name = split_kind(nfc(full_name), KINDS)
    lat, lon = point.split()
    cells = (
        code,
        name,
        nfc(full_name),
        kind,
        level,
        parent,
        lat,
        lon,
        "true",
        "",
        TWO_TIERS_ON,
        "",
        SOURCE,
        "high",
    )
    return dict(zip(UNIT_COLUMNS, (*cells, NOTES.get(code, "")), strict=True))


def _nation() -> dict[str, str]:
    full_name = "Cộng hòa xã hội chủ nghĩa Việt Nam"
    cells = ("vn", "Việt Nam", full_name, "quoc_gia", "nation", "", "", "", "false", "", "1976-07-02", "")
    return dict(zip(UNIT_COLUMNS, (*cells, "general knowledge", "high", ""), strict=True))


def _dated(units: Iterable[dict[str, str]]) -> Iterable[dict[str, str]]:
    changes = defaultdict(list)
    for change in sorted(table("unit_changes.csv"), key=lambda change: change["changed_on"]):
        changes[change["code"]].append(change)
    for unit in units:
        current = unit
        for change in changes.pop(unit["code"], ()):
            yield current | {"valid_to": change["changed_on"]}
            taken = {
                column: change[column] for column in ("kind", "full_name", "source", "confidence", "note")
            }
            current = current | taken | {"valid_from": change["changed_on"]}
        yield current
    if changes:
        raise SystemExit(f"unit_changes.csv names unknown units: {sorted(changes)}")


def legacy_units(con: sqlite3.Connection) -> dict[str, Legacy]:
    """Return the communes before 2025-07-01 by the package's key; provinces by theirs."""
    found = {}
    for (
        province_key,
        district_key,
        ward_key,
        code,
        ward,
        district_code,
        district,
        province_code,
        province,
    ) in con.execute(
        "SELECT provinceKey, districtKey, wardKey, wardCode, ward, districtCode, district, provinceCode, province"
        " FROM admin_units_legacy"
    ):
        key = f"{province_key}_{district_key}_{ward_key or ''}"
        place = f"{province_key}_{district_key}"
        found[key] = Legacy(code or district_code, nfc(ward or district), place, province_code)
        found[province_key] = Legacy(province_code, nfc(province), "", province_code)
    return found


def edges(converter: dict[str, dict[str, dict[str, list[object]]]], con: sqlite3.Connection) -> list[Edge]:
    """Return what went where, without the package's mix-ups of namesakes."""
    legacy = legacy_units(con)
    new = {
        (province, ward): code
        for province, ward, code in con.execute("SELECT provinceKey, wardKey, wardCode FROM admin_units")
    }
    found = []
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, old_keys in wards.items():
            found += [Edge(legacy[str(key)], new[province, ward], whole=True, main=True) for key in old_keys]
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old_key, parts in divided.items():
            for part in parts:
                assert isinstance(part, dict)  # noqa: S101 -- a shape of the package's file
                code = new[province, str(part["newWardKey"])]
                found.append(Edge(legacy[old_key], code, whole=False, main=bool(part["isDefaultNewWard"])))
    dropped = {tuple(row["code"].split()) for row in table("unit_patches.csv") if row["field"] == "drop_edge"}
    kept = [edge for edge in found if (edge.old.code, edge.new_code) not in dropped]
    wrong = _mix_ups(kept)
    return [edge for edge in kept if edge not in wrong]


def _mix_ups(found: Sequence[Edge]) -> set[Edge]:
    """Return parts of a far namesake.

    The package matched divided communes by name inside a merged province, so that "Phường 4" of one town went to
    another, up to 99 km away. A part is taken out when the new commune has a predecessor of the same name, and
    all that is certain about the new commune comes from other districts than the part's.
    """
    by_new = defaultdict(list)
    for edge in found:
        by_new[edge.new_code].append(edge)
    wrong = set()
    for group in by_new.values():
        names = Counter(_plain(edge.old.full_name) for edge in group)
        home = {edge.old.district for edge in group if names[_plain(edge.old.full_name)] == 1}
        wrong |= {
            edge
            for edge in group
            if not edge.whole
            and not edge.main
            and names[_plain(edge.old.full_name)] > 1
            and edge.old.district not in home
        }
    return wrong


def _plain(full_name: str) -> str:
    short = split_kind(full_name, LEGACY_KINDS)[1].lower().replace("đ", "d")
    return "".join(letter for letter in unicodedata.normalize("NFD", short) if letter.isalnum())


def succession_rows(
    found: Sequence[Edge], provinces: Iterable[tuple[str, str, Legacy]], names: dict[str, str]
) -> list[dict[str, str]]:
    """Return the rows of succession.csv, communes and provinces, by old code."""
    targets = Counter(edge.old.code for edge in found)
    origins = Counter(edge.new_code for edge in found)
    mains = {edge.old.code for edge in found if edge.main}
    rows = []
    for edge in found:
        split = targets[edge.old.code] > 1
        alone = origins[edge.new_code] == 1
        if not split and alone:
            kind = "kept" if edge.old.full_name == names[edge.new_code] else "renamed"
        else:
            kind = "split" if split else "merged"
        main = edge.main or not split
        if split and edge.old.code not in mains:
            raise SystemExit(f"{edge.old.code}: no main part")
        rows.append(_succession(edge.old, edge.new_code, kind, main=main))
    merged = Counter(code for code, _, _ in provinces)
    for code, full_name, old in provinces:
        kind = "merged" if merged[code] > 1 else "kept" if old.full_name == full_name else "renamed"
        rows.append(_succession(old, code, kind, main=True))
    return sorted(rows, key=lambda row: (len(row["old_code"]), row["old_code"], row["new_code"]))


def _succession(old: Legacy, new_code: str, kind: str, *, main: bool) -> dict[str, str]:
    old_kind, name = split_kind(old.full_name, LEGACY_KINDS)
    confidence = "medium" if kind == "split" else "high"
    cells = (old.code, name, old_kind, old.province_code, new_code, kind, str(main).lower(), TWO_TIERS_ON)
    return dict(zip(SUCCESSION_COLUMNS, (*cells, SOURCE, confidence), strict=True))


def write(name: str, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    """Write one table with plain line ends."""
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Read the package's files and write both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--package", type=Path, required=True, help="folder of the installed package")
    data = parser.parse_args().package / "data"
    converter = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    con = sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True)
    units = unit_rows(con)
    write("units.csv", UNIT_COLUMNS, units)
    names = {row["code"]: row["full_name"] for row in reversed(units)}  # the first row of a code: 2025-07-01
    legacy = legacy_units(con)
    codes = dict(con.execute("SELECT DISTINCT provinceKey, provinceCode FROM admin_units"))
    provinces = [
        (codes[new], names[codes[new]], legacy[old])
        for new, olds in converter["DICT_PROVINCE"].items()
        for old in olds
    ]
    rows = succession_rows(edges(converter, con), provinces, names)
    write("succession.csv", SUCCESSION_COLUMNS, rows)
    print(f"{len(units)} unit rows, {len(rows)} successions: {dict(Counter(row['kind'] for row in rows))}")


if __name__ == "__main__":
    main()
