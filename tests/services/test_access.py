from __future__ import annotations

import datetime as dt
from typing import cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import Role
from services.access.actors import Actor
from services.access.keys import Keys
from services.access.policy import MAY, Action, may, may_see_issue, require
from services.access.sessions import digest_of, new_key, with_subject
from services.access.standing import check_known
from services.access.tokens import (
    ROLES,
    checked_actor,
    create_token,
    of_person,
    read_token,
)
from services.dated_tables import load_tables
from services.errors import BadInput, Forbidden, SetupError, Unauthenticated

SECRET = "a secret for tests only"
NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HERE, SIBLING, ELSEWHERE = "15607", "14758", "00004"


UNITS = load_tables().units
UNIT_OF_ROLE = {"commune": HERE, "province": "38", "department": "38", "ministry": "vn"}


def actor(role: Role, unit_code: str | None = None, body: str | None = None) -> Actor:
    unit = unit_code or UNIT_OF_ROLE.get(role.split("_", 1)[0], "38")
    return checked_actor(Actor(role, unit, body))


def test_a_token_names_the_actor_it_was_made_for() -> None:
    token = create_token(SECRET, Actor("department_officer", "38", "38.so_khcn"), DAY, NOW)
    found = read_token(Keys(SECRET), token, NOW + DAY / 2).actor
    assert (found.role, found.unit_code, found.body) == ("department_officer", "38", "38.so_khcn")
    assert found.subject != "anonymous"


def test_a_token_of_a_person_is_the_same_person_when_renewed_and_one_without_is_another_each_time() -> None:
    chair = Actor("commune_chair", HERE)

    def made(one: Actor) -> Actor:
        return read_token(Keys(SECRET), create_token(SECRET, one, DAY, NOW), NOW).actor

    named, renewed = (made(of_person(chair, "cb-0042")) for _ in range(2))
    assert named == renewed
    assert named.is_named
    first, second = made(chair), made(chair)
    assert first.subject != second.subject
    assert not first.is_named
    assert of_person(chair, "NV01") == of_person(chair, "nv01")
    # Who signs in with such a token is still no person.
    assert not with_subject(first).is_named
    assert not with_subject(chair).is_named
    for wrong in (
        "",
        "anonymous",
        "Anonymous",
        first.subject,
        "ABCDEF0123456789",
        "Nguyễn Văn A",
        "a b",
        "x" * 65,
    ):
        with pytest.raises(BadInput):
            of_person(chair, wrong)


def test_a_token_expires() -> None:
    token = create_token(SECRET, Actor("auditor", "vn"), DAY, NOW)
    with pytest.raises(Unauthenticated, match="expired"):
        read_token(Keys(SECRET), token, NOW + DAY)


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), letter=st.sampled_from("AaZz09-_"))
def test_a_changed_token_does_not_hold(position: int, letter: str) -> None:
    token = create_token(SECRET, Actor("commune_officer", HERE), DAY, NOW)
    at = position % (len(token) - 1)  # the last letter of base64 carries spare bits
    changed = token[:at] + letter + token[at + 1 :]
    if changed != token:
        with pytest.raises(Unauthenticated):
            read_token(Keys(SECRET), changed, NOW)


def test_a_token_of_another_installation_does_not_hold() -> None:
    token = create_token("another secret, elsewhere", Actor("administrator", "vn"), DAY, NOW)
    with pytest.raises(Unauthenticated):
        read_token(Keys(SECRET), token, NOW)


@pytest.mark.parametrize(
    ("role", "unit_code", "body"),
    [
        ("mayor", "38", None),
        ("system", "vn", None),
        ("commune_officer", "99999", None),
        ("commune_officer", "xx", None),
        ("commune_officer", "38", None),
        ("department_officer", "38", "38.so_gi_do"),
        ("department_officer", "38", "01.so_khcn"),
    ],
)
def test_a_role_a_unit_or_a_body_that_is_not_known_here_is_nobody(
    role: str, unit_code: str, body: str | None
) -> None:
    tables = load_tables()
    with pytest.raises(Unauthenticated):
        check_known(Actor(cast("Role", role), unit_code, body), tables.units, tables.bodies)


def test_who_reads_the_store_finds_no_key_there() -> None:
    key = new_key()
    assert len(key) >= 43  # 256 bit in base64
    assert digest_of(key) != key
    assert digest_of(key) == digest_of(key)
    assert [digest_of(text) for text in ("é", "x" * 101)] == [None, None]


def test_a_short_secret_signs_nothing() -> None:
    with pytest.raises(SetupError):
        create_token("short", Actor("auditor", "vn"), DAY, NOW)


@pytest.mark.parametrize("lifetime", [dt.timedelta(0), dt.timedelta(days=-1), dt.timedelta(days=4000)])
def test_a_lifetime_is_bounded(lifetime: dt.timedelta) -> None:
    with pytest.raises(BadInput):
        create_token(SECRET, Actor("auditor", "vn"), lifetime, NOW)


@pytest.mark.parametrize(
    ("role", "unit_code", "field"),
    [
        ("commune_officer", "38", "unit"),
        ("commune_chair", "vn", "unit"),
        ("province_reviewer", HERE, "unit"),
        ("department_officer", "vn", "unit"),
        ("ministry_officer", "38", "unit"),
        ("auditor", "thanh-hoa", "unit"),
        ("auditor", "¹²", "unit"),
        ("mayor", "38", "role"),
        ("system", "vn", "role"),
    ],
)
def test_a_role_works_at_its_level(role: Role, unit_code: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked_actor(Actor(role, unit_code))
    assert refused.value.field == field


def test_a_body_belongs_to_the_unit() -> None:
    with pytest.raises(BadInput) as refused:
        checked_actor(Actor("department_officer", "38", "01.so_khcn"))
    assert refused.value.field == "body"


def test_a_role_with_one_body_is_given_it() -> None:
    assert actor("commune_clerk").body == f"{HERE}.ubnd"
    assert actor("province_reviewer").body == "38.vp_ubnd"
    assert actor("province_leader").body == "38.ubnd"
    assert actor("department_officer").body is None


# What each role may do to its own commune's things, to a sibling's, to another province's. `lead` is the body whose
# step it is, where the action is a step.
OWN, PROVINCE, ALL = {HERE}, {HERE, SIBLING}, {HERE, SIBLING, ELSEWHERE}
TABLE: list[tuple[Action, str | None, dict[str, set[str]]]] = [
    ("cases.sync", None, {"commune_officer": OWN, "commune_chair": OWN, "administrator": PROVINCE}),
    (
        "cases.read",
        None,
        {
            **dict.fromkeys(("commune_officer", "commune_chair", "commune_clerk"), OWN),
            **dict.fromkeys(("province_reviewer", "province_leader", "auditor", "administrator"), PROVINCE),
        },
    ),
    (
        "issue.report",
        None,
        {
            **dict.fromkeys(("commune_officer", "commune_chair", "commune_clerk"), OWN),
            "province_reviewer": PROVINCE,
        },
    ),
    ("deliveries.read", None, dict.fromkeys(("auditor", "administrator"), PROVINCE)),
    (
        "subscriptions.change",
        "38.so_khcn",
        {"commune_chair": OWN, "department_leader": PROVINCE, "administrator": PROVINCE},
    ),
    (
        "annex.read",
        None,
        {
            **dict.fromkeys(("commune_officer", "commune_chair", "commune_clerk"), OWN),
            **dict.fromkeys(("auditor", "administrator"), PROVINCE),
        },
    ),
    (
        "annex.correct",
        None,
        dict.fromkeys(("commune_officer", "commune_chair", "commune_clerk"), OWN),
    ),
    ("text.erase", None, dict.fromkeys(("auditor", "administrator"), PROVINCE)),
    (
        "rollups.read",
        None,
        {
            **dict.fromkeys(("commune_officer", "commune_chair", "commune_clerk"), OWN),
            **dict.fromkeys(
                (
                    "province_reviewer",
                    "province_leader",
                    "department_officer",
                    "department_leader",
                    "auditor",
                    "administrator",
                ),
                PROVINCE,
            ),
            **dict.fromkeys(("ministry_viewer", "ministry_officer"), ALL),
        },
    ),
]


@pytest.mark.parametrize(
    ("action", "body", "allowed"), TABLE, ids=lambda value: value if isinstance(value, str) else None
)
def test_the_policy_table_says_who_may(
    action: Action, body: str | None, allowed: dict[str, set[str]]
) -> None:
    for role in get_args(Role):
        if role == "system":
            continue
        who = actor(role)
        found = {unit for unit in ALL if may(who, action, unit, body, units=UNITS)}
        assert found == allowed.get(role, set()), (action, body, role)


def test_every_action_has_a_row_and_every_role_exists() -> None:
    assert set(MAY) == set(get_args(Action))
    assert {role for row in MAY.values() for role in row} <= set(ROLES)


def test_the_product_itself_never_asks_through_the_door() -> None:
    system = Actor("system", "vn")
    assert not any(may(system, action, HERE, "38.so_khcn", units=UNITS) for action in MAY)


def test_a_ministry_sees_an_issue_only_once_it_is_asked() -> None:
    who = actor("ministry_viewer", "vn", "bo_khcn")
    assert not may_see_issue(who, HERE, ["38.so_khcn"], units=UNITS)
    assert may_see_issue(who, HERE, ["38.so_khcn", "bo_khcn"], units=UNITS)
    assert not may_see_issue(who, HERE, ["bo_tc"], units=UNITS)


def test_a_commune_sees_its_own_issues_only() -> None:
    assert may_see_issue(actor("commune_clerk"), HERE, [], units=UNITS)
    assert not may_see_issue(actor("commune_clerk"), SIBLING, [f"{HERE}.ubnd"], units=UNITS)


def test_require_says_who_may_not_do_what_where() -> None:
    with pytest.raises(Forbidden, match=r"commune_officer of 15607 may not do cases\.read in unit 14758"):
        require(actor("commune_officer"), "cases.read", SIBLING, units=UNITS)


@settings(max_examples=200, deadline=None)
@given(
    role=st.sampled_from(ROLES),
    action=st.sampled_from(sorted(MAY)),
    body=st.sampled_from([None, "38.so_khcn"]),
)
def test_nobody_below_the_nation_reaches_another_province(
    role: Role, action: Action, body: str | None
) -> None:
    who = actor(role)
    if who.unit_code != "vn" and action != "tables.read":
        assert not may(who, action, ELSEWHERE, body, units=UNITS)
