"""Rows of a file that were read and not yet taken, on the disk: the judged rows are the rows taken, in flat memory."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import msgspec

from services.connectors.mapping import Scalar

_LENGTH = struct.Struct("<I")
_IN_MEMORY = 4 * 1024 * 1024


class ReadRow(msgspec.Struct, frozen=True, array_like=True):
    """One row as read: its values, or in `reason` why it cannot be taken."""

    line: int
    unit_code: str
    row: dict[str, Scalar] = {}
    field: str = ""
    reason: str | None = None
    sheet: str = ""
    former_id: str = ""
    """The id that an earlier release derived from the raw cells, where the row names none."""


def _as_text(cell: object) -> str:
    """Return the text of a cell that keeps its type: the row was read with it, so only the text goes on."""
    if isinstance(cell, str):
        return str(cell)
    raise NotImplementedError(f"{type(cell).__name__} is no value of a row")


_encoder = msgspec.msgpack.Encoder(enc_hook=_as_text)
_decoder = msgspec.msgpack.Decoder(ReadRow)


class SpilledRows:
    """A file without a name that holds the rows; it is gone when it is closed, or when the process ends."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- closed by close
        self._buffer = bytearray()

    def add(self, row: ReadRow) -> None:
        """Append a row."""
        start = len(self._buffer)
        self._buffer += b"\0\0\0\0"
        _encoder.encode_into(row, self._buffer, start + _LENGTH.size)
        _LENGTH.pack_into(self._buffer, start, len(self._buffer) - start - _LENGTH.size)
        self._file.write(self._buffer)
        self._buffer.clear()

    def rows(self, skip: int = 0) -> Iterator[ReadRow]:
        """Yield the rows in their order, without the first ones."""
        self._file.seek(0)
        while head := self._file.read(_LENGTH.size):
            content = self._file.read(_LENGTH.unpack(head)[0])
            if skip:
                skip -= 1
            else:
                yield _decoder.decode(content)

    def close(self) -> None:
        """Remove the rows."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
