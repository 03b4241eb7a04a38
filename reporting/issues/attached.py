"""An attachment as its issue keeps it."""

from __future__ import annotations

import datetime as dt

import msgspec

from events.attachments import Attachment


class Attached(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attachment: what was attached and when; and since when its content is gone."""

    said: Attachment
    at: dt.datetime
    erased_at: dt.datetime | None = None
