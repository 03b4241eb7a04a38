"""Limits of attachments, from rows of `thresholds.csv`, and a checked content; loads no library of pictures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from events.attachments import AttachmentKind
from reporting.dated.thresholds import Thresholds

_KILOBYTE = 1_000


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """The longest side in pixels and the size in bytes of a photo that is kept."""

    side: int
    size: int


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """Limits of files as they are sent and as they are kept, in bytes, pixels and files."""

    photo: PhotoLimits
    photo_sent: int
    document: int
    count: int

    @property
    def largest(self) -> int:
        """Return the size of the largest file that may be sent."""
        return max(self.photo_sent, self.document)


@dataclass(frozen=True, slots=True)
class Checked:
    """A content that may be kept: of a known kind, and drawn anew where it is a photo."""

    kind: AttachmentKind
    content: bytes


def limits_on(thresholds: Thresholds, on: dt.date) -> AttachmentLimits:
    """Return the limits that hold on a local day."""
    return AttachmentLimits(
        photo=PhotoLimits(
            side=thresholds.get("attachment_photo_side", on).value,
            size=thresholds.get("attachment_photo", on).value * _KILOBYTE,
        ),
        photo_sent=thresholds.get("attachment_photo_sent", on).value * _KILOBYTE,
        document=thresholds.get("attachment_document", on).value * _KILOBYTE,
        count=thresholds.get("attachment_count", on).value,
    )
