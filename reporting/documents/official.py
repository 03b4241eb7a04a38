"""The parts of an administrative document in their order (Decree 30/2020/NĐ-CP, Appendix I; known second-hand).

What the office fills in stays open: number, day, signer. The product never assigns a number, and says DỰ THẢO.
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
    """What stands behind the signature, on pages of its own, lying."""

    title: tuple[str, ...]
    reference: str
    table: Table


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """One document, part by part.

    Attributes:
        issuer: the lines of the issuing body, in capitals.
        symbol: number and symbol, the number left open.
        place_and_day: the day left open.
        name: the kind in capitals; none for an official letter.
        subject: what it is about; under the name, or `V/v …` under the symbol of a letter.
        addressees: after "Kính gửi:".
        recipients: the lines under "Nơi nhận:".
        signature: who signs, in which capacity; the name left open.
        note: how the draft came about, small, at the foot.
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
    """Return the two lines of a people's committee: it has no body above it in the head."""
    return ("ỦY BAN NHÂN DÂN", place_vi(unit).upper())


def committee(unit: Unit) -> str:
    """Name a people's committee in running text: UBND xã Bát Mọt."""
    return f"UBND {place_vi(unit)}"


def committee_in_full(unit: Unit) -> str:
    """Name a people's committee in full: Ủy ban nhân dân xã Bát Mọt."""
    return f"Ủy ban nhân dân {place_vi(unit)}"


def signature_lines() -> tuple[str, str]:
    """Return who signs for a people's committee; a deputy's KT. is the office's to set."""
    return ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")


def place_and_day(unit: Unit, year: int) -> str:
    """Return the place and an open day: Bát Mọt, ngày ..... tháng ..... năm 2026."""
    return f"{unit.name}, {OPEN_DAY}{year}"
