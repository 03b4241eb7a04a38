"""A real installation behind a real server, and Chromium in front of it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from starlette.types import Receive, Scope, Send

from services.warehouse.client import Warehouse
from services.web.shell.assets import STATIC
from tests.services.world import World, open_world

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0
PHONE = {"width": 390, "height": 844}
NOT_OURS = (
    # Pages of the browser itself, made anew for each window: half of the processor time of a test.
    *("WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup"),
    # The last list on the command line counts, so the features that Playwright switches off stand here too.
    *(
        "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose",
        "HttpsUpgrades",
        "LensOverlay",
    ),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying"),
    *("AimEnabled", "PreconnectToSearch"),
)
"""Features of Chromium that no test looks at."""
FLAGS = [
    "--no-sandbox",
    f"--disable-features={','.join(NOT_OURS)}",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(slots=True)
class Site:
    """The server of one installation on one port: it can be stopped and started while the link stays up."""

    world: World
    port: int = 0
    posts: list[str] = field(default_factory=list)
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(
            self._counted,
            host="127.0.0.1",
            port=self.port,
            log_config=None,
            timeout_graceful_shutdown=1,
            interface="asgi3",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="site")
        self._thread.start()
        wait_until(lambda: bool(self._server and self._server.started), "the server starts")
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(20)
            assert not self._thread.is_alive(), "the server did not stop"
            self._server = self._thread = None

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What really arrives, whoever sent it: a page or a service worker.
        if scope["type"] == "http" and scope["method"] == "POST":
            self.posts.append(scope["path"])
        await self.world.app(scope, receive, send)

    def reports(self) -> int:
        """Count the difficulties that the installation knows."""
        self.world.settle()
        return len(self.world.parts.issue_table.list(limit=1_000))


@dataclass(slots=True)
class Visitor:
    """A person at a browser of their own; collects what the console complains about."""

    context: BrowserContext
    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, persona: str) -> None:
        self.page.goto(f"{self.site.address}/")
        self.page.click(f"button[value='{persona}']")
        self.page.wait_for_url("**/*")

    def go(self, path: str) -> None:
        self.page.goto(self.site.address + path)


def wait_until(holds: Callable[[], bool], what: str, timeout: float = PATIENCE_SECONDS) -> None:
    """Poll, because under a strict policy Playwright's own waiting for a function is refused."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.05)
    pytest.fail(f"within {timeout} s it did not happen that {what}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip(
            "no Chromium on this machine (apt-get install chromium): the pages were not driven in a browser"
        )
    if not (STATIC / "vendor" / "htmx.js").is_file():
        pytest.skip(
            "the web assets are not installed (python3 dev.py setup): the pages were not driven in a browser"
        )
    expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(
    chromium: Browser,  # noqa: ARG001 -- no installation without a browser to look at it
    tmp_path_factory: pytest.TempPathFactory,
    warehouse_module: Warehouse,
) -> Iterator[Site]:
    with open_world(tmp_path_factory.mktemp("site"), warehouse_module, demo=True) as world:
        running = Site(world)
        running.start()
        yield running
        running.stop()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Open a browser of one's own, with its own cookies and storage."""
    opened: list[BrowserContext] = []

    def visit(*, dark: bool = False, phone: bool = False, script: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport=PHONE if phone else {"width": 1280, "height": 900},  # type: ignore[arg-type]  # a TypedDict
            color_scheme="dark" if dark else "light",
            locale="vi-VN",
            reduced_motion="reduce",  # a colour on its way to another has no contrast
            java_script_enabled=script,
        )
        opened.append(context)
        visitor = Visitor(context, context.new_page(), site)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitor.page.on(
            "console",
            lambda said: visitor.complaints.append(said.text) if "Content Security" in said.text else None,
        )
        return visitor

    yield visit
    for context in opened:
        context.close()
