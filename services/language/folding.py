"""Compare Vietnamese texts the way people type them: without marks, case, spacing or punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_LETTER = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return the text in lower case without tone marks, `đ` as `d`, anything else than letters as one space.

    >>> folded("Ngày  tiếp nhận (giờ)")
    'ngay tiep nhan gio'
    """
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_LETTER.sub(" ", bare.lower()).strip()
