"""The site of deploy/ under a real nginx: TLS, two processes of the shared dashboard, a visitor to each."""

import base64
import hashlib
import http.client
import re
import secrets
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from profiles import logins
from profiles.settings import PREFIX
from tests import built, provider, proxy, releases
from tests.browser import TO_DRAW, settle
from tests.provider import ANN, COOKIE
from tests.test_access import secrets as secrets_file

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(proxy.LACKING), reason=proxy.LACKING)]

FILES_PAGE = "outlook"
"""Where the snapshot's files are offered."""

TO_RECOVER = 20
"""Seconds within which a page whose process has died must answer again."""

ALWAYS = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "server": "nginx",
}


@dataclass
class Served:
    """The site, its two processes by port, and the folder all of it lies in."""

    site: proxy.Site
    processes: dict[int, proxy.Shared]
    folder: Path
    snapshots: Path
    login: dict[str, str]

    def again(self, port: int) -> None:
        """Kill the process of that port if it lives, start it anew, and wait until it answers."""
        self.processes[port].kill()
        self.processes[port] = proxy.shared(self.folder, self.snapshots, port, self.login)
        proxy.wait_for(self.processes[port])

    def port_of(self, seat: str) -> int:
        """The port of the process that a visitor with that seat is with; the last one that was tried.

        0 while nginx takes none of them for one that answers.
        """
        # Every page has the same answer, so the log tells this visit from all others by its path.
        path = f"/{secrets.token_hex(8)}"
        answered(self, path, Cookie=f"stalking_seat={seat}")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self.site.visits:
                if line[3] == path:
                    port = line[-1].rpartition(":")[2]
                    return int(port) if port.isdigit() else 0
            time.sleep(0.05)
        raise AssertionError(f"the log does not tell of {path}")

    def takes(self, seat: str, port: int) -> None:
        """Wait until nginx asks that process again for the visitor with that seat."""
        deadline = time.monotonic() + TO_RECOVER
        while self.port_of(seat) != port:
            assert time.monotonic() < deadline, f"{port} is not asked again"
            time.sleep(0.5)

    def seated(self, *ports: int) -> list[str]:
        """A seat that leads to each of the processes."""
        found: dict[int, str] = {}
        for number in range(200):
            seat = f"{number:032x}"
            found.setdefault(self.port_of(seat), seat)
            if set(ports) <= set(found):
                return [found[port] for port in ports]
        raise AssertionError(f"no seat leads to each of {ports}: {found}")


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page without a cookie."""
    return context.new_page()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("site")
    snapshots = folder / "snapshots"
    snapshots.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        releases.of_few_rows(patched)
        built.build(snapshots / "2024-12-31-internal")
    first, second = proxy.free_ports(2)
    with provider.serving(**ANN) as identities, proxy.fronted(folder, [first, second]) as site:
        login = {
            logins.FILES: str(secrets_file(folder, identities.told_at(site.address))),
            f"{PREFIX}STEERING_GROUP": str(ANN["email"]),
        }
        processes = {port: proxy.shared(folder, snapshots, port, login) for port in (first, second)}
        try:
            for each in processes.values():
                proxy.wait_for(each)
            yield Served(site, processes, folder, snapshots, login)
        finally:
            for each in processes.values():
                each.kill()


def answered(
    served: Served, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of an answer of the site, over TLS that is checked."""
    asked = http.client.HTTPSConnection(
        "localhost", served.site.https, timeout=30, context=proxy.trusting(served.folder)
    )
    with closing(asked):
        asked.request(method, path, headers=headers)
        answer = asked.getresponse()
        body = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def script(served: Served) -> str:
    """The path of the script that the page begins with."""
    found = re.search(r'src="\.(/static/js/index\.[^"]+)"', answered(served, "/")[2].decode())
    assert found
    return found[1]


def test_every_answer_carries_the_headers(served: Served) -> None:
    for path in (
        "/",
        script(served),
        "/_stcore/health",
        "/media/none.csv",
        "/_stcore/metrics",
        "/auth/login",
    ):
        headers = answered(served, path)[1]
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS, path
        assert "camera=()" in headers["permissions-policy"], path
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy, path
        elsewhere = re.findall(r"[a-z]+:(?://[^ ;]*)?", policy)
        assert set(elsewhere) <= {"data:", "blob:", f"wss://localhost:{served.site.https}"}, path


def test_a_figure_is_stored_nowhere_and_a_page_asked_for_anew(served: Served) -> None:
    assert answered(served, "/media/none.csv")[1]["cache-control"] == "no-store"
    assert answered(served, "/")[1]["cache-control"] == "no-cache"


def test_streamlits_own_files_are_kept_and_compressed(served: Served) -> None:
    path = script(served)
    for _ in range(2):
        status, headers, packed = answered(served, path, **{"Accept-Encoding": "gzip"})
        assert (status, headers["content-encoding"]) == (200, "gzip")
        assert headers["cache-control"] == "public, immutable, max-age=31536000"
        assert "set-cookie" not in headers, "what is kept for all holds no visitor's cookie"
    assert served.site.visits[-1][7] == "-", "the second time it came from nginx itself"
    assert len(packed) < len(answered(served, path)[2]) / 2


def test_a_seat_is_given_once_and_no_other_is_believed(served: Served) -> None:
    given = answered(served, "/")[1]["set-cookie"]
    assert re.fullmatch(r"stalking_seat=[0-9a-f]{32}; Path=/; Secure; HttpOnly; SameSite=Lax", given)
    assert "set-cookie" not in answered(served, "/", Cookie=given.partition(";")[0])[1]
    assert "set-cookie" in answered(served, "/", Cookie="stalking_seat=127.0.0.1:22")[1]


def test_plain_http_is_led_to_tls(served: Served) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", served.site.http, timeout=10)) as asked:
        asked.request("GET", "/plan?district=Thanet", headers={"Host": "localhost"})
        answer = asked.getresponse()
        answer.read()
        assert answer.status == 308
        assert answer.getheader("location") == f"{served.site.address}/plan?district=Thanet"


def test_who_names_another_host_is_refused(served: Served) -> None:
    trusted = proxy.trusting(served.folder)
    trusted.check_hostname = False
    for name in ("evil.example", None):
        with (
            socket.create_connection(("127.0.0.1", served.site.https), timeout=10) as plain,
            pytest.raises(ssl.SSLError),
        ):
            trusted.wrap_socket(plain, server_hostname=name).close()
    # With the right name in the handshake and another one in the question.
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        answered(served, "/", Host="evil.example")
    with closing(http.client.HTTPConnection("127.0.0.1", served.site.http, timeout=10)) as asked:
        asked.request("GET", "/", headers={"Host": "evil.example"})
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            asked.getresponse()


def test_old_tls_is_refused(served: Served) -> None:
    old = proxy.trusting(served.folder)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", served.site.https), timeout=10) as plain,
        pytest.raises(ssl.SSLError),
    ):
        old.wrap_socket(plain, server_hostname="localhost").close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_stcore/health", 200),
        ("GET", "/_stcore/host-config", 200),
        ("GET", "/_stcore/metrics", 404),
        ("GET", "/_stcore/agent/openapi.json", 404),
        ("GET", "/_stcore/script-health-check", 404),
        ("PUT", "/_stcore/upload_file/a/b", 404),
        ("GET", "/component/a.b/index.html", 404),
        ("POST", "/", 403),
        ("DELETE", "/media/a.csv", 403),
    ],
)
def test_what_is_not_needed_is_not_there(served: Served, method: str, path: str, status: int) -> None:
    assert answered(served, path, method)[0] == status


def test_a_long_body_is_refused(served: Served) -> None:
    assert answered(served, "/", **{"Content-Length": "20000"})[0] == 413


# ---- in a browser


@contextmanager
def visiting(browser: Browser, served: Served, seat: str, streams: list[str]) -> Iterator[Page]:
    """A page of a visitor with that seat, logged in; nothing else is asked elsewhere, and nothing forbidden.

    `streams` gets the address of each stream that the page opens. The log tells of a stream when it has
    ended, so this ends once all of them are told of: whoever reads on from here reads of the next visitor.
    """
    told = len(_streams(served))
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1366, "height": 900})
    context.add_cookies(
        [{"name": "stalking_seat", "value": seat, "url": served.site.address, "secure": True}]
    )
    faults: list[str] = []
    page = context.new_page()
    page.on("websocket", lambda each: streams.append(each.url))
    page.on("console", lambda each: faults.append(each.text) if "Security Policy" in each.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(served.site.address)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name="Where stalking stands")).to_be_visible(timeout=TO_DRAW)
    page.on("request", lambda each: faults.append(each.url) if _is_elsewhere(each.url) else None)
    yield page
    context.close()
    deadline = time.monotonic() + 10
    while len(_streams(served)) < told + len(streams):
        assert time.monotonic() < deadline, f"the log does not tell of {len(streams)} streams"
        time.sleep(0.1)
    assert faults == []


def _streams(served: Served) -> list[list[str]]:
    """The lines of the log that tell of a stream."""
    return [line for line in served.site.visits if line[3] == "/_stcore/stream"]


def _is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme not in {"about", "blob", "data"} and parts.hostname != "localhost"


def opened(page: Page, served: Served, path: str = "") -> None:
    """Check that the page of that path is there, drawn."""
    page.goto(f"{served.site.address}/{path}")
    settle(page)


def downloaded(page: Page, name: str) -> bytes:
    """A file of the snapshot, taken from the page that offers them."""
    with page.expect_download(timeout=TO_DRAW) as waited:
        page.get_by_test_id("stDownloadButton").filter(
            has_text=re.compile(rf"{re.escape(name)}$")
        ).get_by_role("button").click()
    return waited.value.path().read_bytes()


def processes_of(lines: list[list[str]]) -> set[str]:
    """The processes that answered; what came from nginx itself had none."""
    return {line[7] for line in lines} - {"-"}


def test_a_log_in_is_kept_by_a_cookie_that_only_tls_and_the_server_see(
    browser: Browser, served: Served
) -> None:
    with visiting(browser, served, served.seated(*served.processes)[0], []) as page:
        expect(page.get_by_text("ann@example.org")).to_be_visible()
        kept = [each for each in page.context.cookies() if each["name"].startswith(COOKIE)]
        assert kept
        assert all(each["secure"] and each["httpOnly"] for each in kept), kept


def test_a_visitor_stays_with_one_process(browser: Browser, served: Served) -> None:
    first, second = served.processes
    for port, seat in zip((first, second), served.seated(first, second), strict=True):
        before = len(served.site.visits)
        with visiting(browser, served, seat, []) as page:
            opened(page, served, FILES_PAGE)
            content = downloaded(page, "measures.csv")
        assert content == (served.snapshots / "2024-12-31-internal" / "measures.csv").read_bytes()
        lines = served.site.visits[before:]
        assert any(line[3].startswith("/media/") and line[4] == "200" for line in lines)
        assert any(line[3] == "/_stcore/stream" and line[4] == "101" for line in lines)
        live = [line for line in lines if not line[3].startswith("/static/")]
        assert processes_of(live) == {f"127.0.0.1:{port}"}


def test_when_a_process_dies_its_visitors_go_on_with_the_other(browser: Browser, served: Served) -> None:
    first, second = served.processes
    mine, theirs = served.seated(first, second)
    streams: list[str] = []
    with (
        visiting(browser, served, mine, []) as page,
        visiting(browser, served, theirs, streams) as other,
    ):
        opened(page, served, "plan")
        opened(other, served, "plan")
        streams.clear()
        served.processes[first].kill()
        start = time.monotonic()
        # Asked again and again, as a visitor would: a click is lost while there is no stream.
        while not page.get_by_role("heading", level=1, name="Demand and FMS").is_visible():
            assert time.monotonic() - start < TO_RECOVER, "the page did not come back"
            page.get_by_role("link", name="Demand and FMS").click(timeout=TO_DRAW)
            page.wait_for_timeout(250)
        settle(page)
        print(f"\nworks again {time.monotonic() - start:.1f} s after its process was killed")
        # The other visitor notices nothing: the same stream goes on.
        other.get_by_role("link", name="About").click()
        expect(other.get_by_role("heading", level=1, name="About these figures")).to_be_visible(
            timeout=TO_DRAW
        )
        assert streams == [], served.site.visits[-30:]
        assert downloaded(page, "fms.csv")
        # The process is back, the visitor's stream is still with the other: so are their downloads.
        served.again(first)
        served.takes(mine, first)
        before = len(served.site.visits)
        assert downloaded(page, "verdicts.csv")
        lines = [line for line in served.site.visits[before:] if line[3].startswith("/media/")]
        assert {line[4] for line in lines} == {"200"}, lines
        assert {" ".join(line[7:]) for line in lines} == {f"127.0.0.1:{first}, 127.0.0.1:{second}"}, lines
        # And who opens a page now is with the first again.
        before = len(served.site.visits)
        opened(page, served, "plan")
        assert f"127.0.0.1:{first}" in processes_of(served.site.visits[before:])


def test_who_has_logged_out_of_one_process_is_out_of_the_other(browser: Browser, served: Served) -> None:
    mine, theirs = served.seated(*served.processes)
    with visiting(browser, served, mine, []) as page:
        copied = [each for each in page.context.cookies() if each["name"].startswith(COOKIE)]
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log in")).to_be_visible(timeout=TO_DRAW)
    context = browser.new_context(ignore_https_errors=True)
    known: list[Any] = [{"name": "stalking_seat", "value": theirs, "url": served.site.address}, *copied]
    context.add_cookies(known)
    page = context.new_page()
    page.goto(served.site.address)
    why = "You were logged out: log out was chosen, in this tab or another one"
    expect(page.get_by_text(why)).to_be_visible(timeout=TO_DRAW)
    context.close()


def test_with_no_process_a_visitor_is_told_so_and_comes_back(served: Served) -> None:
    seats = served.seated(*served.processes)
    for port in served.processes:
        served.processes[port].kill()
    assert answered(served, "/_stcore/health")[0] == 502
    for port in served.processes:
        served.again(port)
    for port, seat in zip(served.processes, seats, strict=True):
        served.takes(seat, port)
    assert answered(served, "/_stcore/health")[0] == 200


def test_what_a_visit_weighs(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], served: Served
) -> None:
    """A browser keeps nothing of a site whose certificate it overlooks: this one trusts its key.

    Without nginx there is no login: a visitor through a proxy is let in by nothing else.
    """
    trusting = [f"--ignore-certificate-errors-spki-list={key_digest(served.folder)}"]
    arguments = browser_type_launch_args | {"args": [*browser_type_launch_args.get("args", []), *trusting]}
    chromium = browser_type.launch(**arguments)
    address = served.site.address
    known = {"name": COOKIE, "value": provider.cookie_of(ANN, address), "url": address}
    preview = proxy.shared(served.folder, served.snapshots, proxy.free_ports(1)[0], login={})
    try:
        proxy.wait_for(preview)
        direct = f"http://127.0.0.1:{preview.port}"
        plain = [weight(context, f"{direct}/plan") for context in twice(chromium, [])]
        packed = [weight(context, f"{address}/plan") for context in twice(chromium, [known])]
    finally:
        chromium.close()
        preview.kill()
    print(f"\nfirst and second visit, bytes: direct {plain}, through nginx {packed}")
    assert packed[0] < plain[0] / 2
    assert packed[1] < packed[0] / 50


def key_digest(folder: Path) -> str:
    """SHA-256 of the certificate's public key, as Chromium wants it."""
    assert proxy.OPENSSL
    pem = [proxy.OPENSSL, "x509", "-in", str(folder / "fullchain.pem"), "-pubkey", "-noout"]
    key = subprocess.run(pem, check=True, capture_output=True).stdout
    der = [proxy.OPENSSL, "pkey", "-pubin", "-outform", "der"]
    content = subprocess.run(der, input=key, check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def twice(chromium: Browser, cookies: list[Any]) -> Iterator[BrowserContext]:
    """The same context two times, with those cookies."""
    context = chromium.new_context(viewport={"width": 1366, "height": 900})
    context.add_cookies(cookies)
    yield context
    yield context
    context.close()


def weight(context: BrowserContext, address: str) -> int:
    """Bytes that came over the network until the page was drawn, its stream left out."""
    page = context.new_page()
    sizes: list[int] = []
    network = context.new_cdp_session(page)
    network.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
    network.send("Network.enable")
    page.goto(address)
    expect(page.get_by_role("heading", level=1, name="Action plan")).to_be_visible(timeout=TO_DRAW)
    settle(page)
    page.close()
    return sum(sizes)
