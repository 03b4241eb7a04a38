"""Ask a virus scanner of the house about a content: clamd, by its command INSTREAM over a local socket."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from services.errors import BadInput, NotReady

SCAN_SECONDS = 30.0
_CHUNK = 65_536
_LONGEST_ANSWER = 4_096


def scan(content: bytes, address: Path) -> None:
    """Check a content with the clamd that listens at a socket; its signatures are the operator's.

    Raises:
        BadInput: a signature matches; which one is named.
        NotReady: clamd does not answer; nothing is kept unscanned, and the upload can be finished later.
    """
    try:
        answer = _answer_to(content, address)
    except OSError as error:
        raise NotReady(f"the virus scanner does not answer ({error}); send it again later") from error
    if answer.endswith("FOUND"):
        raise BadInput(
            f"the virus scanner found {answer.removeprefix('stream: ').removesuffix(' FOUND')}",
            field="content",
        )
    if answer != "stream: OK":
        raise NotReady("the virus scanner could not judge the file; send it again later")


def _answer_to(content: bytes, address: Path) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(SCAN_SECONDS)
        line.connect(str(address))
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            line.sendall(struct.pack("!I", len(chunk)) + chunk)
        line.sendall(struct.pack("!I", 0))
        answer = b""
        while b"\0" not in answer and len(answer) < _LONGEST_ANSWER and (more := line.recv(_LONGEST_ANSWER)):
            answer += more
    return answer.partition(b"\0")[0].decode(errors="replace")
