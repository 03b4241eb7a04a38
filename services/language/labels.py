"""Labels in Vietnamese and English, keyed by identifier, from TOML catalogues beside this module."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.errors import SetupError

Lang = Literal["vi", "en"]
LANGS: tuple[Lang, ...] = ("vi", "en")

# Labels name the unit's own kind; without a unit the most frequent kind is used.
_USUAL_WORDS: dict[Lang, dict[str, str]] = {
    "vi": {"unit_kind": "xã", "Unit_kind": "Xã", "province_kind": "tỉnh", "Province_kind": "Tỉnh"},
    "en": {
        "unit_kind": "commune",
        "Unit_kind": "Commune",
        "province_kind": "province",
        "Province_kind": "Province",
    },
}


@dataclass(frozen=True, slots=True)
class Labels:
    """The catalogues, flat: `issue.state.received` → its words in each language."""

    catalogues: Mapping[Lang, Mapping[str, str]]

    def text(self, key: str, lang: Lang = "vi", **values: object) -> str:
        """Return the words of a key, with `{name}` places filled.

        Words for the unit's own kind (`{unit_kind}`, `{Unit_kind}`, `{province_kind}`, `{Province_kind}`) are
        taken from `values`, made by `words_of_kind`, or else are those of the most frequent kind.

        Raises:
            SetupError: no catalogue has the key, or a place has no value.
        """
        words = self.catalogues[lang].get(key)
        if words is None:
            raise SetupError(f"no label {key!r} in {lang}.toml: add it to both catalogues")
        try:
            return words.format_map({**_USUAL_WORDS[lang], **values})
        except KeyError as missing:
            raise SetupError(f"label {key!r} needs a value for {missing}") from None

    def has(self, key: str) -> bool:
        """Return whether the catalogues have a key."""
        return key in self.catalogues["vi"]

    def words_of_kind(self, unit_kind: str, lang: Lang = "vi") -> dict[str, str]:
        """Return the words for a unit's kind (`xa`, `phuong`, `dac_khu`, `tinh`, `thanh_pho`) as values of `text`."""
        place = "province_kind" if unit_kind in {"tinh", "thanh_pho"} else "unit_kind"
        word = self.text(f"unit.kind.{unit_kind}", lang)
        return {place: word, place.capitalize(): word[:1].upper() + word[1:]}


def load_labels() -> Labels:
    """Read every catalogue of the package: `vi.toml`, `en.toml` and parts beside them (`pages.vi.toml`).

    Raises:
        SetupError: a file that is not TOML, a value that is no text, or a key that two files have.
    """
    folder = importlib.resources.files("services.language") / "labels"
    catalogues: dict[Lang, dict[str, str]] = {lang: {} for lang in LANGS}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        stem, _, suffix = file.name.rpartition(".")
        lang = next((known for known in LANGS if known == stem.rpartition(".")[2]), None)
        if suffix != "toml" or lang is None:
            continue
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise SetupError(f"{file.name}: {error}") from None
        for key, words in _flat(content, file.name):
            if key in catalogues[lang]:
                raise SetupError(f"{file.name}: {key} stands in another catalogue of {lang} too")
            catalogues[lang][key] = words
    return Labels(catalogues)


def _flat(table: Mapping[str, object], name: str, above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, name, f"{above}{key}.")
        elif isinstance(value, str):
            yield f"{above}{key}", value
        else:
            raise SetupError(f"{name}: {above}{key} is no text")
