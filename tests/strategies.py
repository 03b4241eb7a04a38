"""Hypothesis strategies of the contract: any valid payload and any event, for every type."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast, get_args

import orjson
from hypothesis import strategies as st

from events import attachments, cases, escalations, fields, periods, problems
from events.cases import CaseDates, CaseState, Pause
from events.envelope import ALLOWED_SKEW, Envelope, Role
from events.fields import Document, Payload, TextRef
from events.issues import IssueReport
from events.registry import ALL_EVENTS

UTC = dt.UTC


def chosen(literal: Any) -> st.SearchStrategy[Any]:
    """Draw one of a Literal's values."""
    return st.sampled_from(get_args(literal))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


days = st.dates(fields.FIRST_DAY, fields.LAST_DAY)
instants = st.datetimes(
    dt.datetime(1991, 1, 1),  # noqa: DTZ001 -- the zone is drawn
    dt.datetime(2099, 12, 1),  # noqa: DTZ001 -- as above
    timezones=st.just(UTC),
)
hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
case_keys = hashes
commune_codes = st.sampled_from(["15607", "15622", "14812", "00004", "99999"])
province_codes = st.sampled_from(["38", "01", "96"])
unit_codes = st.one_of(commune_codes, province_codes, st.just("vn"))
scopes = st.one_of(province_codes, st.just("vn"))
slugs = st.from_regex(r"[a-z0-9][a-z0-9_.]{0,12}", fullmatch=True)
key_ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,12}", fullmatch=True)
procedure_codes = st.sampled_from(["1.001193", "1.004884.000.00.00.H56", "2.000815.H42.01", "1.004884.H56"])
counts = st.integers(0, 10_000_000)
periods_of_reports = st.sampled_from(["2026-11", "2026-q4", "2026-h2", "2026-m9", "2026"])
seqs = st.integers(1, 9_007_199_254_740_991)
sentences = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
text_refs = st.builds(TextRef, id=st.uuids(), sha256=hashes)
documents = st.builds(
    Document,
    kind=chosen(Document.model_fields["kind"].annotation),
    number=st.sampled_from(["125/TTr-UBND", "1/QĐ-UBND", "871/BKHCN-CVT", "000012/NQ.HĐND&TT"]),
    issued_on=days,
    issuer=slugs,
    capacity=chosen(fields.SigningCapacity),
    urgency=chosen(Document.model_fields["urgency"].annotation),
    signer=maybe(text_refs),
)


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    """Draw a pause, open or ended on its first day or later."""
    from_on = draw(days)
    to_on = draw(maybe(st.dates(from_on, fields.LAST_DAY)))
    return Pause(reason=draw(chosen(cases.PauseReason)), from_on=from_on, to_on=to_on)


@st.composite
def _dates(draw: st.DrawFn, units: st.SearchStrategy[str]) -> dict[str, Any]:
    received_on = draw(maybe(days))
    made: dict[str, Any] = {
        "unit_code": draw(units),
        "field_code": draw(slugs),
        "channel": draw(chosen(fields.Channel)),
        "submitted_on": draw(days),
        "received_on": received_on,
        "returned_on": draw(maybe(days)),
        "pauses": tuple(draw(st.lists(pauses(), max_size=3))),
    }
    if received_on is None:
        return made | {"refused_on": draw(maybe(days))}
    closed_on = draw(maybe(st.dates(received_on, fields.LAST_DAY)))
    close_kind = None if closed_on is None else draw(chosen(cases.CloseKind))
    return made | {"due_on": draw(maybe(days)), "closed_on": closed_on, "close_kind": close_kind}


def case_dates(units: st.SearchStrategy[str] = commune_codes) -> st.SearchStrategy[CaseDates]:
    """Draw dates of a case that hang together."""
    return _dates(units).map(lambda made: CaseDates(**made))


@st.composite
def case_states(draw: st.DrawFn, units: st.SearchStrategy[str] = commune_codes) -> CaseState:
    """Draw the whole state of a case, with or without a state before it."""
    made = draw(_dates(units))
    return CaseState(
        **made,
        key_id=draw(key_ids),
        seq=draw(seqs),
        status_code=draw(st.integers(1, 10)),
        received_unit_code=draw(st.just(made["unit_code"]) | units),
        helped_unit_code=draw(maybe(units)),
        procedure_code=draw(maybe(procedure_codes)),
        applicant_kind=draw(chosen(cases.ApplicantKind)),
        due_at=draw(maybe(instants)),
        calendar_version=draw(maybe(st.just("2026.1"))),
        supplement_count=draw(counts),
        pause_known=draw(st.booleans()),
        personal_id_issued_on=draw(maybe(days)),
        personal_id_sent_on=draw(maybe(days)),
        source_overdue=draw(maybe(st.booleans())),
        online_payment=draw(maybe(st.booleans())),
        backfill=draw(st.booleans()),
        reason_code=draw(maybe(slugs)),
        assisted=draw(maybe(chosen(cases.Assisted))),
        age_band=draw(chosen(cases.AgeBand)),
        waiting_for=draw(maybe(slugs)),
        late_cause=draw(maybe(slugs)),
        mismatch=draw(maybe(chosen(cases.LinkedData))),
        mismatch_body=draw(maybe(slugs)),
        mismatch_from_on=draw(maybe(days)),
        mismatch_to_on=draw(maybe(days)),
        mismatch_earlier_to_on=draw(maybe(days)),
        entered_twice=draw(maybe(chosen(cases.LinkedData))),
        previous=draw(maybe(case_dates(units))),
    )


@st.composite
def common_answers(draw: st.DrawFn) -> problems.CommonAnswer:
    """Draw the answer of a problem; one that waits for means names its day."""
    kind = draw(chosen(problems.ProblemAnswerKind))
    return problems.CommonAnswer(
        answer_kind=kind,
        text=draw(maybe(text_refs)),
        document=draw(maybe(documents)),
        expected_on=draw(days if kind == "waiting_resources" else maybe(days)),
    )


@st.composite
def answers(draw: st.DrawFn) -> escalations.Answer:
    """Draw an answer; one that waits for means names its day."""
    kind = draw(chosen(fields.AnswerKind))
    expected_on = draw(days if kind == "waiting_resources" else maybe(days))
    return escalations.Answer(
        escalation_id=draw(st.uuids()),
        answer_kind=kind,
        text=draw(maybe(text_refs)),
        document=draw(maybe(documents)),
        expected_on=expected_on,
    )


_BY_FIELD: dict[str, st.SearchStrategy[Any]] = {
    "unit_code": commune_codes,
    "kind": slugs,
    "basis": maybe(sentences),
    "explanation_vi": sentences,
    "explanation_en": sentences,
    "clock_ids": st.lists(st.uuids(), min_size=1, max_size=3).map(tuple),
    "left_minutes": counts,
    "recheck_days": counts,
    "pause_reason": slugs,
    "fault_kind": slugs,
    "since": instants,
    "until": instants,
    "unit_codes": st.lists(unit_codes, min_size=1, max_size=3).map(tuple),
    "path": st.lists(slugs, min_size=2, max_size=3).map(tuple),
    "table_version": st.just("2026.1"),
    "calendar_version": st.just("2026.1"),
    "release": st.just("0.1.0"),
    "response_days": maybe(st.integers(0, 400)),
    "days": st.integers(0, 400),
    "case_seq": st.integers(0, 9_007_199_254_740_991),
    "people_affected": maybe(counts),
    "cases_blocked": maybe(counts),
    "cases_overdue": maybe(counts),
    "measured_count": counts,
    "threshold_count": counts,
    "measure": slugs,
    "outbox_count": counts,
    "other_bodies": st.lists(slugs, max_size=3).map(tuple),
    "document": documents,
    "reason": text_refs,
    "scope": scopes,
    "by_unit": scopes,
    "province_code": province_codes,
    "body": slugs,
    "department": slugs,
    "promiser": slugs,
    "household_count": maybe(counts),
    "period": periods_of_reports,
    "joined_by": st.uuids(),
    "member_count": counts,
    "confirmed_count": counts,
    "number": st.integers(1, 10_000),
    "likeness": maybe(st.integers(0, 100)),
    "people_count": counts,
    "receiver": slugs,
}
"""How the fields of the plainer payloads are drawn, where their type alone does not say it."""

_BY_SUFFIX: tuple[tuple[str, st.SearchStrategy[Any]], ...] = (
    ("_at", instants),
    ("_on", days),
    ("_id", st.uuids()),
    ("_body", slugs),
)

_TEXTS = {"place", "tried", "text", "question", "title", "note", "village"}


filed_lines = st.lists(
    st.builds(
        periods.FiledLine,
        field_code=slugs,
        channel=chosen(fields.Channel),
        received=counts,
        carried_over=counts,
    ),
    max_size=3,
).map(tuple)
communes = st.lists(commune_codes, min_size=1, max_size=3).map(tuple)


def confirmations() -> st.SearchStrategy[periods.Confirmation]:
    """Draw the figures that a commune confirms: a period without any is a zero report."""
    positions = st.lists(
        st.builds(
            periods.LogPosition,
            topic=st.sampled_from(["cases", "cases-backfill"]),
            partition=st.integers(0, 7),
            offset=counts,
        ),
        max_size=3,
    ).map(tuple)
    gaps = st.lists(
        st.builds(
            periods.LogGap,
            topic=st.sampled_from(["cases", "cases-backfill"]),
            partition=st.integers(0, 7),
            first=counts,
            last=counts,
        ),
        max_size=2,
    ).map(tuple)
    return filed_lines.flatmap(
        lambda held: st.builds(
            periods.Confirmation,
            unit_code=commune_codes,
            period=periods_of_reports,
            person=st.uuids(),
            first_on=days,
            last_on=days,
            nothing_occurred=st.just(not held),
            epoch=st.integers(1, 9),
            positions=positions,
            gaps=gaps,
            lines=st.just(held),
        )
    )


def any_attachment() -> st.SearchStrategy[attachments.Attachment]:
    """Draw an attachment: of a report, or with the escalation that it belongs to."""
    of_report = st.tuples(st.just("report"), st.none())
    of_escalation = st.tuples(st.sampled_from(["proposal", "answer"]), st.uuids())
    return (of_report | of_escalation).flatmap(
        lambda place: st.builds(
            attachments.Attachment,
            attachment_id=st.uuids(),
            unit_code=commune_codes,
            purpose=st.just(place[0]),
            kind=chosen(attachments.AttachmentKind),
            sha256=case_keys,
            size=st.integers(1, 100_000_000),
            escalation_id=st.just(place[1]),
        )
    )


def payloads(cls: type[Payload]) -> st.SearchStrategy[Any]:
    """Draw any payload of a class of the contract."""
    made: dict[type[Payload], st.SearchStrategy[Any]] = {
        CaseState: case_states(),
        attachments.Attachment: any_attachment(),
        escalations.Answer: answers(),
        problems.CommonAnswer: common_answers(),
        periods.Confirmation: confirmations(),
        periods.Reminder: _built(periods.Reminder, unit_codes=communes),
        periods.SumConfirmation: _built(
            periods.SumConfirmation,
            receiver=slugs,
            parts=st.lists(
                st.builds(periods.SummedPart, unit_code=commune_codes, confirmed_id=st.uuids()),
                min_size=1,
                max_size=3,
            ).map(tuple),
            missing=st.lists(commune_codes, max_size=3).map(tuple),
            lines=filed_lines,
        ),
    }
    return made[cls] if cls in made else _built(cls)


def _built(cls: type[Payload], **own: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a payload: some fields by strategies of its own, the others by their names and types."""
    return st.builds(
        cls, **{name: own[name] if name in own else _field(cls, name) for name in cls.model_fields}
    )


def _field(cls: type[Payload], name: str) -> st.SearchStrategy[Any]:
    info = cls.model_fields[name]
    if name in _BY_FIELD:
        return _BY_FIELD[name]
    optional = (lambda one: one) if info.is_required() else maybe
    if name in _TEXTS:
        return optional(text_refs)
    if name == "row_id":
        return optional(sentences)
    for suffix, strategy in _BY_SUFFIX:
        if name.endswith(suffix):
            return optional(strategy)
    values = _literal_values(info.annotation)
    return st.sampled_from(values) if values else st.from_type(cast("type[Any]", info.annotation))


def _literal_values(annotation: Any) -> tuple[Any, ...]:
    """Return what a Literal, or a Literal or None, allows."""
    values: list[Any] = []
    for part in get_args(annotation):
        if part is type(None):
            values.append(None)
        elif isinstance(part, str):
            values.append(part)
        else:
            values += _literal_values(part)
    return tuple(values)


@st.composite
def events_of(draw: st.DrawFn, cls: type[Envelope]) -> Envelope:
    """Draw any event of one type."""
    data = draw(payloads(cls.model_fields["data"].annotation))  # type: ignore[arg-type]  # a Payload class
    recorded_at = draw(instants)
    is_case = issubclass(cls, cases.CaseEvent)
    unit = data.unit_code if isinstance(data, (CaseState, IssueReport)) else draw(commune_codes)
    at_once, by_itself = is_case and draw(st.booleans()), is_case and draw(st.booleans())
    return cls(
        id=draw(st.uuids()),
        source=f"/vn/{draw(province_codes)}/{unit}",  # type: ignore[call-arg]  # every subclass has its data
        subject=draw(case_keys) if is_case else str(draw(st.uuids())),
        time=recorded_at
        if at_once
        else recorded_at + draw(st.timedeltas(-dt.timedelta(days=30), ALLOWED_SKEW)),
        recorded_at=recorded_at,
        partition_key=draw(st.just(unit) | slugs) if is_case else str(draw(st.uuids())),
        causation_id=draw(maybe(st.uuids())),
        expected_version=draw(maybe(st.integers(0, 1000))),
        actor_role=draw(maybe(chosen(Role))),
        actor_unit=unit if by_itself else draw(maybe(unit_codes)),
        actor_body=f"{unit}.ubnd" if by_itself else draw(maybe(slugs)),
        on_behalf_of=draw(maybe(slugs)),
        data=data,
    )


any_case: st.SearchStrategy[cases.CaseEvent] = st.one_of([events_of(cls) for cls in cases.CASE_EVENTS]).map(
    lambda event: cast("cases.CaseEvent", event)
)
"""Any event of a case."""

any_event: st.SearchStrategy[Envelope] = st.one_of([events_of(cls) for cls in ALL_EVENTS])
"""Any event of the contract."""


def written_out(event: Envelope) -> bytes:
    """Return an event with all stated that a writer may leave out."""
    raw = orjson.loads(event.model_dump_json(by_alias=True, exclude_none=True))
    if event.actor_role in cases.COMMUNE_ROLES:
        raw = {"actorunit": None, "actorbody": None} | raw
    return orjson.dumps(raw)


def written_first(event: cases.CaseEvent) -> bytes:
    """Return an event of a case as version 1 was written, with all stated and an absent actor nobody."""
    raw = orjson.loads(event.model_dump_json(by_alias=True, exclude_none=True))
    return orjson.dumps(raw | {"dataschema": f"urn:liencap:{event.type}:1"})
