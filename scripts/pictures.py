"""Take a picture of every kind of page by day, by night and on a phone, in the demo, and write them to docs/pictures.

Run: .venv/bin/python scripts/pictures.py [--days 30] [--address http://127.0.0.1:8000] [--to docs/pictures]
Without an address a demo of its own is filled first. What a page complains about (its console, its faults) is printed
and makes the command fail. With --before the demo at the address is that of a release before the pages had this look
(d444581): the kinds that it had are taken, smaller, into docs/pictures/before; docs/pictures/README.md shows both.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
VIEWS = {
    "light": (1366, 900, "light"),
    "dark": (1366, 900, "dark"),
    "phone": (390, 844, "light"),
}
QUALITY = 60
SCALE = 2 / 3
BEFORE_SCALE = 1 / 2
"""All pictures together are a few megabytes: of a page is seen how it looks, and its words can be read."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page: where it is, or on which page its first link stands."""

    name: str
    path: str
    link: str = ""
    part: str = ""
    """What of the page is taken, whole and in full size, as a test compares it; without one, its first screen."""
    before: str | None = ""
    """The path where it was before the look, if another; none where there was no such page."""


DESKS: dict[str, tuple[Kind, ...]] = {
    "": (Kind("sign-in", "/"), Kind("offline", "/khung/ngoai-tuyen")),
    "commune_officer-15607": (
        Kind("commune-home", "/xa"),
        Kind("commune-issues", "/xa/kho-khan"),
        Kind("commune-issue", "/xa/kho-khan", "main a[href*='/xa/kho-khan/']:not([href$='/moi'])"),
        Kind("report-form", "/xa/kho-khan/moi"),
        Kind("commune-cases", "/xa/ho-so"),
        Kind("annex", "/tong-hop"),
    ),
    "commune_chair-15607": (
        Kind("chair-home", "/xa"),
        Kind("board-sheet", "/bang/to-xa", before=None),
        Kind("chair-proposal", "/xa", "main a[href*='/xa/kho-khan/']:not([href$='/moi'])"),
    ),
    "province_reviewer-38": (
        Kind("province-queue", "/tinh"),
        Kind("province-escalation", "/tinh", "main a[href*='/tinh/de-xuat/']"),
        Kind("province-overview", "/tinh/tong-quan"),
        Kind("problems", "/tinh/van-de-chung"),
        Kind("problem", "/tinh/van-de-chung", "main a[href*='/tinh/van-de-chung/']"),
        Kind("board-province", "/bang/tinh", before=None),
        Kind("board-routing", "/bang/duong-di", before=None),
        Kind("board-procedures", "/bang/thu-tuc", before=None),
        Kind("board-quality", "/bang/chat-luong", before=None),
        Kind("components", "/kieu", part="main", before=None),
        Kind("not-found", "/khong-co"),
    ),
    "department_officer-38": (
        Kind("department-queue", "/tinh"),
        Kind("dead-spots", "/thon-lom"),
        Kind("board-signal", "/bang/lom-song", before=None),
        Kind("dead-spot", "/thon-lom", "main a[href*='/thon-lom/']"),
        Kind("notices", "/thong-bao"),
        Kind("notice-choices", "/thong-bao/tuy-chon"),
        Kind("share-links", "/chia-se", before=None),
        Kind("weekly-mail", "/thu-tuan", before=None),
    ),
    "ministry_officer-vn": (
        Kind("ministry-home", "/tw"),
        Kind("ministry-petitions", "/tw/kien-nghi", before=None),
        Kind("ministry-petition", "/tw/kien-nghi", "main a[href*='/tw/de-xuat/']", before="/tw"),
        Kind("ministry-problems", "/tw/van-de-chung"),
        Kind("boards", "/bang", before=None),
        Kind("board-nation", "/bang/ca-nuoc", before=None),
    ),
    "auditor-38": (
        Kind("auditor-home", "/tinh"),
        Kind("notice-journal", "/thong-bao/nhat-ky"),
        Kind("board-pipeline", "/bang/duong-ong", before=None),
    ),
}


def main() -> int:
    """Take the pictures; return 1 where a page complained or was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--address")
    parser.add_argument("--only", nargs="*", help="names of kinds of pages")
    parser.add_argument(
        "--before", action="store_true", help="the address is that of a release before this look"
    )
    parser.add_argument("--to", type=Path)
    asked = parser.parse_args()
    folder = asked.to or ROOT / "docs" / "pictures" / ("before" if asked.before else "")
    if asked.before and asked.address is None:
        parser.error("--before needs --address: a demo of that release is started from its own checkout")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("no Chromium on this machine: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with _site(asked.address, asked.days) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        if asked.only is None and not asked.before:
            _report(browser, address)
        camera = Camera(browser, address, folder, BEFORE_SCALE if asked.before else SCALE)
        for persona, kinds in DESKS.items():
            wanted = [kind for kind in kinds if asked.only is None or kind.name in asked.only]
            if asked.before:
                wanted = [
                    replace(kind, path=kind.before or kind.path) for kind in wanted if kind.before is not None
                ]
            for view in VIEWS if wanted else ():
                faults += camera.take(persona, wanted, view)
        browser.close()
    print("\n".join(faults) or "no page complained")
    return 1 if faults else 0


@contextmanager
def _site(address: str | None, days: int) -> Iterator[str]:
    """Give the address of a running demo; fill and start one where none was named."""
    if address is not None:
        yield address.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        words = [
            str(ROOT / ".venv" / "bin" / "liencap"),
            "demo",
            "--port",
            "0",
            "--days",
            str(days),
            "--alone",
        ]
        process = subprocess.Popen([*words, "--data", folder], stdout=subprocess.PIPE, text=True)
        try:
            yield _address_in(process)
        finally:
            process.terminate()
            process.wait(60)


def _address_in(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        sys.stdout.write(line)
        if found := re.search(r"http://[\w.]+:\d+", line):
            return found.group()
    raise SystemExit("the demo ended before it served")


def _report(browser: Browser, address: str) -> None:
    """Report a difficulty as the commune's officer, so that its chair has something to decide."""
    page = browser.new_page(locale="vi-VN")
    page.goto(f"{address}/")
    page.click("button[value='commune_officer-15607']")
    page.goto(f"{address}/xa/kho-khan/moi")
    page.fill("#kind-search", "mat dien")
    page.locator("[data-kind-option]:visible").first.click()
    page.fill("#place", "Bản Vịn")
    page.fill("#content", "Mất điện ba buổi chiều trong tuần, bộ phận một cửa không tiếp nhận được hồ sơ.")
    page.fill("#request", "Đề nghị kiểm tra trạm biến áp và báo trước lịch cắt điện.")
    page.click("[data-report-submit]")
    page.locator("[data-letter][data-state=received]").first.wait_for()
    page.close()


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser before one installation, and the folder into which its pictures go."""

    browser: Browser
    address: str
    folder: Path
    scale: float

    def take(self, persona: str, kinds: Iterable[Kind], view: str) -> list[str]:
        """Take the pages of one person in one view, and return what they complained about."""
        # What is compared is taken in full size, so its pages have a window of their own.
        faults: list[str] = []
        for is_whole in (False, True):
            chosen = [kind for kind in kinds if bool(kind.part) == is_whole]
            faults += self._take(persona, chosen, view, 1 if is_whole else self.scale) if chosen else []
        return faults

    def _take(self, persona: str, kinds: Iterable[Kind], view: str, scale: float) -> list[str]:
        width, height, scheme = VIEWS[view]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            color_scheme="dark" if scheme == "dark" else "light",
            has_touch=view == "phone",
            is_mobile=view == "phone",
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
        )
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(f"{persona} {page.url}: {error}"))
        if persona:
            page.goto(f"{self.address}/")
            page.click(f"button[value='{persona}']")
        for kind in kinds:
            if (path := _path_of(page, self.address, kind)) is None:
                faults.append(f"{persona}: no page of the kind {kind.name} on {kind.path}")
                continue
            page.goto(self.address + path)
            page.evaluate("document.fonts.ready.then(() => true)")
            target = page.locator(kind.part) if kind.part else page
            target.screenshot(path=self.folder / f"{kind.name}-{view}.jpg", type="jpeg", quality=QUALITY)
        context.close()
        return faults


def _path_of(page: Page, address: str, kind: Kind) -> str | None:
    """Return the path of a page, following its first link where it has no fixed one."""
    if not kind.link:
        return kind.path
    page.goto(address + kind.path)
    link = page.locator(kind.link).first
    return link.get_attribute("href") if link.count() else None


if __name__ == "__main__":
    sys.exit(main())
