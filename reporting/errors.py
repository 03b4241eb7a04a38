"""Errors of the rules of the domain (the branch RuleError of the tree in events/errors.py).

RuleError
├── UnknownUnit          no unit of that code on that day
├── UnknownKind          no kind of difficulty of that key
├── UnknownBody          no body of that key
├── UnknownProcedure     no procedure of that code
├── UnknownPeriod        no reporting period of that name, or no cut-off that holds then
├── UnknownForm          no prescribed form of that name, or no rule of it that holds then
├── NoOneLetter          these issues do not make one letter; the message names why
├── OutsideCalendar      a day before 1990 or after 2099
├── NotOwnCase           a row about a case that does not count for its sender; names the column
├── IllegalTransition    the step is not allowed from the current status; names it and the allowed ones
├── TableError           a dated table that cannot be loaded: names file, line and column
└── PersonalData         a text seems to hold personal data
"""

from __future__ import annotations

from collections.abc import Sequence

from events.errors import LienCapError


class RuleError(LienCapError):
    """A rule of the domain refuses."""

    slug = "rule"


class UnknownUnit(RuleError):
    """No unit of that code on that day."""

    slug = "unknown-unit"


class UnknownKind(RuleError):
    """No kind of difficulty of that key."""

    slug = "unknown-kind"


class UnknownBody(RuleError):
    """No body of that key."""

    slug = "unknown-body"


class UnknownProcedure(RuleError):
    """No procedure of that code."""

    slug = "unknown-procedure"


class UnknownPeriod(RuleError):
    """No reporting period of that name, or no cut-off that holds then."""

    slug = "unknown-period"


class UnknownForm(RuleError):
    """No prescribed form of that name, or no rule of it that holds then."""

    slug = "unknown-form"


class NoOneLetter(RuleError):
    """These issues do not make one letter."""

    slug = "no-one-letter"


class OutsideCalendar(RuleError):
    """A day outside the working calendar."""

    slug = "outside-calendar"


class NotOwnCase(RuleError):
    """A row is about a case that does not count for its sender."""

    slug = "not-own-case"


class IllegalTransition(RuleError):
    """The step is not allowed from the current status."""

    slug = "illegal-transition"

    def __init__(
        self, message: str, *, current: str, allowed: Sequence[str], field: str | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.current = current
        self.allowed = tuple(allowed)


class TableError(RuleError):
    """A dated table cannot be loaded as it stands."""

    slug = "table-fault"


class PersonalData(RuleError):
    """A text seems to hold personal data."""

    slug = "personal-data"
