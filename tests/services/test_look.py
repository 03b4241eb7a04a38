"""The look as sources say it: values in one file, rules in another, colours that can be read, icons and rows that keep their word."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.dated.calendar import build_calendar
from services.language.formats import Formats
from services.language.labels import LANGS, load_labels
from services.web.figures.five_numbers import Number
from services.web.figures.number_cards import cards_of
from services.web.shell.cards import line_of
from services.web.shell.dues import Due, Dues
from services.web.shell.icons import icon
from services.web.shell.navigation import MOST_IN_BAR, NAVIGATION, Place, in_bar
from services.web.shell.rows import Row
from tests.reporting.tables import shipped

WEB = Path(__file__).resolve().parents[2] / "services" / "web"
STATIC = WEB / "static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
COMPONENTS = (STATIC / "components.css").read_text(encoding="utf-8")
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


def _bare(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def _blocks(css: str, selector: str) -> list[dict[str, str]]:
    found = re.findall(re.escape(selector) + r"\s*\{([^}]*)\}", _bare(css))
    return [dict(re.findall(r"(--[\w-]+|color-scheme):\s*([^;]+);", block)) for block in found]


LIGHT = _blocks(TOKENS, ":root")[0]
DARK = LIGHT | _blocks(TOKENS, '[data-theme="dark"]')[0]


def test_a_heading_names_what_stands_under_it_and_not_how_many_figures_there_are() -> None:
    headed = re.compile(
        r'''(?:<h[123][^>]*>|r\.part\("[^"]*", |g\.(?:cards|numbers)\(\w+, )[^\n]*?t\("([\w.-]+)"'''
    )
    keys = {key for path in TEMPLATES for key in headed.findall(path.read_text(encoding="utf-8"))}
    labels = load_labels()
    said = {
        key: labels.catalogues[lang][key] for key in keys for lang in LANGS if key in labels.catalogues[lang]
    }
    assert len(said) > 20
    assert [key for key, words in said.items() if re.search(r"con số\b|\bnumbers\b", words)] == []


def test_the_dark_of_a_choice_and_the_dark_of_the_system_are_one() -> None:
    [chosen] = _blocks(TOKENS, '[data-theme="dark"]')
    [system] = _blocks(TOKENS, ":root:not([data-theme])")
    assert chosen == system
    assert set(chosen) <= set(LIGHT)


def test_tokens_are_values_and_components_hold_no_colour() -> None:
    declared = re.findall(r"[{;]\s*([\w-]+)\s*:", _bare(TOKENS))
    assert {name for name in declared if not name.startswith("--lc-")} == {"color-scheme"}
    drawn = re.sub(r'url\("[^"]*"\)', "", _bare(COMPONENTS))
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)|hsla?\(", drawn) == []
    used = set(re.findall(r"var\((--lc-[\w-]+)", COMPONENTS))
    assert sorted(used - set(LIGHT)) == []


def test_no_rule_stands_outside_tokens_and_components() -> None:
    assert {path.name for path in STATIC.glob("*.css")} == {
        "tokens.css",
        "components.css",
        "fonts.css",
    }
    fonts = (STATIC / "fonts.css").read_text(encoding="utf-8")
    assert re.sub(r"@font-face \{[^}]*\}", "", _bare(fonts)).strip() == ""


KNOWN = {"lc", *re.findall(r"\.((?:lc|is)-[\w-]+)", COMPONENTS)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_page_has_no_class_without_a_rule(path: Path) -> None:
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # A class that a value completes ends in a dash.
    named = {name for found in re.findall(r'class="([^"]*)"', plain) for name in found.split()}
    assert sorted(name for name in named - KNOWN if not name.endswith("-")) == []


def _channels(value: str, theme: dict[str, str]) -> tuple[float, float, float]:
    while found := re.fullmatch(r"var\((--[\w-]+)\)", value.strip()):
        value = theme[found[1]]
    found = re.fullmatch(r"#([0-9a-f]{6})", value.strip())
    assert found is not None, value
    red, green, blue = (int(found[1][at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _luminance(token: str, theme: dict[str, str]) -> float:
    linear = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in _channels(theme[f"--lc-{token}"], theme)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(ink: str, ground: str, theme: dict[str, str]) -> float:
    low, high = sorted((_luminance(ink, theme), _luminance(ground, theme)))
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("ground", "surface", "sunken", "raised", "hover", "selected")
READ = [
    *((ink, ground, 4.5) for ink in ("ink", "ink-2", "link") for ground in GROUNDS),
    *(("ink-3", ground, 4.5) for ground in ("ground", "surface", "sunken", "raised")),
    *((state, ground, 4.5) for state in ("late", "near", "ok", "paused") for ground in GROUNDS),
    *((f"{state}", f"{state}-wash", 4.5) for state in ("late", "near", "ok", "paused", "waiting", "info")),
    ("urgent-ink", "urgent-fill", 4.5),
    ("brand-ink", "brand", 4.5),
    ("brand-ink", "brand-hover", 4.5),
    ("head-ink", "head", 4.5),
    ("head-ink-2", "head", 4.5),
    ("ochre-ink", "ochre", 4.5),
    *(("ink", f"seq-{step}", 4.5) for step in range(1, 5)),
    *(("seq-ink", f"seq-{step}", 4.5) for step in range(6, 8)),
    *(("outline", ground, 3.0) for ground in ("ground", "surface", "raised")),
    *(("focus", ground, 3.0) for ground in GROUNDS),
    ("focus-head", "head", 3.0),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_ink_can_be_read_on_every_ground_that_it_meets(theme: dict[str, str]) -> None:
    weak = {
        (ink, ground): round(ratio, 2)
        for ink, ground, least in READ
        if (ratio := _contrast(ink, ground, theme)) < least
    }
    assert weak == {}


@pytest.mark.parametrize(("theme", "rises"), [(LIGHT, False), (DARK, True)], ids=["light", "dark"])
def test_the_scale_of_magnitude_goes_one_way(theme: dict[str, str], *, rises: bool) -> None:
    steps = [_luminance(f"seq-{step}", theme) for step in range(1, 8)]
    assert all((low < high) == rises for low, high in pairwise(steps))


def test_an_icon_that_the_sprite_lacks_is_no_icon() -> None:
    assert 'aria-hidden="true"' in icon("bell", 24, "lc-turn")
    with pytest.raises(ValueError, match="no-such-icon"):
        icon("no-such-icon")


def _dues(lang: str = "vi") -> Dues:
    calendar = build_calendar(shipped("calendar_overrides.csv"))
    return Dues(calendar, dt.date(2026, 11, 30), Formats("en" if lang == "en" else "vi"), load_labels())


def test_a_day_is_said_from_today_with_its_date_beside() -> None:
    late = _dues().on(dt.date(2026, 11, 26), days_kind="working", is_reminder=True)
    assert late == Due("late", "quá 2 ngày", "mốc 26/11", "mốc nhắc 26/11/2026")
    assert _dues("en").on(dt.date(2026, 12, 1)) == Due("soon", "1 day left", "due 1 Dec", "due 2026-12-01")
    assert _dues().on(dt.date(2026, 11, 30)).tone == "near"
    assert _dues().on(dt.date(2027, 1, 4)).note == "hạn 04/01/2027"


@pytest.mark.parametrize(
    ("lang", "is_reminder", "words"),
    [("vi", True, "quá mốc hôm nay"), ("vi", False, "quá hạn hôm nay"), ("en", False, "passed today")],
)
def test_a_deadline_whose_last_hour_has_passed_is_not_said_to_be_today(
    lang: str, words: str, *, is_reminder: bool
) -> None:
    dues, today = _dues(lang), dt.date(2026, 11, 30)
    found = dues.passed(dues.on(today, is_reminder=is_reminder), today, is_reminder=is_reminder)
    assert (found.tone, found.words) == ("late", words)
    yesterday = dt.date(2026, 11, 27)
    before = dues.on(yesterday, is_reminder=is_reminder)
    assert dues.passed(before, yesterday, is_reminder=is_reminder) == before


def test_what_is_grave_has_the_edge_of_what_is_late_unless_its_days_say_more() -> None:
    assert Row(name="a", is_urgent=True).tone == "urgent"
    assert Row(name="a", is_urgent=True, due=Due("plain", "còn 7 ngày")).tone == "urgent"
    assert Row(name="a", is_urgent=True, due=Due("paused", "tạm dừng")).tone == "paused"
    assert Row(name="a", due=Due("near", "hôm nay"), edge="info").tone == "info"


def test_a_zero_is_quiet_and_what_is_not_known_is_a_dash() -> None:
    numbers = [
        Number("overdue", 0, "late"),
        Number("overdue", 3, "late"),
        Number("coverage", None, is_share=True),
    ]
    nought, loud, unknown = cards_of(numbers, load_labels(), "vi", {})
    assert (nought.is_zero, nought.tone, nought.value) == (True, "plain", "0")
    assert (loud.is_zero, loud.tone, loud.value) == (False, "late", "3")
    assert (unknown.is_zero, unknown.value, unknown.note) == (True, "–", "chưa có số liệu")


@given(st.lists(st.floats(-1e6, 1e6), max_size=40))
def test_a_line_stays_in_its_box_and_ends_at_the_last_value(values: list[float]) -> None:
    line = line_of(values)
    if len(values) < 2:
        assert line is None
        return
    assert line is not None
    points = [tuple(map(float, point.split())) for point in line.path.removeprefix("M").split(" L")]
    assert len(points) == len(values)
    assert all(0 <= x <= 80 and 0 <= y <= 24 for x, y in points)
    assert points[-1] == (line.end_x, line.end_y)


def test_the_bar_of_a_phone_has_room_and_hides_no_place() -> None:
    places = tuple(Place(f"/{at}", "today", "bell") for at in range(7))
    for count in range(len(places) + 1):
        shown, others = in_bar(places[:count])
        assert shown + others == places[:count]
        assert len(shown) + bool(others) <= MOST_IN_BAR
    labels = load_labels()
    keys = {place.key for level in NAVIGATION.values() for place in level}
    assert [key for key in keys if not (labels.has(f"nav.{key}") and labels.has(f"nav_short.{key}"))] == []
