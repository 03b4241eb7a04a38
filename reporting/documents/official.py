"""The parts of an administrative document in their order (Decree 30/2020/NĐ-CP, Appendix I; known second-hand).

The office fills in number, day and signer. The product never assigns a number, and marks the document DỰ
THẢO.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reporting.dated.bodies import place_vi
from reporting.dated.units import Unit

NATION_LINE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DRAFT = "DỰ THẢO"
OPEN_NUMBER = "Số:        "
OPEN_DAY = "ngày ..... tháng ..... năm "

Style = Literal["body", "heading", "basis"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: running text, the heading of a part, or a legal basis (in italics)."""

    text: str
    style: Style = "body"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header that repeats; `widths` are shares of the page."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """The annex behind the signature, on its own pages in landscape."""

    title: tuple[str, ...]
    reference: str
    table: Table


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """One document, part by part.

    Attributes:
        issuer: the lines of the issuing body, in capitals.
        symbol: number and symbol; the number is open.
        place_and_day: place and day; the day is open.
        name: the kind in capitals; None for an official letter.
        subject: under the name, or `V/v …` under the symbol of a letter.
        addressees: after "Kính gửi:".
        recipients: the lines under "Nơi nhận:".
        signature: capacity and title of the signer; the name is open.
        note: the origin of the draft, in small print at the foot.
    """

    issuer: tuple[str, ...]
    symbol: str
    place_and_day: str
    name: str | None
    subject: str
    addressees: tuple[str, ...]
    body: tuple[Paragraph, ...]
    recipients: tuple[str, ...]
    signature: tuple[str, ...]
    note: str
    annex: Annex | None = None
    draft: str = DRAFT


def issuer_lines(unit: Unit) -> tuple[str, str]:
    """Return the two lines of a people's committee, which names no body above it in its head."""
    return ("ỦY BAN NHÂN DÂN", place_vi(unit).upper())


def committee(unit: Unit) -> str:
    """Return the name of a people's committee in running text: UBND xã Bát Mọt."""
    return f"UBND {place_vi(unit)}"


def committee_in_full(unit: Unit) -> str:
    """Return the full name of a people's committee: Ủy ban nhân dân xã Bát Mọt."""
    return f"Ủy ban nhân dân {place_vi(unit)}"


def committee_first(unit: Unit) -> str:
    """Return the name of a people's committee where a text names it first: in full, with what it is called after."""
    return f"Ủy ban nhân dân (UBND) {place_vi(unit)}"


def signature_lines() -> tuple[str, str]:
    """Return the signature of a people's committee; the office sets a deputy's KT. itself."""
    return ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")


def place_and_day(unit: Unit, year: int) -> str:
    """Return the place and an open day: Bát Mọt, ngày ..... tháng ..... năm 2026."""
    return f"{unit.name}, {OPEN_DAY}{year}"
