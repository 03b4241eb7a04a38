"""Errors of importers: about a file as a whole, a mapping as a whole, or one row."""

from __future__ import annotations

from services.errors import BadInput


class UnusableFile(BadInput):
    """The file as a whole cannot be read in the expected format."""

    slug = "unusable-file"


class NoHeader(UnusableFile):
    """A table lacks the header that the mapping describes."""


class UnusableMapping(BadInput):
    """The mapping file is wrong; the sentence names the file and the key."""

    slug = "unusable-mapping"


class BrokenRow(BadInput):
    """One row cannot be taken; `field` names the target field; the other rows go on."""

    slug = "broken-row"


class ImplausibleFile(BadInput):
    """The file can be read and is implausible as a whole; `names` are the findings that a person may accept."""

    slug = "implausible-file"

    def __init__(self, message: str, *, names: tuple[str, ...]) -> None:
        super().__init__(message, field="accept")
        self.names = names
