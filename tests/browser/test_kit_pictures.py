"""The page of all components looks as its pictures do; `scripts/pictures.py` takes them anew where a change is meant."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import ROOT, Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.warehouse, pytest.mark.slow]

KEPT = ROOT / "docs" / "pictures"
SIZES = {"light": (1366, 900), "dark": (1366, 900), "phone": (390, 844)}
BLOCK = 8
FAR = 24
"""Grey levels, of 255, that the mean of a block may be away: a glyph drawn by another library is not, a moved edge is."""
MOST = 6
"""Blocks that may be further away."""

# Both pictures are drawn so small that a block becomes one pixel; what comes back are the blocks that differ.
DIFFER = """async ([one, other, block, far]) => {
  const drawn = await Promise.all([one, other].map(async source => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const width = Math.round(image.width / block), height = Math.round(image.height / block);
    const canvas = Object.assign(document.createElement('canvas'), {width, height});
    const brush = canvas.getContext('2d');
    brush.imageSmoothingQuality = 'high';
    brush.drawImage(image, 0, 0, width, height);
    return {width, height, pixels: brush.getImageData(0, 0, width, height).data};
  }));
  const [a, b] = drawn;
  if (a.width !== b.width || a.height !== b.height) return [[`${a.width}x${a.height}`, `${b.width}x${b.height}`]];
  const found = [];
  for (let at = 0; at < a.pixels.length; at += 4) {
    const off = Math.max(...[0, 1, 2].map(c => Math.abs(a.pixels[at + c] - b.pixels[at + c])));
    if (off > far) found.push([(at / 4) % a.width * block, Math.floor(at / 4 / a.width) * block, off]);
  }
  return found;
}"""


def differing(chromium: Browser, one: bytes, other: bytes) -> list[list[object]]:
    """Return place and distance of the blocks in which two JPEG pictures differ, or both sizes where these do."""
    page = chromium.new_page()
    sources = [f"data:image/jpeg;base64,{base64.b64encode(each).decode()}" for each in (one, other)]
    found: list[list[object]] = page.evaluate(DIFFER, [*sources, BLOCK, FAR])
    page.close()
    return found


@pytest.fixture(scope="module")
def picture(chromium: Browser, site: Site) -> Callable[..., bytes]:
    """Return how the page of components looks, with a rule of style added where one is given; each is taken once."""

    @cache
    def picture(view: str, style: str = "") -> bytes:
        width, height = SIZES[view]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if view == "dark" else "light",
            is_mobile=view == "phone",
            has_touch=view == "phone",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
            bypass_csp=True,
        )
        visitor = Visitor(context, context.new_page(), site)
        visitor.sign_in("province_reviewer-38")
        visitor.go("/kieu")
        visitor.page.evaluate("document.fonts.ready.then(() => true)")
        if style:
            visitor.page.add_style_tag(content=style)
        taken = visitor.page.locator("main").screenshot(type="jpeg", quality=80)
        context.close()
        return taken

    return picture


@pytest.mark.parametrize("view", SIZES)
def test_every_component_looks_as_in_its_picture(
    chromium: Browser, picture: Callable[..., bytes], view: str
) -> None:
    kept = (KEPT / f"components-{view}.jpg").read_bytes()
    found = differing(chromium, kept, picture(view))
    assert found[MOST:] == [], (
        "look at /kieu; where the change is meant: scripts/pictures.py --only components"
    )


@pytest.mark.parametrize("rule", ["main .lc-row { padding-left: 40px }", "main .lc-state { color: #c00 }"])
def test_a_changed_component_is_seen(chromium: Browser, picture: Callable[..., bytes], rule: str) -> None:
    assert len(differing(chromium, picture("light"), picture("light", rule))) > MOST
