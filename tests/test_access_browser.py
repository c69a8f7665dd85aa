"""Log-in through real OpenID Connect in a real browser: who comes in, who does not, what they see."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import oidc_provider_mock
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from profiles import audit, logins, sessions
from profiles.settings import PREFIX
from profiles.ui import door
from tests import browser, pages, provider
from tests.conftest import LOOPBACK
from tests.projected import made
from tests.provider import ANN, COOKIE, COOKIE_SECRET, Provider, cookie_of
from tests.test_access import secrets

pytestmark = pytest.mark.slow

NAMED = "ann@example.org (subject ann)"
"""How the log names Ann."""


@contextmanager
def dashboard(
    folder: Path,
    identities: Provider,
    role: str = "steering",
    warehouse: Path | None = None,
    **settings: str,
) -> Iterator[str]:
    """The address of a dashboard with a login at that provider."""
    port = browser.free_port()
    path = secrets(folder, identities.told_at(f"http://127.0.0.1:{port}"))
    told = {"STEERING_GROUP": "ann@example.org", "ANALYSTS": "bob@example.org", "ROLE": role, **settings}
    shelf = folder / "shelf"
    if not shelf.exists():
        made(shelf / "2026-09-30-internal")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(logins.FILES, str(path))
        for name, value in told.items():
            patched.setenv(f"{PREFIX}{name}", value)
        with browser.serving(warehouse or folder / "none", folder / "access.jsonl", shelf, port) as address:
            yield address


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page without a cookie."""
    return context.new_page()


@pytest.fixture(scope="module")
def identities() -> Iterator[Provider]:
    with provider.serving(**ANN) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("steering")


@pytest.fixture(scope="module")
def served(identities: Provider, folder: Path) -> Iterator[str]:
    with dashboard(folder, identities) as address:
        yield address


@pytest.fixture
def address(served: str, identities: Provider) -> Iterator[str]:
    """The shared dashboard, at a provider without a fault that vouches for Ann."""
    identities.fault, identities.claims = "", dict(ANN)
    yield served
    identities.fault, identities.claims = "", dict(ANN)


def log_in(page: Page, address: str) -> None:
    """Let the visitor ask to log in, and come back from the provider."""
    page.goto(address)
    page.get_by_role("button", name="Log in").click()


def log_out(page: Page) -> None:
    """Let the visitor log out, and be back at the page to log in."""
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=browser.TO_DRAW)
    is_out(page)


def is_in(page: Page) -> None:
    """Check that the summary of the snapshot is on the screen."""
    expect(page.get_by_role("heading", name="Where stalking stands")).to_be_visible(timeout=browser.TO_DRAW)
    expect(page.get_by_text("Snapshot 2026-09-30-internal").first).to_be_visible()


def is_out(page: Page) -> None:
    """Check that nothing of the dashboard is on the screen, nor its menu."""
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Stalking problem profiles", timeout=browser.TO_DRAW
    )
    text = page.locator("body").inner_text()
    for part in ("2026-09-30", "SYNTHETIC", "Action plan", "Where stalking stands"):
        assert part not in text


def last(folder: Path) -> tuple[str, str, str]:
    """Kind, who and reason of the last line of the log, which is whole."""
    path = folder / "access.jsonl"
    audit.verified(path)
    told = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    return told["what"], told["who"], told["reason"]


def test_a_member_of_the_group_logs_in_sees_only_its_pages_and_logs_out(
    page: Page, address: str, folder: Path
) -> None:
    page.goto(address)
    is_out(page)
    for theme in ("light", "dark"):
        browser.turn(page, "dark" if theme == "dark" else "light")
        assert browser.barriers(page) == []
    log_in(page, address)
    is_in(page)
    assert last(folder)[:2] == ("log-in", NAMED)
    assert page.get_by_test_id("stSidebarNav").locator("a").all_inner_texts() == [
        "Summary",
        "Action plan",
        "Orders and outcomes",
        "Support and victims' voice",
        "Typology and hidden stalking",
        "Demand and FMS",
        "About",
    ]
    for path in ("quality", "included", "scale", "terms"):
        page.goto(f"{address}/{path}")
        expect(page.get_by_text("Page not found")).to_be_visible(timeout=browser.TO_DRAW)
        assert "Show the records" not in page.locator("body").inner_text()
    page.goto(address)
    log_out(page)
    page.goto(f"{address}/plan")
    is_out(page)


def test_a_file_that_is_taken_is_logged(page: Page, address: str, folder: Path) -> None:
    log_in(page, address)
    is_in(page)
    page.goto(f"{address}/outlook")
    browser.settle(page)
    with page.expect_download() as found:
        page.get_by_role("button", name="fms.csv").click()
    assert (
        found.value.path().read_bytes() == (folder / "shelf" / "2026-09-30-internal" / "fms.csv").read_bytes()
    )
    assert last(folder) == ("snapshot download", NAMED, "")


@pytest.mark.parametrize("fault", provider.FAULTS)
def test_a_token_that_is_not_right_lets_nobody_in(
    fault: str, context: BrowserContext, address: str, identities: Provider
) -> None:
    page = context.new_page()
    if fault == "replayed":
        log_in(page, address)
        is_in(page)
        context.clear_cookies()
    identities.fault = fault
    log_in(page, address)
    page.wait_for_url(f"{address}/")
    is_out(page)
    expect(page.get_by_text("your log-in was not accepted")).to_be_visible()
    assert COOKIE not in {each["name"] for each in context.cookies()}


def test_an_answer_of_the_provider_works_once(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    answers: list[str] = []
    page.on("request", lambda asked: answers.append(asked.url) if "/oauth2callback" in asked.url else None)
    log_in(page, address)
    is_in(page)
    context.clear_cookies()
    page.goto(answers[0])
    is_out(page)


@pytest.mark.parametrize(
    "claims", [{"email": "eve@example.org"}, {"email_verified": False}, {"email": "bob@example.org"}]
)
def test_who_is_known_and_not_of_the_group_is_refused(
    claims: dict[str, object], page: Page, address: str, identities: Provider, folder: Path
) -> None:
    identities.claims = ANN | claims
    log_in(page, address)
    expect(page.get_by_text("are not among those who may see the shared dashboard")).to_be_visible(
        timeout=browser.TO_DRAW
    )
    is_out(page)
    assert last(folder)[0] == "refusal"
    page.goto(f"{address}/plan")
    expect(page.get_by_text("are not among those who may see")).to_be_visible(timeout=browser.TO_DRAW)


@pytest.mark.parametrize("secret", ["another secret of thirty-two letter", COOKIE_SECRET])
def test_a_cookie_of_ones_own_making_opens_nothing_unless_signed_by_the_server(
    secret: str, context: BrowserContext, address: str
) -> None:
    context.add_cookies([{"name": COOKIE, "value": cookie_of(ANN, address, secret), "url": address}])
    page = context.new_page()
    page.goto(address)
    if secret == COOKIE_SECRET:
        # The same cookie with the right secret is let in: the test above it tests the signature.
        is_in(page)
    else:
        is_out(page)


def test_a_provider_that_is_down_is_said_before_the_visitor_leaves(page: Page, tmp_path: Path) -> None:
    with dashboard(tmp_path, Provider(f"http://127.0.0.1:{browser.free_port()}")) as address:
        log_in(page, address)
        expect(page.get_by_text("does not answer, so nobody can log in now")).to_be_visible(
            timeout=browser.TO_DRAW
        )
        is_out(page)
        assert last(tmp_path)[2] == "the provider of identities does not answer"


# ---- a tab that is open when the log-in ends


def ended_elsewhere(page: Page, address: str) -> None:
    """Log out in the same browser, not on this page; at once, before the page is taken from the screen."""
    assert page.request.get(f"{address}{door.LOG_OUT}", max_redirects=0).status == 302


def idle(folder: Path) -> None:
    """Put the clock of each log-in back by what a visitor may be idle, and a second."""
    for each in (folder / sessions.FOLDER).iterdir():
        seen = each.stat().st_mtime - 30 * 60 - 1
        os.utime(each, (seen, seen))


def was_clicked(target: Locator) -> bool:
    """Whether the click came before the page was taken from the screen, which happens within seconds."""
    try:
        target.click(timeout=5_000)
    except PlaywrightTimeoutError:
        return False
    return True


def is_shown_out(page: Page, folder: Path, what: str, why: str, *, is_asked: bool) -> None:
    """Nothing of the dashboard is on the screen any more, and the log says what was asked for and refused."""
    expect(page.get_by_text(f"You were logged out: {why}")).to_be_visible(timeout=browser.TO_DRAW)
    is_out(page)
    path = folder / "access.jsonl"
    audit.verified(path)
    if not is_asked:
        return
    told = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    assert (told["what"], told["who"], told["reason"], told["details"]) == (
        "refusal",
        NAMED,
        why,
        {"asked for": what},
    )


def test_after_a_log_out_elsewhere_an_open_tab_gives_no_file_and_draws_no_table(
    page: Page, address: str, folder: Path
) -> None:
    log_in(page, address)
    is_in(page)
    page.goto(f"{address}/outlook")
    browser.settle(page)
    with page.expect_download() as found:
        page.get_by_role("button", name="fms.csv").click()
    assert page.request.get(found.value.url).status == 200
    given: list[str] = []
    page.on("download", lambda download: given.append(download.url))
    ended_elsewhere(page, address)
    is_asked = was_clicked(page.get_by_role("button", name="measures.csv"))
    is_shown_out(page, folder, "a file", "log out was chosen, in this tab or another one", is_asked=is_asked)
    assert given == []
    assert page.request.get(found.value.url).status == 403
    page.get_by_role("link", name="Log in again").click()
    page.get_by_role("button", name="Log in").click()
    is_in(page)
    page.get_by_role("link", name="Demand and FMS", exact=True).click()
    browser.settle(page)
    idle(folder)
    is_asked = was_clicked(page.get_by_text("Table and definition").first)
    why = "nothing was asked for in 30 minutes"
    is_shown_out(page, folder, "a part of a page", why, is_asked=is_asked)
    page.go_back()
    is_out(page)


def test_after_a_log_out_elsewhere_an_open_workbench_shows_no_records(
    page: Page, identities: Provider, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    identities.fault, identities.claims = "", dict(ANN)
    warehouse = pages.sampled(tmp_path_factory)
    with dashboard(
        tmp_path, identities, role="analyst", warehouse=warehouse, ANALYSTS=str(ANN["email"])
    ) as address:
        page.goto(f"{address}/included")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("Logged in as")).to_be_visible(timeout=browser.TO_DRAW)
        page.goto(f"{address}/included")
        records = page.locator(".records table")
        # The list is the last of the page.
        page.get_by_text("Show the records").first.click(timeout=3 * browser.TO_DRAW)
        expect(records).to_be_visible(timeout=browser.TO_DRAW)
        page.get_by_text("Show the records").first.click()
        expect(records).to_have_count(0)
        ended_elsewhere(page, address)
        is_asked = was_clicked(page.get_by_text("Show the records").first)
        is_shown_out(
            page,
            tmp_path,
            "a part of a page",
            "log out was chosen, in this tab or another one",
            is_asked=is_asked,
        )
        expect(records).to_have_count(0)


# It runs in this process, and uses parts of its library that are soon to go.
@pytest.mark.filterwarnings("ignore")
def test_the_whole_provider_of_others_works_as_well(
    new_context: Callable[[], BrowserContext], tmp_path: Path
) -> None:
    ann = oidc_provider_mock.User(sub="ann", claims={"email": "ann@example.org", "email_verified": True})
    page = new_context().new_page()
    # The provider's own page asks for a style sheet elsewhere, which it does without.
    page.route("**/*", lambda route: route.continue_() if _is_here(route.request.url) else route.abort())
    with (
        oidc_provider_mock.run_server_in_thread(user_claims=[ann]) as server,
        dashboard(tmp_path, Provider(f"http://localhost:{server.server_port}")) as address,
    ):
        log_in(page, address)
        page.get_by_role("button", name="ann", exact=True).click()
        is_in(page)
        assert last(tmp_path)[:2] == ("log-in", NAMED)


def _is_here(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK


def test_the_workbench_behind_a_login_is_for_the_analyst_alone(
    page: Page, identities: Provider, tmp_path: Path
) -> None:
    identities.fault, identities.claims = "", dict(ANN)
    with dashboard(tmp_path, identities, role="analyst") as address:
        log_in(page, address)
        expect(page.get_by_text("are not among those who may see the analyst's workbench")).to_be_visible(
            timeout=browser.TO_DRAW
        )
        page.get_by_role("link", name="Log out").click()
        is_out(page)
        identities.claims = ANN | {"email": "bob@example.org", "sub": "bob"}
        log_in(page, address)
        expect(page.get_by_text("There is no warehouse in")).to_be_visible(timeout=browser.TO_DRAW)
