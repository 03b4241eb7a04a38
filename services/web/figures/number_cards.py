"""The five numbers of a role as cards: written in one language, zeros quiet, what is not known a dash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.language.formats import Formats
from services.language.labels import Labels, Lang
from services.web.figures.five_numbers import Number
from services.web.shell.cards import Card
from services.web.shell.dues import Tone
from services.web.shell.values import NOTHING

_TONES: dict[str, Tone] = {"late": "late", "soon": "near"}


def cards_of(
    numbers: Iterable[Number], labels: Labels, lang: Lang, kind_words: Mapping[str, str]
) -> list[Card]:
    """Return a card for each number; `kind_words` are what the reader's unit and province call themselves."""
    formats = Formats(lang)

    def written(number: Number) -> str:
        if number.value is None:
            return NOTHING
        return formats.percent(number.value) if number.is_share else formats.number(number.value)

    def note(number: Number) -> str:
        if number.note:
            return labels.text(f"number_note.{number.note}", lang, **kind_words)
        unknown = number.value is None and not number.attribute
        return labels.text("number_card.unknown", lang) if unknown else ""

    return [
        Card(
            name=labels.text(f"number.{number.key}", lang, **kind_words),
            value=written(number),
            href=number.href or "",
            note=note(number),
            tone=_TONES.get(number.tone, "plain") if number.value else "plain",
            is_zero=not number.value,
            attribute=number.attribute or "",
            key=number.key,
            count=int(number.value) if number.opens_rows and number.value is not None else None,
        )
        for number in numbers
    ]
