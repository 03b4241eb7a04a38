"""The rail leads nobody to a page that refuses them."""

from __future__ import annotations

import re

import pytest

from services.web.sign_in.personas import PERSONAS, Persona
from tests.services.test_pages import browser
from tests.services.world import World

RAIL = re.compile(r'<nav class="lc-rail.*?</nav>', re.DOTALL)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
def test_every_place_in_the_rail_of_a_persona_opens(shared_world: World, persona: Persona) -> None:
    with browser(shared_world, persona.key) as client:
        home = client.get("/", follow_redirects=True).text
        places = set(re.findall(r'href="(/[^"?#]*)"', "".join(RAIL.findall(home))))
        assert len(places) > 1
        for place in places:
            answer = client.get(place, follow_redirects=True)
            assert answer.status_code == 200, (place, answer.status_code)
