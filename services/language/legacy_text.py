"""Recognise Vietnamese texts that came in TCVN3, VNI or UTF-8 encoded twice, and texts whose letters were lost; pure.

Whether a text is Vietnamese is judged by its syllables: initial, rime and tone. A text is converted only where its own
syllables are none and those of the converted text are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Encoding = Literal["TCVN3", "VNI", "UTF-8 encoded twice"]
ENCODINGS: tuple[Encoding, ...] = ("UTF-8 encoded twice", "TCVN3", "VNI")

_TONES = "\u0300\u0309\u0303\u0301\u0323"
_INITIALS = "b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x|"
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uơ up ut uy uya uych uyên uyêt uyn uynh uyp uyt uyu
uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
y yêm yên yêng yêt yêu ynh yt
"""
_SYLLABLE = re.compile(f"(?:{_INITIALS})(?:{'|'.join(sorted(_RIMES.split(), key=len, reverse=True))})")
_CLOSED = re.compile(r"(?:c|ch|p|t)$")
_WORDS = re.compile(r"[^\s!-/:-@\[-`{-~\u2010-\u2027]+")
_LETTERS_AROUND = re.compile(r"[^\W\d_][\u00a1-\u00bf\u00d7\u00f7][^\W\d_]")

_TCVN3 = {
    chr(0xA1 + place): letter
    for place, letter in enumerate(
        "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ"
    )
    if letter != " "
}
_TCVN3_TABLE = {ord(sign): letter for sign, letter in _TCVN3.items()}
# A base letter and the sign after it; the signs of a plain letter and of one with a roof differ.
_VNI_MARKS = {
    "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ù": "\u0301", "ï": "\u0323",
    "â": "\u0302", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "á": "\u0302\u0301",
    "ä": "\u0302\u0323", "ê": "\u0306", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303",
    "é": "\u0306\u0301", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ì": "ì", "í": "í"}
_VNI_LETTERS |= {plain.upper(): letter.upper() for plain, letter in _VNI_LETTERS.items()}
_VNI_PAIR = re.compile("([aeouyAEOUYôöÔÖ])([" + "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper() + "])")
# Bytes that windows-1252 leaves free stand for themselves, and in ISO 8859-1 all of these do.
_CONTROLS = {chr(code): bytes([code]) for code in range(0x80, 0xA0)}


@lru_cache(maxsize=16_384)
def converted(text: str, sure: Encoding | None = None) -> tuple[str, Encoding] | None:
    """Return a text in Unicode and its former encoding, None where it is not garbled or in no encoding known here.

    `sure` is the encoding of the texts around it: then a single word is enough.

    >>> converted("B¶n VÞn, nhµ v¨n hãa")
    ('Bản Vịn, nhà văn hóa', 'TCVN3')
    """
    if text.isascii():
        return None
    strange = strange_words(text)
    if not strange:
        return None
    for encoding in ENCODINGS:
        found = decoded(text, encoding)
        if found is None or found == text or strange_words(found) or found.isascii():
            continue
        # A single odd word may be a name; one that no converted word needs is not enough.
        if encoding in {ENCODINGS[0], sure} or strange > 1 or _is_telling(text):
            return found, encoding
    return None


def decoded(text: str, encoding: Encoding) -> str | None:
    """Read a text as if it had come in an encoding; None where it cannot have."""
    if encoding == "UTF-8 encoded twice":
        return _of_double(text)
    return translated(text, encoding) if fits(text, encoding) else None


def fits(text: str, encoding: Encoding) -> bool:
    """Return whether each sign of a text, read byte by byte, is one of TCVN3 or may be one of VNI."""
    if encoding == "TCVN3":
        return not any(letter > "\x9f" and letter not in _TCVN3 and letter != "\xa0" for letter in text)
    return not any(letter > "\xff" for letter in text)


def translated(text: str, encoding: Encoding) -> str:
    """Read each sign of a text as the sign that its byte means in TCVN3 or VNI; others stay."""
    return text.translate(_TCVN3_TABLE) if encoding == "TCVN3" else _of_vni(text)


def strange_words(text: str) -> int:
    """Count the words with other than ASCII letters that no Vietnamese syllable is."""
    return sum(not word.isascii() and not is_syllable(word) for word in _WORDS.findall(text))


@lru_cache(maxsize=16_384)
def is_syllable(word: str) -> bool:
    """Return whether a word is a possible Vietnamese syllable; one without marks may be.

    >>> is_syllable("Nghiêng"), is_syllable("nghiµng"), is_syllable("nc")
    (True, False, False)
    """
    plain = unicodedata.normalize("NFC", word.lower())
    marks = unicodedata.normalize("NFD", plain)
    tones = [mark for mark in marks if mark in _TONES]
    bare = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare) or not all(map(is_syllable_letter, plain)):
        return False
    # Syllables that end in a stop have the tone sắc or nặng; a word without any mark may have lost it.
    return not _CLOSED.search(bare) or word.isascii() or (bool(tones) and tones[0] in "\u0301\u0323")


@lru_cache(maxsize=16_384)
def lost_letters(text: str) -> str | None:
    """Return how letters were lost from a text, None where none seem to be.

    >>> lost_letters("B?n V?n") is not None, lost_letters("Có sóng không?Chưa có")
    (True, None)
    """
    if "\N{REPLACEMENT CHARACTER}" in text or any(_is_damaged(word) for word in text.split() if "?" in word):
        return "letters were lost (“?” stands for them); export it anew as UTF-8"
    if _LETTERS_AROUND.search(text) and strange_words(text) and converted(text) is None:
        return "the text is in no encoding that can be recognised; export it anew as UTF-8"
    return None


def _is_damaged(word: str) -> bool:
    if "/" in word or "=" in word:  # an address
        return False
    for part in _WORDS.findall(word.replace("?", "\x00")):
        pieces = part.split("\x00")
        inner = pieces[1:]
        if not any(piece[:1].isalpha() for piece in inner):
            continue
        if not pieces[0] or not all(is_syllable(piece) for piece in pieces if piece):
            return True
    return False


def _is_telling(text: str) -> bool:
    """Return whether a text has a sign that no Vietnamese text has inside a word."""
    return any("\xa1" <= letter <= "\xff" and not is_syllable_letter(letter) for letter in text)


@lru_cache(maxsize=512)
def is_syllable_letter(letter: str) -> bool:
    """Return whether a letter with or without marks occurs in Vietnamese."""
    marks = unicodedata.normalize("NFD", letter.lower())
    bare = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    has_tone = any(mark in _TONES for mark in marks)
    return len(bare) == 1 and bare in ("aăâeêioôơuưy" if has_tone else "aăâbcdđeêghiklmnoôơpqrstuưvxy")


def _of_vni(text: str) -> str:
    def pair(found: re.Match[str]) -> str:
        base, mark = found.groups()
        return unicodedata.normalize("NFC", _VNI_LETTERS.get(base, base) + _VNI_MARKS[mark.lower()])

    parts: list[str] = []
    rest = 0
    for found in _VNI_PAIR.finditer(text):
        parts += [_single_vni(text[rest : found.start()]), pair(found)]
        rest = found.end()
    return "".join([*parts, _single_vni(text[rest:])])


def _single_vni(text: str) -> str:
    return "".join(_VNI_LETTERS.get(letter, letter) for letter in text)


def _of_double(text: str) -> str | None:
    # The last byte of à is a space without a break, which trimming takes away and other programs make a plain space.
    for tried in (text, text + "\xa0", text.replace("Ã ", "Ã\xa0")):
        try:
            once = b"".join(_CONTROLS.get(letter) or letter.encode("cp1252") for letter in tried).decode(
                "utf-8"
            )
        except UnicodeError:
            continue
        return unicodedata.normalize("NFC", once).strip()
    return None
