"""A real server, a real browser, and watchful pages.

``server`` is ``percorso serve`` over a small Libreria Aurora; ``page`` is a page of its
administrator, in English, which fails the test at its end where the console complained, the
Content-Security-Policy was broken, or anything was asked of another host. ``open_page`` makes such
pages in another language, look or width.
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.server import Server, start

from percorso import demo
from percorso.log import open_log
from percorso.text import enrichment, topics
from percorso.workspace import Settings, Workspace

# A page asked for the first time on a busy machine takes longer than Playwright's 5 seconds.
expect.set_options(timeout=20_000)
PASSWORD = "una frase lunga di prova"
EMAIL = "ada@example.org"
#: Modules that look at no page of the demo company: whichever worker is free takes the next.
APART = {
    "test_for_everybody_of_a_company",
    "test_importing",
    "test_live_sources",
    "test_on_real_servers",
    "test_passkeys",
    "test_survey_builder",
    "test_survey_end_to_end",
    "test_survey_pages",
    "test_webhooks",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # One server serves all that look at the demo company, so they stay on one worker.
            group = f"browser {item.path.stem}" if item.path.stem in APART else "browser"
            item.add_marker(pytest.mark.xdist_group(group))


@contextmanager
def starting(folders: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Give what starts a server over a workspace; they are stopped at the end."""
    started: list[Server] = []

    def begin(workspace: Workspace) -> Server:
        server = start(workspace, folders.mktemp("server"))
        started.append(server)
        return server

    yield begin
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def start_lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Return what starts a server that modules share."""
    with starting(tmp_path_factory) as begin:
        yield begin


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Return what starts a server of the module: one that nobody asks any more still works."""
    with starting(tmp_path_factory) as begin:
        yield begin


@pytest.fixture(scope="session")
def server(
    start_lasting: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """Return a server over a small demo company whose texts were read."""
    made = demo.make(tmp_path_factory.mktemp("demo") / "aurora", customers=600)
    # Before it starts, and not by the worker, which is slower at it and would be busy meanwhile.
    log = open_log(made)
    enrichment.enrich(log, path="fast")
    topics.refresh(log)
    return start_lasting(made)


@pytest.fixture(scope="session")
def empty_server(
    start_lasting: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """Return a server over a company that has nothing yet."""
    place = tmp_path_factory.mktemp("empty") / "company"
    return start_lasting(Workspace.create(place, Settings(company="Bottega Prova")))


@pytest.fixture(scope="session")
def known_cookies() -> dict[str, Any]:
    """Return the cookies of administrators by the addresses of servers, as they are made."""
    return {}


@pytest.fixture(scope="module")
def cookies_of(browser: Browser, known_cookies: dict[str, Any]) -> Callable[[Server], Any]:
    """Return what gives the cookies of a server's administrator, made once with its link."""

    def cookies(server: Server) -> Any:
        if server.url not in known_cookies:
            with browser.new_context(locale="en-GB") as context:
                become_administrator(context.new_page(), server)
                known_cookies[server.url] = context.storage_state()
        return known_cookies[server.url]

    return cookies


@pytest.fixture(scope="module")
def signed_in(server: Server, cookies_of: Callable[[Server], Any]) -> Any:
    """Return the cookies of the demo company's administrator."""
    return cookies_of(server)


def become_administrator(page: Page, server: Server) -> None:
    """Use the one-time link."""
    page.goto(server.welcome)
    page.get_by_label("Your name").fill("Ada Bianchi")
    page.get_by_label("Your e-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("navigation", name="Main").wait_for(state="attached")


@dataclass
class Watch:
    """What a page should not have done."""

    host: str
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self._console(message))
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))
        context.on("request", lambda request: self._request(request.url))
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', event =>"
            " console.error('csp: ' + event.violatedDirective + ' ' + event.blockedURI))"
        )

    def expect(self, words: str) -> None:
        """Let a console message that holds ``words`` pass (a refused form answers 422, say)."""
        self.expected.append(words)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} {where}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.host, "data:", "blob:", "about:")):
            self.complaints.append(f"asked another host: {url}")

    def check(self) -> None:
        left = [each for each in self.complaints if not any(word in each for word in self.expected)]
        assert not left, "\n".join(left)


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, cookies_of: Callable[[Server], Any]
) -> Iterator[Callable[..., Page]]:
    """Return what opens a watched page; ``page.watch`` is its Watch.

    It is of the demo company, which is made only then, but for where another server is given.
    """
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(
        path: str = "/",
        *,
        language: str = "en",
        dark: bool = False,
        width: int = 1280,
        anonymous: bool = False,
        at: Server | None = None,
    ) -> Page:
        place = at or request.getfixturevalue("server")
        context = browser.new_context(
            base_url=place.url,
            locale={"it": "it-IT", "en": "en-GB"}[language],
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            storage_state=None if anonymous else cookies_of(place),
        )
        context.set_default_timeout(30_000)
        if not anonymous:
            # The choice is kept with the person, and stands over the browser's.
            context.request.post(
                f"{place.url}/preferences",
                form={"language": language, "csrfmiddlewaretoken": _csrf(context)},
                headers={"Referer": place.url},
            )
        watch = Watch(place.url)
        watch.over(context)
        page = context.new_page()
        page.watch = watch  # type: ignore[attr-defined]  # rides along with its page
        opened.append((context, watch))
        page.goto(path)
        return page

    yield make
    for context, watch in opened:
        context.close()
        watch.check()


def _csrf(context: BrowserContext) -> str:
    return next(c["value"] for c in context.cookies() if c["name"] == "percorso_csrf")


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """Return the administrator's first page, in English."""
    return open_page()


@pytest.fixture
def fetch() -> Callable[[str], tuple[int, dict[str, str], str]]:
    """Return what fetches an address without a browser: status, headers, body."""

    def get(url: str) -> tuple[int, dict[str, str], str]:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode()

    return get
