"""Pages of prescribed forms: both rules, the bridge with its cases, the checks; and the form as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from reporting.dated.bodies import unit_named
from reporting.dated.calendar import local_day
from reporting.dated.periods import Period, period_words
from reporting.documents.form_paper import FormPaper, form_paper
from reporting.documents.wording import number
from reporting.forms.placing import APART
from reporting.forms.rules import IN_USE, RuleSetKey
from services.access.actors import Actor
from services.access.policy import may
from services.documents.form_xlsx import draw_form_xlsx
from services.errors import Forbidden
from services.language.labels import Lang
from services.language.vietnamese import collation_key
from services.web.figures.figures import communes_in
from services.web.figures.silence import without_figures
from services.web.prescribed.answers import FormWords
from services.web.prescribed.asked import AskedForm, of_period
from services.web.prescribed.files import cases_csv, causes_csv, form_csv
from services.web.prescribed.reading import MOST_CASES, FormReader, PrescribedForm
from services.web.prescribed.schemas import FormAnswer, FormBridgeLine
from services.web.shell.identity import Here, Who
from services.web.shell.layout import lang_of, layout_of, level_of
from services.web.shell.parts import Parts
from services.web.shell.period_choice import PeriodChoice
from services.web.shell.workbook import MEDIA_TYPE

AT = "/bieu/ii-06a"
router = APIRouter(prefix=AT, include_in_schema=False)

_CASES_SHOWN = 100
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PeriodKey = Annotated[str, Query(alias="ky", max_length=10)]
UnitAsked = Annotated[str, Query(alias="don_vi", max_length=5)]
AsFiled = Annotated[bool, Query(alias="da_chot")]
LineKey = Annotated[str, Query(alias="dong", max_length=200)]


@dataclass(frozen=True, slots=True)
class _Compared:
    """One column of the totals by both rules."""

    number: int | None
    label: str
    used: int
    honest: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """One line of the bridge in the words of a page."""

    line: FormBridgeLine
    used: str
    honest: str


@router.get("")
def form(
    request: Request,
    parts: Here,
    actor: Who,
    key: PeriodKey = "",
    unit_code: UnitAsked = "",
    line: LineKey = "",
    *,
    as_filed: AsFiled = False,
) -> HTMLResponse:
    """Show the form of a unit and a period by both rules, and the bridge between them."""
    asked = _asked(parts, actor, unit_code, key, as_filed=as_filed)
    lang = lang_of(request)
    reader, words = FormReader(parts), FormWords(parts, lang)
    found = reader.read_asked(asked)
    answer = words.answer(found, asked.period)
    today = local_day(parts.clock())
    communes = communes_in(parts, asked.unit_code)
    silent = without_figures(parts.warehouse, parts.tables, communes, parts.clock())
    return layout_of(request).render(
        request,
        "prescribed/form.html",
        answer=answer,
        asked=asked,
        is_filed=asked.as_filed or reader.is_filed(asked),
        own=asked.unit_code == actor.unit_code,
        names_causes=asked.unit_code == actor.unit_code
        and found.unit.level == "commune"
        and may(actor, "cases.sync", asked.unit_code, units=parts.tables.units),
        period_words=_named(asked.period, lang),
        choice=PeriodChoice.of(parts.tables.periods, today, lang, asked.period),
        units=_units(parts, actor, lang),
        sides=(answer.in_use, answer.honest),
        groups=_groups(answer),
        beside=[(one, words.place(one)) for one in APART],
        compared=_compared(answer, words),
        bridge=[_Shown(one, *_places(parts, lang, one)) for one in answer.bridge],
        differing=sum(one.case_count for one in answer.bridge),
        cases=words.cases(actor, found, line, _CASES_SHOWN) if line else None,
        most_cases=MOST_CASES,
        layout=found.definition.layout,
        silent=len(silent) if silent is not None else None,
        base=f"{AT}/{answer.period}",
        query=f"don_vi={asked.unit_code}" + ("&da_chot=1" if asked.as_filed else ""),
    )


@router.get("/{key}.csv")
def as_csv(
    request: Request,
    key: str,
    parts: Here,
    actor: Who,
    unit_code: UnitAsked = "",
    *,
    as_filed: AsFiled = False,
) -> Response:
    """Return both rules as CSV."""
    asked = _asked(parts, actor, unit_code, key, as_filed=as_filed)
    found = FormReader(parts).read_asked(asked)
    content = form_csv(FormWords(parts, lang_of(request)).answer(found, asked.period))
    return _file(parts, actor, asked, content.encode(), "form", "csv", len(found.fields))


@router.get("/{key}/nguyen-nhan.csv")
def causes_as_csv(
    request: Request,
    key: str,
    parts: Here,
    actor: Who,
    unit_code: UnitAsked = "",
    *,
    as_filed: AsFiled = False,
) -> Response:
    """Return the cases of column 10 by cause as CSV."""
    asked = _asked(parts, actor, unit_code, key, as_filed=as_filed)
    answer = FormWords(parts, lang_of(request)).answer(FormReader(parts).read_asked(asked), asked.period)
    content = causes_csv(answer).encode()
    return _file(parts, actor, asked, content, "form_causes", "csv", len(answer.late_causes))


@router.get("/{key}/ho-so.csv")
def cases_as_csv(
    request: Request,
    key: str,
    parts: Here,
    actor: Who,
    line: LineKey,
    unit_code: UnitAsked = "",
    *,
    as_filed: AsFiled = False,
) -> Response:
    """Return the cases of a line of the bridge as CSV."""
    asked = _asked(parts, actor, unit_code, key, as_filed=as_filed)
    found = FormReader(parts).read_asked(asked)
    answer = FormWords(parts, lang_of(request)).cases(actor, found, line, MOST_CASES)
    content = cases_csv(answer).encode()
    return _file(parts, actor, asked, content, "form_cases", "csv", len(answer.items))


@router.get("/{key}/{rule_set}.{ending}")
def draw(
    key: str,
    rule_set: RuleSetKey,
    ending: Literal["docx", "xlsx"],
    parts: Here,
    actor: Who,
    unit_code: UnitAsked = "",
    *,
    as_filed: AsFiled = False,
) -> Response:
    """Draw the form by one rule in its prescribed layout; the workbook has the bridge on a second sheet."""
    asked = _asked(parts, actor, unit_code, key, as_filed=as_filed)
    found = FormReader(parts).read_asked(asked)
    paper = _paper(parts, found, rule_set, asked)
    if ending == "docx":
        from services.documents.form_docx import draw_form_docx  # noqa: PLC0415 -- heavy, and seldom asked for

        content = draw_form_docx(paper, made_at=parts.clock())
    else:
        content = draw_form_xlsx(paper, beside=("Đối chiếu", _sheet(parts, found)))
    return _file(parts, actor, asked, content, "form", ending, len(paper.rows), rule_set)


def _asked(parts: Parts, actor: Actor, unit_code: str, key: str, *, as_filed: bool) -> AskedForm:
    if not unit_code and level_of(actor) == "nation":
        raise Forbidden("a form belongs to a commune or a province: name one by don_vi")
    return of_period(parts, actor, unit_code or actor.unit_code, key, as_filed=as_filed)


def _named(period: Period | None, lang: Lang) -> str:
    return period_words(period, lang) if period is not None else ""


def _units(parts: Parts, actor: Actor, lang: Lang) -> list[tuple[str, str]]:
    """Return the units whose form the reader may see: the province and its communes; none beside one's own commune."""
    if level_of(actor) != "province":
        return []
    units = parts.tables.units
    communes = sorted(units.communes_of(actor.unit_code), key=lambda one: collation_key(one.name))
    found = [units.get(actor.unit_code), *communes]
    return [
        (one.code, unit_named(one, lang)) for one in found if may(actor, "cases.read", one.code, units=units)
    ]


def _groups(answer: FormAnswer) -> list[tuple[str, int]]:
    """Return the heads over the columns of a page, each with how many columns it stretches over."""
    starts = [column.key.split("_")[0] for column in answer.columns]
    named = ["received" if one in {"received", "carried"} else one for one in starts]
    return [(one, named.count(one)) for one in dict.fromkeys(named)]


def _compared(answer: FormAnswer, words: FormWords) -> list[_Compared]:
    def both(key: str) -> tuple[int, int]:
        return answer.in_use.total.number(key), answer.honest.total.number(key)

    found = [_Compared(one.number, one.label, *both(one.key)) for one in answer.columns]
    return found + [_Compared(None, words.place(key), *both(key)) for key in APART]


def _places(parts: Parts, lang: Lang, line: FormBridgeLine) -> tuple[str, str]:
    """Return in words where the two rules count the cases of a line."""
    text = parts.labels.text

    def named(arrival: str | None, outcome: str | None) -> str:
        keys = [key for key in (arrival, outcome) if key is not None]
        return " · ".join(text(f"form.place.{key}", lang) for key in keys) or text("form.nowhere", lang)

    return named(line.used_arrival, line.used_outcome), named(line.honest_arrival, line.honest_outcome)


def _paper(parts: Parts, found: PrescribedForm, rule_set: RuleSetKey, asked: AskedForm) -> FormPaper:
    units, names = parts.tables.units, parts.tables.procedures.fields()
    lines = found.lines[rule_set]
    order = [code for code in names if code in lines] + [code for code in lines if code not in names]
    return form_paper(
        found.definition,
        rule_set,
        [(names.get(code, code), lines[code]) for code in order],
        unit=found.unit,
        above=units.get(units.province_of(found.unit.code)) if found.unit.level == "commune" else None,
        period=_named(asked.period, "vi"),
        days=(asked.window.first_on, asked.window.last_on),
        as_of=found.as_of,
        filed=_filed_note(parts, found),
        causes=_causes_note(parts, found, rule_set),
    )


def _filed_note(parts: Parts, found: PrescribedForm) -> str:
    """Return in Vietnamese, as documents are, that a form is drawn as filed, and why it was corrected."""
    if found.filed is None:
        return ""
    text, one = parts.labels.text, found.filed
    said = text("form.filed_note", "vi")
    if one.correction:
        reason = text(f"filings.reason.{one.reason_code}", "vi")
        said = text("form.corrected_note", "vi", count=str(one.correction), reason=reason)
    if found.unit.level != "province":
        return said
    numbers = {"count": number(len(one.parts)), "missing": number(len(one.missing))}
    return f"{said} {text('form.filed_sum', 'vi', **numbers)}"


def _causes_note(parts: Parts, found: PrescribedForm, rule_set: RuleSetKey) -> str:
    """Return in Vietnamese how many cases of column 10 have each cause; nothing where none was late."""
    lines = [
        (one.name, one.used if rule_set == IN_USE else one.honest)
        for one in FormWords(parts, "vi").late_causes(found)
    ]
    causes = "; ".join(f"{name}: {number(count)}" for name, count in lines if count)
    return parts.labels.text("form.causes_note", "vi", causes=causes) if causes else ""


def _sheet(parts: Parts, found: PrescribedForm) -> list[tuple[str | int, ...]]:
    """Return the lines of the second sheet: what makes the two rules differ, and the checks. In Vietnamese, as documents."""
    words = FormWords(parts, "vi")
    lines: list[tuple[str | int, ...]] = [
        ("Hồ sơ được tính khác nhau: lý do", "Cách hệ thống đang dùng", "Theo sự việc", "Số hồ sơ")
    ]
    for one in found.bridge:
        line = words.bridge_line(one)
        lines.append((line.words, *_places(parts, "vi", line), line.case_count))
    if found_causes := words.late_causes(found):
        lines += [("",), ("Quá hạn (cột 10) theo nguyên nhân", "Cách hệ thống đang dùng", "Theo sự việc", "")]
        lines += [(one.name, one.used, one.honest, "") for one in found_causes]
    lines += [("",), ("Kiểm tra chéo", "Vế thứ nhất", "Vế thứ hai", "Kết quả")]
    answer = words.answer(found, None)
    for side in (answer.in_use, answer.honest):
        name = words.side(side.rule_set)
        lines += [
            (f"{name}: {check.words}", check.left, check.right, "khớp" if check.holds else "lệch")
            for check in side.checks
        ]
    return lines


def _file(
    parts: Parts,
    actor: Actor,
    asked: AskedForm,
    content: bytes,
    kind: str,
    ending: str,
    row_count: int,
    rule_set: str = "",
) -> Response:
    """Return a file to keep; that it left the system is noted, as with documents."""
    period = asked.period.key if asked.period is not None else ""
    parts.drafts.note_drawing(
        actor,
        parts.clock(),
        unit_code=asked.unit_code,
        period=period,
        kind=kind,
        file_format=ending,
        row_count=row_count,
        content=content,
    )
    state = "da-chot" if asked.as_filed else ""
    name = "-".join(one for one in ("bieu-ii-06a", asked.unit_code, period, state, rule_set, kind) if one)
    media = {"docx": _DOCX, "xlsx": MEDIA_TYPE, "csv": "text/csv"}[ending]
    return Response(
        content,
        media_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{ending}"',
            "Cache-Control": "private, no-store",
        },
    )
