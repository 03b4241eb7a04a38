"""The words of a definition: what may be asked, named, measured, and a text in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from reporting.dated.thresholds import ThresholdKey

Lang = Literal["vi", "en"]
Level = Literal["commune", "province", "nation"]
Reader = Literal["commune", "office", "department", "ministry"]
"""Whose list of work a number may open: a commune, a provincial office, a department, a ministry."""
READERS: tuple[Reader, ...] = get_args(Reader)
ABOVE: tuple[Reader, ...] = ("office", "department", "ministry")
"""Readers above a commune."""
Filter = Literal["from", "to", "field", "channel", "kind"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
Parameter = (
    Literal[
        "units",
        "provinces",
        "groups",
        "from",
        "to",
        "at",
        "kind",
        "field",
        "channel",
        "procedures",
        "unknown_field",
        "working_days",
        "days",
        "quiet_before",
        "days_off",
        "outage_kinds",
        "newborn_procedures",
        "newborn_within",
        "newborn_verified",
        "newborn_off",
        "newborn_begins",
        "days_off_since",
        "today",
    ]
    | ThresholdKey
)
"""What a query may be asked with: `groups` is under which unit each commune is counted, its province at the nation;
`working_days` how many working days there were through each day since 1990; of a threshold its value on the last day."""
Picture = Literal["cards", "bars", "heat", "tiles", "sheet"]
"""`tiles` is a schematic map of the units above the table of `bars`, whose figures it shows."""
Names = Literal[
    "unit",
    "kind",
    "body",
    "level",
    "field",
    "channel",
    "procedure",
    "gap",
    "supply",
    "said",
    "whole",
    "day",
    "code",
    "late_cause",
]
"""Which vocabulary names the key of a row; `said` is that of the panel itself, `whole` the one row of a panel without
others, `day` a local day, `code` none: a route or a file is called what it is."""
Measure = Literal["count", "share", "days", "minutes", "milliseconds", "megabytes", "day", "moment", "word"]
Reading = Literal[
    "parts", "stream_lags", "stream_batches", "dead_letters", "outbox", "routes", "disks", "backups"
]
"""What no warehouse knows: read from the running installation at the moment at which it is asked."""
Computed = Literal["workload_units", "workload_fields", "workload_weeks", "vice_chairs"]
"""Rows that the product computes from figures and dated tables, for a unit and a window."""
See = Literal["rollups.read", "operations.read"]
"""Actions of the policy that a reader of boards may need: of figures, or of the installation itself."""
Sign = Literal["not_applicable", "not_reported", "suppressed"]
"""Why a cell holds no figure; nought is a figure."""
WINDOW: tuple[Filter, ...] = ("from", "to")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    vi: str
    en: str

    def of(self, lang: Lang) -> str:
        """Return the words of a language."""
        return self.en if lang == "en" else self.vi
