"""The search of the report form, run as the browser runs it: by what people say, with or without accents."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from services.web.shell.assets import STATIC
from tests.reporting.competence_tables import AUTUMN
from tests.reporting.stories import tables

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node.js to run the script of the form")
SAID = {
    "không có mạng": "mobile_dead_spot",
    "khong co mang": "no_fixed_internet",
    "viettel": "mobile_dead_spot",
    "Mạng yếu": "no_fixed_internet",
    "mang yeu": "no_fixed_internet",
    "mất điện liên tục": "power_unstable",  # one word that nobody listed empties nothing
    "điện lực": "power_unstable",
    "đền bù": "land_allocation",
    "cccd": "vneid_household_mismatch",
    "bhyt": "medicine_insurance",
    "tập huấn": "staff_competence_gap",
    "ngân sách": "regular_budget",
    "bão": "disaster_road_bridge",
    "cô lập": "disaster_road_bridge",
    "dự toán": "regular_budget",
    "sổ đỏ": "land_db_not_connected",
    "khiếu nại": "unclear",
    "power cut": "power_unstable",
}


def ranked(asked: list[str]) -> list[list[str]]:
    """Return what the script finds for each of these, the best first."""
    words = tables().kind_words.on(AUTUMN)
    phrases = {
        kind.key: ";".join(
            (kind.name_vi, kind.name_en, *words[kind.key].short, *sum(words[kind.key].searched, ()))
        )
        for kind in tables().competence.kinds(AUTUMN)
    }
    script = (STATIC / "kind_search.js").read_text(encoding="utf-8") + (
        f"const entries = Object.entries({json.dumps(phrases)}).map(([key, said]) => KindSearch.entry(key, said));"
        f"console.log(JSON.stringify({json.dumps(asked)}.map((asked) => KindSearch.rank(entries, asked))));"
    )
    done = subprocess.run([str(NODE), "-e", script], capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_a_kind_is_among_the_first_by_what_people_say() -> None:
    found = dict(zip(SAID, ranked(list(SAID)), strict=True))
    assert {said: keys for said, keys in found.items() if SAID[said] not in keys} == {}
    assert max(len(keys) for keys in found.values()) <= 5


def test_accents_that_were_typed_are_not_thrown_away() -> None:
    [storm, insurance] = ranked(["bão", "bảo hiểm"])
    assert not set(storm) & {"medicine_insurance", "social_benefit_delay"}
    assert "medicine_insurance" in insurance


def test_a_word_of_no_kind_finds_nothing() -> None:
    assert ranked(["khongcogi", "", " , "]) == [[], [], []]
