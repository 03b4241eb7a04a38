from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.connectors.event_log import cases_of
from services.connectors.mapping import Mapping
from services.connectors.records import Record

MAPPING = Mapping.model_validate(
    {
        "kind": "events",
        "columns": {"MaHoSo": "case", "activity": "what", "timestamp": "when"},
        "status": {"by_activity": {"Nhận": 2, "Xử lý": 4, "Trả": 10}},
    }
)


def _event(number: int, case: str, what: str, day: int) -> Record:
    return Record(
        number, {"MaHoSo": case, "activity": what, "timestamp": f"2026-10-{day:02d}T08:00:00+07:00"}
    )


def test_a_case_begins_with_its_first_event_and_has_the_status_of_its_last_known_activity() -> None:
    events = [
        _event(1, "a", "Xử lý", 3),
        _event(2, "b", "Nhận", 5),
        _event(3, "a", "Nhận", 1),
        _event(4, "a", "Điện thoại", 9),
    ]
    first, second = cases_of(events, MAPPING)
    assert first.values["NgayTiepNhan"] == "2026-10-01T08:00:00+07:00"
    assert (first.values["activity"], first.values["NgayTrangThai"]) == ("4", "2026-10-03T08:00:00+07:00")
    assert (second.values["MaHoSo"], second.values["activity"]) == ("b", "2")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["Nhận", "Xử lý", "Trả", "Gọi"])),
        min_size=1,
        max_size=20,
    ),
    st.randoms(),
)
def test_the_order_of_events_in_the_file_does_not_matter(
    drawn: list[tuple[str, str]], shuffle: object
) -> None:
    events = [_event(n, case, what, n + 1) for n, (case, what) in enumerate(drawn)]
    mixed = list(events)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis hands over a Random

    def by_code(found: list[Record]) -> dict[str, dict[str, str]]:
        return {record.values["MaHoSo"]: dict(record.values) for record in found}

    assert by_code(list(cases_of(events, MAPPING))) == by_code(list(cases_of(mixed, MAPPING)))


def test_a_broken_event_is_named_and_harms_no_case() -> None:
    events = [
        _event(1, "a", "Nhận", 1),
        Record(2, {"MaHoSo": "a", "activity": "Trả", "timestamp": "hôm qua"}),
        Record(3, {"activity": "Trả", "timestamp": "2026-10-01T08:00:00+07:00"}),
        Record(4, {}, "the line is not in the encoding"),
    ]
    found = list(cases_of(events, MAPPING))
    assert [(record.number, record.error) for record in found] == [
        (2, "timestamp: not an instant in any form of dates.forms"),
        (3, "MaHoSo: is missing"),
        (4, "the line is not in the encoding"),
        (1, None),
    ]
