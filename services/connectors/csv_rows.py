"""Read delimited text line by line, in the encodings and delimiters of offices; memory holds one line."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from services.connectors.errors import UnusableFile
from services.connectors.records import Line
from services.language.legacy_text import Encoding, fits, strange_words, translated

MAX_LINE_CHARS = 1_048_576
MAX_CELLS = 16_384
"""Cells of one row, as a spreadsheet has them; a row of separators alone would take a hundred times its size."""
MAX_FILE_BYTES = 8 * 1024 * 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
_BY_BYTES: tuple[Encoding, ...] = ("TCVN3", "VNI")
"""Encodings of whole files that Python does not know; each byte is a sign of its own first."""
_ONE_TO_ONE = "latin-1"
_UNDECODED = re.compile("[\udc80-\udcff]")
_SAMPLE_BYTES = 1_048_576
_SAMPLE_LINES = 60
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_csv(
    path: Path,
    *,
    encoding: str | None,
    delimiter: str | None,
    score: Callable[[list[str]], int],
    notes: list[str] | None = None,
) -> Iterator[Line]:
    """Yield the lines of a delimited text; a line that cannot be read carries its fault.

    Args:
        path: the file.
        encoding: from the mapping; None to detect it.
        delimiter: from the mapping; None to take the one that gives the most expected columns.
        score: counts the expected column names among the cells of a line.
        notes: takes a sentence where the text had to be converted.

    Raises:
        UnusableFile: the file is no text, or the encoding does not exist.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UnusableFile(f"{path.name}: over {MAX_FILE_BYTES // 2**30} GB; split it by days")
    known = encoding or _encoding_of(path)
    legacy = next((one for one in _BY_BYTES if one == known.upper()), None)
    if legacy is not None:
        known = _ONE_TO_ONE
        if notes is not None:
            notes.append(f"the file is in {legacy} and was converted")
    try:
        with path.open(encoding=known, errors=_errors_for(known), newline="") as file:
            sample = list(islice(_lines(file, [], legacy), _SAMPLE_LINES))
        mark = delimiter or _delimiter_of(sample, score)
        with path.open(encoding=known, errors=_errors_for(known), newline="") as file:
            yield from _rows(file, mark, legacy)
    except (LookupError, UnicodeError) as error:
        raise UnusableFile(f"{path.name}: cannot be read as {known}: {error}") from error


def _errors_for(encoding: str) -> str:
    # Undecodable bytes become lone surrogates, so that a bad line is refused and the others are read.
    return "surrogateescape" if encoding.startswith("utf-8") else "strict" if "16" in encoding else "replace"


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    for mark, name in _BYTE_ORDER_MARKS.items():
        if sample.startswith(mark):
            return name
    nul_count = sample.count(b"\x00")
    if nul_count > len(sample) // 4:  # ASCII digits and separators in UTF-16 have every other byte zero
        return "utf-16-le" if sample[1::2].count(b"\x00") > sample[::2].count(b"\x00") else "utf-16-be"
    text = sample.decode("utf-8", errors="surrogateescape")
    broken = sum("\udc80" <= letter <= "\udcff" for letter in text)
    sound = sum(letter > "\x7f" for letter in text) - broken
    control = sum(letter < " " and letter not in "\t\r\n\f\x00" for letter in text)
    if control * 10 > len(text):
        raise UnusableFile(f"{path.name}: this is not text; CSV, XLSX, XLS or XES is needed")
    return "utf-8" if broken <= sound else _of_one_byte(sample)


def _of_one_byte(sample: bytes) -> str:
    """Return the encoding of one byte a sign in which a sample is Vietnamese; windows-1258 where none is better."""
    plain = sample.decode(_ONE_TO_ONE)
    best = "cp1258"
    fewest = strange_words(unicodedata.normalize("NFC", sample.decode(best, errors="replace")))
    for legacy in _BY_BYTES:
        if not fits(plain, legacy):
            continue
        strange = strange_words(translated(plain, legacy))
        if strange * 2 < fewest:
            best, fewest = legacy, strange
    return best


def _lines(file: IO[str], dropped: list[tuple[int, str]], legacy: Encoding | None = None) -> Iterator[str]:
    """Yield physical lines; a line over the limit is skipped to its end and added to `dropped`."""
    number = 0
    while True:
        line = file.readline(MAX_LINE_CHARS)
        if not line:
            return
        number += 1
        if len(line) < MAX_LINE_CHARS or line.endswith("\n"):
            read = translated(line, legacy) if legacy is not None else line
            yield read.replace("\x00", "\N{REPLACEMENT CHARACTER}")
            continue
        while (rest := file.readline(MAX_LINE_CHARS)) and not rest.endswith("\n"):
            pass
        dropped.append((number, f"the line is longer than {MAX_LINE_CHARS:,} characters"))
        yield "\n"  # keeps the count of lines right


def _delimiter_of(sample: list[str], score: Callable[[list[str]], int]) -> str:
    def merit(mark: str) -> tuple[int, int]:
        rows = list(csv.reader(sample, delimiter=mark))
        return max((score(row) for row in rows), default=0), max((len(row) for row in rows), default=0)

    try:
        return max(DELIMITERS, key=merit)
    except csv.Error:
        return ","


def _rows(file: IO[str], delimiter: str, legacy: Encoding | None) -> Iterator[Line]:
    dropped: list[tuple[int, str]] = []
    reader = csv.reader(_lines(file, dropped, legacy), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield Line(first, (), _quote_error(first, reader.line_num, error))
            continue
        while dropped:
            number, sentence = dropped.pop(0)
            yield Line(number, (), sentence)
        yield _line(first, cells)
    for number, sentence in dropped:
        yield Line(number, (), sentence)


def _quote_error(first: int, last: int, error: csv.Error) -> str:
    if last > first:
        return (
            f"lines {first} to {last} hang together in one quotation that does not end as it should ({error})"
        )
    return f"the quotation marks do not pair up ({error})"


def _line(number: int, cells: list[str]) -> Line:
    if len(cells) > MAX_CELLS:
        return Line(number, (), f"the line has over {MAX_CELLS:,} cells")
    text = "".join(cells)
    if "\N{REPLACEMENT CHARACTER}" in text:
        return Line(number, (), "the line holds a character that no text has (a zero byte or a broken code)")
    if not text.isascii() and _UNDECODED.search(text):
        return Line(number, (), "the line is not in the encoding of the rest of the file (UTF-8)")
    return Line(number, tuple(unicodedata.normalize("NFC", cell).strip() for cell in cells))
