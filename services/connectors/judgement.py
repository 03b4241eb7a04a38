"""Judge a file as a whole before its rows are taken: what is implausible is named, with its limit; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from reporting.cases.source_row import AS_KNOWN
from reporting.dated.procedures import ProcedureTable
from reporting.dated.thresholds import ThresholdKey, Thresholds
from reporting.errors import UnknownProcedure
from services.connectors.errors import ImplausibleFile
from services.connectors.foreign_text import is_foreign
from services.connectors.mapping import Scalar
from services.errors import BadInput

Implausible = Literal[
    "rejected", "no_due_day", "one_unit", "repeated_keys", "unknown_fields", "unreadable_text"
]
NAMES: tuple[Implausible, ...] = get_args(Implausible)

_LIMITS: dict[Implausible, ThresholdKey] = {
    "rejected": "file_rejected",
    "no_due_day": "file_no_due_day",
    "one_unit": "file_one_unit",
    "repeated_keys": "file_repeated_keys",
    "unknown_fields": "file_unknown_fields",
    "unreadable_text": "file_unreadable_text",
}
_FIRST_STATUS_WITH_DAY = 2
_CHANNELS = frozenset({"1", "2", "3"})
_UNITS = ("MaDonViTiepNhan", "MaDonViThamQuyen")
_MOST_LISTED = 20
MOST_LINES = 10
_ENGLISH: dict[Implausible, str] = {
    "rejected": "rows cannot be taken",
    "no_due_day": "cases get no due day: the source gives none, and no known procedure does",
    "one_unit": "rows are of one unit of the province",
    "repeated_keys": "rows repeat the key of an earlier row with other content",
    "unknown_fields": "rows name a field of work that fields.csv does not have",
    "unreadable_text": "rows hold text in no encoding of Vietnamese that is known",
}


_UNKNOWN = {
    "unknown_fields": "fields that fields.csv does not have",
    "unknown_procedures": "procedures that procedures.csv does not have",
    "unknown_channels": "channels that are not known",
    "other_units": "codes of other units",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """An implausible share or number: `count` of `total` rows, above `limit` (percent where `is_share`)."""

    name: Implausible
    count: int
    total: int
    limit: int
    is_share: bool
    lines: tuple[int, ...] = ()
    detail: str = ""

    def __str__(self) -> str:
        """Return the finding as a sentence."""
        limit = f"{self.limit} %" if self.is_share else f"{self.limit}"
        share = f" ({self.count / self.total:.1%})" if self.is_share and self.total else ""
        where = f"; lines {', '.join(map(str, self.lines))}" if self.lines else ""
        detail = f" ({self.detail})" if self.detail else ""
        return (
            f"{self.name}: {self.count:,} of {self.total:,}{share} {_ENGLISH[self.name]}{detail}, "
            f"more than {limit}{where}"
        )


@dataclass(slots=True)
class Judgement:
    """The counts of a file as a whole; `note` is called once per row, before any is taken.

    Memory holds two numbers per key of the file, and the distinct fields, procedures, channels and units.
    """

    is_of_province: bool = False
    total: int = 0
    rejected: int = 0
    case_count: int = 0
    """Rows that begin a case with a due day, if one can be known."""
    no_due_day: int = 0
    repeated: int = 0
    unreadable: int = 0
    units: Counter[str] = field(default_factory=Counter)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unknown_procedures: Counter[str] = field(default_factory=Counter)
    unknown_channels: Counter[str] = field(default_factory=Counter)
    other_units: Counter[str] = field(default_factory=Counter)
    lines: dict[Implausible, list[int]] = field(default_factory=dict)
    _keys: dict[int, int] = field(default_factory=dict)

    def note(
        self,
        line: int,
        unit_code: str,
        texts: Iterable[str],
        key: str | None,
        row: Mapping[str, object] | None,
    ) -> None:
        """Note one row.

        Args:
            line: where it stands.
            unit_code: its commune, empty where none was found.
            texts: its cells.
            key: the key of the row, if it has one.
            row: its values; None where it cannot be taken.
        """
        self.total += 1
        if unit_code:
            self.units[unit_code] += 1
        if any(is_foreign(text) for text in texts if not text.isascii() or "?" in text):
            self.unreadable += 1
            self._see("unreadable_text", line)
        if row is None:
            self.reject(line)
            return
        if key is not None:
            content = hash((unit_code, frozenset(cell for cell in row.items() if cell[0] != "MaHoSo")))
            if self._keys.setdefault(hash(key), content) != content:
                self.repeated += 1
                self._see("repeated_keys", line)

    def unreadable_lines(self, lines: Sequence[int]) -> None:
        """Note the rows of which nothing can be read, because their letters are lost."""
        for line in lines:
            self.unreadable += 1
            self._see("unreadable_text", line)

    def reject(self, line: int) -> None:
        """Note that a row cannot be taken."""
        self.rejected += 1
        self._see("rejected", line)

    def findings(self, thresholds: Thresholds, on: dt.date) -> tuple[Finding, ...]:
        """Return what is above its limit on a day, in a fixed order."""
        few = thresholds.get("file_few_rows", on).value
        unit_code, of_unit = (self.units.most_common(1) or [("", 0)])[0]
        seen: dict[Implausible, tuple[int, int, str]] = {
            "rejected": (self.rejected, self.total, ""),
            "no_due_day": (self.no_due_day, self.case_count, ""),
            "one_unit": (of_unit if self._can_be_of_many(thresholds, on) else 0, self.total, unit_code),
            "repeated_keys": (self.repeated, self.total, ""),
            "unknown_fields": (self.unknown_fields.total(), self.total, listed(self.unknown_fields)),
            "unreadable_text": (self.unreadable, self.total, ""),
        }
        found = []
        for name, (count, total, detail) in seen.items():
            limit = thresholds.get(_LIMITS[name], on)
            is_share = limit.unit == "percent"
            # A share of few rows means nothing: one broken row alone stops no file.
            above = count * 100 > limit.value * total and count >= few if is_share else count > limit.value
            if above:
                lines = tuple(self.lines.get(name, ()))
                found.append(Finding(name, count, total, limit.value, is_share, lines, detail))
        return tuple(found)

    def _can_be_of_many(self, thresholds: Thresholds, on: dt.date) -> bool:
        return self.is_of_province and self.total >= thresholds.get("file_one_unit_rows", on).value

    def said(self) -> list[str]:
        """Return what was seen beside the findings, as sentences."""
        lines = []
        if self.case_count:
            lines.append(f"{self.no_due_day:,} of {self.case_count:,} cases get no due day")
        for what, counts in self.unknown.items():
            if counts:
                lines.append(f"{counts.total():,} rows with {_UNKNOWN[what]}: {listed(counts)}")
        return lines

    @property
    def unknown(self) -> dict[str, Counter[str]]:
        """Return what the dated tables do not have, each kind with its rows by content."""
        return {
            "unknown_fields": self.unknown_fields,
            "unknown_procedures": self.unknown_procedures,
            "unknown_channels": self.unknown_channels,
            "other_units": self.other_units,
        }

    def _see(self, name: Implausible, line: int) -> None:
        lines = self.lines.setdefault(name, [])
        if len(lines) < MOST_LINES:
            lines.append(line)


@dataclass(slots=True)
class CaseJudge:
    """Notes what only rows of cases have: fields, procedures, channels, units, due days."""

    judgement: Judgement
    procedures: ProcedureTable
    today: dt.date
    _procedures: dict[tuple[str, str], bool] = field(default_factory=dict)
    _fields: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Read the known fields once."""
        self._fields = frozenset(self.procedures.fields())

    def note(self, unit_code: str, row: Mapping[str, Scalar]) -> None:
        """Note a row that can be taken."""
        seen = self.judgement
        received = str(row.get("NgayTiepNhan", ""))
        code = row.get("MaTTHC")
        is_known = code is not None and self._is_known(str(code), received)
        if code is not None and not is_known:
            seen.unknown_procedures[str(code)] += 1
        work = row.get("LinhVuc")
        if work is not None and work not in self._fields:
            seen.unknown_fields[str(work)] += 1
        channel = row.get("KenhThucHien")
        if channel is not None and str(channel) not in _CHANNELS:
            seen.unknown_channels[str(channel)] += 1
        for name in _UNITS:
            if name in row and row[name] != unit_code:
                seen.other_units[str(row[name])] += 1
        status = row.get("TrangThai", AS_KNOWN)
        if received and isinstance(status, int) and status >= _FIRST_STATUS_WITH_DAY:
            seen.case_count += 1
            seen.no_due_day += "NgayHenTra" not in row and not is_known

    def _is_known(self, code: str, received: str) -> bool:
        key = (code, received[:10])
        if key not in self._procedures:
            try:
                self.procedures.get(code, dt.date.fromisoformat(key[1]) if key[1] else self.today)
            except (UnknownProcedure, ValueError):
                self._procedures[key] = False
            else:
                self._procedures[key] = True
        return self._procedures[key]


def must_be_plausible(file: str, findings: Sequence[Finding], accepted: Collection[str]) -> None:
    """Stop an import whose file is implausible in a way that nobody accepted.

    Raises:
        ImplausibleFile: names each finding and how to accept it.
    """
    open_ones = [one for one in findings if one.name not in accepted]
    if not open_ones:
        return
    sentences = "; ".join(map(str, open_ones))
    names = " ".join(f"--accept {one.name}" for one in open_ones)
    raise ImplausibleFile(
        f"{file}: nothing was taken, the file as a whole is not plausible: {sentences}. Look at it with "
        f"`liencap import inspect`; if it is right all the same: {names}",
        names=tuple(one.name for one in open_ones),
    )


def accepted_names(names: Iterable[str]) -> frozenset[str]:
    """Check the names of an `--accept`.

    Raises:
        BadInput: nothing of that name can be accepted.
    """
    for name in names:
        if name not in NAMES:
            raise BadInput(f"nothing is called {name!r}; there are {', '.join(NAMES)}", field="accept")
    return frozenset(names)


def listed(counts: Counter[str]) -> str:
    """Return values with their counts, the most frequent first."""
    more = " …" if len(counts) > _MOST_LISTED else ""
    return ", ".join(f"{text} × {count:,}" for text, count in counts.most_common(_MOST_LISTED)) + more
