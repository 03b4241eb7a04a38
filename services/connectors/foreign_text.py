"""Recognise text that no Vietnamese word has: legacy fonts read as letters, encodings read twice, lost letters."""

from __future__ import annotations

import re
from functools import lru_cache

# UTF-8 read as Latin: the first byte of a letter with marks, then what no letter follows it with.
_READ_TWICE = re.compile("[ÃÄÆÂ][\u0080-\u00bf\u0152-\u017e\u0192\u02c6-\u02dc\u2013-\u2122]|á[º»]|â€|áº|á»")
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")
# TCVN3 puts letters with marks where Latin has signs: a sign within or beside a letter is one of them.
_SIGN_IN_WORD = re.compile(
    "[^\\W\\d_][\u00a1-\u00a9\u00ab-\u00ad\u00b5-\u00b9\u00bb-\u00bf\u00d7\u00f7]"
    "|[\u00a7-\u00a9\u00ae\u00b5-\u00b9\u00bb-\u00bf][^\\W\\d_]"
)
# Letters that neither Vietnamese nor a language of the country's peoples has, twice in a text or beside another.
_FOREIGN_LETTERS = re.compile("[ÞþÐðßÆæØøÅåÏïÎîËëÛûÇç]")
_VNI = re.compile("[aeiouyAEIOUYươ][øûïåØÛÏÅ]")
_LOST_CODE = "\N{REPLACEMENT CHARACTER}"
_LEAST = 2


@lru_cache(maxsize=65536)
def is_foreign(text: str) -> bool:
    """Return whether a text is in no encoding of Vietnamese that is read here; a single foreign letter is a name."""
    if text.isascii():
        return "?" in text and _LOST.search(text) is not None and "://" not in text
    return bool(
        _LOST_CODE in text
        or _READ_TWICE.search(text)
        or _LOST.search(text)
        or _VNI.search(text)
        or _SIGN_IN_WORD.search(text)
        or len(_FOREIGN_LETTERS.findall(text)) >= _LEAST
    )
