"""What an importer can refuse: a file as a whole, a mapping as a whole, or one row."""

from __future__ import annotations

from services.errors import BadInput


class UnusableFile(BadInput):
    """The file as a whole cannot be read as what it should be."""

    slug = "unusable-file"


class UnusableMapping(BadInput):
    """The mapping file is wrong; the sentence names the file and the key."""

    slug = "unusable-mapping"


class BrokenRow(BadInput):
    """One row cannot be taken; `field` names the target field, the others go on."""

    slug = "broken-row"
