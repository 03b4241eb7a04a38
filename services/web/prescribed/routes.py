"""JSON API of prescribed forms; the same numbers as CSV are a file of the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.errors import BadInput
from services.language.labels import Lang
from services.web.prescribed.answers import FormWords
from services.web.prescribed.asked import AskedForm, of_days, of_period
from services.web.prescribed.reading import FormReader
from services.web.prescribed.schemas import FormAnswer, FormCasesAnswer
from services.web.shell.error_schemas import READ
from services.web.shell.identity import Here, Who

router = APIRouter(prefix="/api/v1/units/{code}/forms/ii-06a", tags=["figures"])
_MOST = 500


def asked_of_request(
    code: str,
    parts: Here,
    actor: Who,
    period: Annotated[
        str, Query(max_length=10, description="2026-11, 2026-q4, 2026-h2, 2026-m9, 2026; the running month.")
    ] = "",
    first: Annotated[
        dt.date | None, Query(alias="from", description="First local day, instead of a period.")
    ] = None,
    *,
    as_filed: Annotated[
        bool,
        Query(
            description="By the facts and the rules at which the period was filed; of a province, those of each commune."
        ),
    ] = False,
    last: Annotated[dt.date | None, Query(alias="to", description="Last local day.")] = None,
) -> AskedForm:
    """Read which form a request asks for (a FastAPI dependency).

    Raises:
        BadInput: the form as filed of days; see also `of_period` and `of_days`.
    """
    if first is None and last is None:
        return of_period(parts, actor, code, period, as_filed=as_filed)
    if as_filed:
        raise BadInput("a period is filed, and days are not: leave out from and to", field="as_filed")
    return of_days(parts, actor, code, first, last)


Asked = Annotated[AskedForm, Depends(asked_of_request)]


@router.get("", responses=READ)
def read_form(parts: Here, asked: Asked, lang: Lang = "vi") -> FormAnswer:
    """Return form II.06a of a commune or a province: by the rule in use, by the honest rule, and what differs."""
    found = FormReader(parts).read_asked(asked)
    return FormWords(parts, lang).answer(found, asked.period)


@router.get("/cases", responses=READ)
def read_form_cases(
    parts: Here,
    actor: Who,
    asked: Asked,
    line: Annotated[str, Query(max_length=200, description="The `key` of a line of the bridge.")],
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    lang: Lang = "vi",
) -> FormCasesAnswer:
    """Return the cases of one line of the bridge."""
    found = FormReader(parts).read_asked(asked)
    return FormWords(parts, lang).cases(actor, found, line, limit)
