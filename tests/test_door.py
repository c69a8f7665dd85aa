"""The door: what is asked for within a page passes only while the log-in holds, and nothing goes round it."""

import ast
import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.requests import HTTPConnection
from starlette.routing import Mount, Route, WebSocketRoute
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest, BackMsg
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.cache_storage_manager_config import create_default_cache_storage_manager
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from profiles import logins, sessions
from profiles.settings import PREFIX, ROOT, Settings, settings
from profiles.ui import door, serving, standing
from tests.provider import ANN, COOKIE, COOKIE_SECRET, cookie_of
from tests.test_access import GOOD, secrets

HOST = "dashboard.example"
HOME = f"https://{HOST}"
FILE = f"{'ab' * 28}.csv"


@pytest.fixture(autouse=True)
def _process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of the steering group with a login."""
    for name, value in {
        "ROLE": "steering",
        "ACCESS_LOG": str(tmp_path / "access.jsonl"),
        "STEERING_GROUP": "ann@example.org",
    }.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    monkeypatch.setenv(logins.FILES, str(secrets(tmp_path, GOOD)))
    monkeypatch.setattr(door, "get_cookie_secret", lambda: COOKIE_SECRET)


def logged() -> list[tuple[str, str, str, Any]]:
    """Kind, who, reason and what was asked for, of each line of the log."""
    path = settings().access_log
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    told = [json.loads(line) for line in lines]
    return [(each["what"], each["who"], each["reason"], each["details"].get("asked for")) for each in told]


def headers(cookie: str = "", **more: str) -> list[tuple[bytes, bytes]]:
    told = {"host": HOST, "origin": HOME} | ({"cookie": f"{COOKIE}={cookie}"} if cookie else {}) | more
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]


def rerun(fragment: str = "", **more: Any) -> BackMsg:
    """What a browser sends of a click: the whole page anew, or a piece of it."""
    asked = BackMsg()
    asked.rerun_script.fragment_id = fragment
    asked.rerun_script.query_string = "district=Thanet"
    asked.rerun_script.page_script_hash = "page"
    asked.rerun_script.widget_states.widgets.add(id="a button", trigger_value=True)
    for name, value in more.items():
        setattr(asked.rerun_script, name, value)
    return asked


def operation(kind: str) -> BackMsg:
    asked = BackMsg()
    getattr(asked.backend_operation_request, kind).SetInParent()
    return asked


PLAIN = BackMsg()
PLAIN.rerun_script.query_string = "district=Thanet"
PLAIN.rerun_script.page_script_hash = "page"
"""The page that was open, asked for anew with nothing clicked."""

DOWNLOAD = operation("deferred_file")


class Streamlit:
    """What stands behind the door: it takes what it is given, and answers each with one frame."""

    def __init__(self, frame: bytes = b"") -> None:
        self.frame, self.got, self.scope = frame, list[BackMsg](), dict[str, Any]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        if scope["type"] == "http":
            cross = [(b"access-control-allow-origin", b"*"), (b"X-Frame-Options", b"ALLOWALL")]
            await send({"type": "http.response.start", "status": 200, "headers": cross})
            await send({"type": "http.response.body", "body": b"figures"})
            return
        while (message := await receive())["type"] == "websocket.receive":
            self.got.append(BackMsg.FromString(message["bytes"]))
            await send({"type": "websocket.send", "bytes": self.frame})


def streamed(
    *asked: BackMsg | float,
    cookie: str = "",
    door_: door.Door | None = None,
    path: str = door.STREAM,
    **more: str,
) -> list[BackMsg]:
    """What reaches Streamlit of what a page sends; a number is seconds in which it sends nothing."""
    behind = Streamlit(b"see /media/" + FILE.encode())
    around = door_ or door.Door(behind)
    around.app = behind
    sent: list[Any] = []

    async def run() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()

        async def fed() -> None:
            for each in asked:
                if isinstance(each, float):
                    await asyncio.sleep(each)
                else:
                    await queue.put({"type": "websocket.receive", "bytes": each.SerializeToString()})
            await queue.put({"type": "websocket.disconnect"})

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": path, "headers": headers(cookie, **more), "query_string": b""}
        feeding = asyncio.ensure_future(fed())
        await around(scope, queue.get, send)
        await feeding

    # In a thread of its own: a browser of other tests may have its loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()
    if behind.scope:
        passed = {name.decode(): value.decode() for name, value in behind.scope["headers"]}
        assert door.passed(passed)
        names = [name.decode().lower() for name, _ in behind.scope["headers"]]
        assert names.count(door.TOKEN_NAME) == 1
    else:
        assert sent == [{"type": "websocket.close", "code": 1008}]
    return behind.got


def answered(
    path: str, method: str = "GET", cookie: str = "", door_: door.Door | None = None, **more: str
) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer; 200 when it comes from behind the door."""
    around = door_ or door.Door(Streamlit())
    around.app = Streamlit()
    sent: list[Any] = []

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
        }
        scope |= {"headers": headers(cookie, **more), "scheme": "https", "server": (HOST, 443)}
        await around(scope, lambda: None, send)  # type: ignore[arg-type, return-value]

    # In a thread of its own: a browser of other tests may have its loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.fixture
def cookie() -> str:
    return cookie_of(ANN, HOME)


def key_of(cookie: str) -> str:
    claims = door.claims_of(HTTPConnection({"type": "http", "headers": headers(cookie)}))
    assert claims
    return standing.key_of(claims)


# ---- what is asked for within a page


def test_who_is_in_is_led_on_with_all_that_pages_ask_for(cookie: str) -> None:
    asked = [rerun(), rerun("piece"), DOWNLOAD]
    assert streamed(*asked, cookie=cookie) == asked
    assert logged() == []


WITHIN = {"a page": rerun(), "a part of a page": rerun("piece"), "a file": DOWNLOAD}


@pytest.mark.parametrize("what", WITHIN)
@pytest.mark.parametrize("how", ["logged out", "idle", "too old"])
def test_after_the_log_in_has_ended_nothing_passes_but_the_page_anew(
    what: str, how: str, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = door.Door(Streamlit())
    assert streamed(rerun(), cookie=cookie, door_=around) == [rerun()]
    now = time.time()
    if how == "logged out":
        sessions.ended(settings(), key_of(cookie), "asked for")
        reason = "asked for"
    else:
        later = 31 * 60 if how == "idle" else 12 * 3600 + 1
        monkeypatch.setattr("profiles.sessions.time.time", lambda: now + later)
        reason = "nothing was asked for in 30 minutes" if how == "idle" else sessions.AT_MOST
    # Which page is open is told by what it sent last.
    (got,) = streamed(WITHIN[what], cookie=cookie, door_=around)
    assert not got.rerun_script.widget_states.widgets
    assert got == (PLAIN if what != "a file" else operation_less())
    who = "ann@example.org (subject ann)"
    ended = [] if how == "logged out" else [("log-out", who, reason, None)]
    assert logged() == [*ended, ("refusal", who, reason, what)]


def operation_less() -> BackMsg:
    """A request for the page that a visitor begins with."""
    asked = BackMsg()
    asked.rerun_script.SetInParent()
    return asked


def test_each_kind_of_question_is_logged_once_a_stream(cookie: str) -> None:
    sessions.ended(settings(), key_of(cookie))
    got = streamed(rerun("piece"), rerun("piece"), DOWNLOAD, DOWNLOAD, rerun(), cookie=cookie)
    assert got == [PLAIN] * 5
    assert [each[3] for each in logged()] == ["a part of a page", "a file", "a page"]


def test_who_is_not_logged_in_may_ask_for_the_page_to_log_in_and_its_button() -> None:
    assert streamed(rerun(), rerun("piece"), DOWNLOAD) == [rerun(), PLAIN, PLAIN]
    assert logged() == []


@pytest.mark.parametrize(
    "claims", [{"email": "eve@example.org"}, {"email_verified": False}, {"email_verified": "true"}]
)
def test_who_has_no_role_gets_the_page_that_says_so_and_nothing_else(claims: dict[str, Any]) -> None:
    cookie = cookie_of(ANN | claims, HOME)
    assert streamed(rerun(), rerun("piece"), DOWNLOAD, cookie=cookie) == [PLAIN] * 3
    assert {each[2] for each in logged()} == {"not among those who may see the shared dashboard"}


def test_a_cookie_of_another_server_or_another_address_is_none(cookie: str) -> None:
    for each in (cookie_of(ANN, HOME, "x" * 32), cookie_of(ANN, "https://other.example"), cookie[:-3], "x"):
        assert streamed(rerun("piece"), cookie=each) == [PLAIN]
        assert answered(f"/media/{FILE}", cookie=each)[0] == 403


def test_a_page_that_nobody_touches_is_asked_for_anew_when_its_log_in_has_ended(
    cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "WATCH_SECONDS", 0.01)
    around = door.Door(Streamlit())
    assert streamed(rerun(), 0.05, cookie=cookie, door_=around) == [rerun()]
    monkeypatch.setattr(sessions, "over", ending(sessions.over, settings(), key_of(cookie)))
    assert streamed(rerun(), 0.2, cookie=cookie, door_=around) == [rerun(), PLAIN]


def ending(whole: Any, chosen: Settings, key: str) -> Any:
    """`sessions.over`, but a log-in ends after the first question."""
    asked: list[bool] = []

    def over(*told: Any, is_asked: bool = True) -> str:
        asked.append(is_asked)
        if len(asked) == 2:
            sessions.ended(chosen, key)
        return str(whole(*told, is_asked=is_asked))

    return over


def test_a_rerun_by_the_clock_is_no_click(cookie: str) -> None:
    streamed(rerun(is_auto_rerun=True), cookie=cookie)
    assert list((settings().access_log.parent / sessions.FOLDER).iterdir()) == []
    streamed(rerun(), cookie=cookie)
    assert [each.name for each in (settings().access_log.parent / sessions.FOLDER).iterdir()] == [
        key_of(cookie)
    ]


def test_where_nothing_can_be_logged_nothing_passes(
    cookie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv(f"{PREFIX}ACCESS_LOG", str(tmp_path / "file" / "access.jsonl"))
    assert streamed(rerun("piece"), DOWNLOAD, cookie=cookie) == [PLAIN, PLAIN]
    assert answered(f"/media/{FILE}", cookie=cookie)[0] == 503


MESSAGES = {
    "rerun_script": "asked of",
    "backend_operation_request": "asked of",
    "stop_script": "passes",
    "app_heartbeat": "passes",
    "clear_cache": "dropped",
    "set_run_on_save": "dropped",
    "load_git_info": "dropped",
    "debug_disconnect_websocket": "dropped",
    "debug_shutdown_runtime": "dropped",
    "file_urls_request": "dropped",
}


def test_every_message_that_streamlit_knows_is_decided_on(cookie: str) -> None:
    """A version of Streamlit with one more fails here, and drops it until it is decided on."""
    assert {each.name for each in BackMsg.DESCRIPTOR.fields if each.containing_oneof} == set(MESSAGES)
    for name, what in MESSAGES.items():
        asked = BackMsg()
        told = BackMsg.DESCRIPTOR.fields_by_name[name]
        if told.message_type:
            getattr(asked, name).SetInParent()
        else:
            setattr(asked, name, True)
        if what == "passes":
            assert streamed(asked) == [asked], name
        if what == "dropped":
            assert streamed(asked, cookie=cookie) == [], name


def test_every_operation_but_a_download_is_held_back(cookie: str) -> None:
    kinds = {each.name for each in BackendOperationRequest.DESCRIPTOR.fields if each.containing_oneof}
    assert kinds == {"deferred_file", "dataframe_chunk", "install_skills", "dismiss_skills_nudge"}
    for kind in kinds - {"deferred_file"}:
        (got,) = streamed(operation(kind), cookie=cookie)
        assert got.HasField("rerun_script")


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (door.STREAM, {"origin": "https://evil.example"}),
        (door.STREAM, {"origin": "http://localhost:3000"}),
        (door.STREAM, {"origin": "null"}),
        (door.STREAM, {"origin": ""}),
        (door.STREAM, {"origin": f"{HOME}:8443"}),
        ("/_stcore/agent/interact", {}),
        ("/base/_stcore/stream", {}),
    ],
)
def test_a_stream_of_another_origin_or_place_is_refused(path: str, more: dict[str, Any], cookie: str) -> None:
    assert streamed(rerun(), cookie=cookie, path=path, **more) == []


def test_nobody_says_of_himself_that_he_came_in_here(cookie: str) -> None:
    assert not door.passed({"host": HOST, door.TOKEN_NAME: "x"})
    assert not door.passed({"host": HOST, door.TOKEN_NAME: "\xfe"})
    assert not door.passed({"host": HOST})
    # What a browser sends under that name is taken away: `streamed` looks.
    forged: dict[str, Any] = {door.TOKEN_NAME: "x"}
    assert streamed(rerun(), cookie=cookie, **forged) == [rerun()]


ROUND_IT = {"file_uploader", "camera_input", "audio_input", "chat_input", "dataframe", "data_editor", "App"}
"""Parts of Streamlit that take or give what no message of a page asks for, or serve another application."""

ITS_OWN = {"login", "logout", "user", "context"}
"""What `gate` alone may use."""


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "profiles" / "ui").glob("*.py"))]
)
def test_nothing_of_a_page_is_drawn_but_by_a_message_that_passes_here(path: Path) -> None:
    """Pieces, clicks and downloads come as messages; a piece that the server draws by itself does not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert not {each.arg for each in node.keywords} & {"run_every", "scope"}, node.lineno
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "st":
            assert node.attr not in ROUND_IT, node.lineno
            assert node.attr not in ITS_OWN or path.stem == "gate", node.lineno
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streamlit"):
            assert path.stem in {"door", "serving"}, node.lineno


# ---- files


def test_a_file_is_given_to_the_log_in_that_was_told_of_it_while_it_holds(cookie: str) -> None:
    around = door.Door(Streamlit())
    other = cookie_of(ANN | {"nonce": "another"}, HOME)
    path = f"/media/{FILE}"
    assert answered(path, cookie=cookie, door_=around)[0] == 404
    streamed(rerun(), cookie=cookie, door_=around)
    assert answered(path, cookie=cookie, door_=around)[0] == 200
    assert answered(path, cookie=other, door_=around)[0] == 404
    assert answered(path, door_=around)[0] == 403
    assert answered(f"/media/x/../{FILE}", cookie=cookie, door_=around)[0] == 404
    streamed(rerun(), cookie=other, door_=around)
    sessions.ended(settings(), key_of(cookie), "asked for")
    assert answered(path, cookie=cookie, door_=around)[0] == 403
    assert answered(path, cookie=other, door_=around)[0] == 200
    assert logged() == [("refusal", "ann@example.org (subject ann)", "asked for", "a file")]


def test_addresses_of_files_are_forgotten_when_there_are_too_many(
    cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "FILES_TOLD", 2)
    around = door.Door(Streamlit())
    for letter in "abc":
        around.tell(b"/media/" + letter.encode() * 56 + b".csv", "key")
    assert [name[0] for name in around.told] == ["b", "c"]


def test_without_a_login_files_are_for_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(logins.FILES, str(tmp_path / "none.toml"))
    around = door.Door(Streamlit())
    assert streamed(rerun(), rerun("piece"), DOWNLOAD, door_=around) == [rerun(), rerun("piece"), DOWNLOAD]
    assert answered(f"/media/{FILE}", door_=around)[0] == 200
    assert answered(f"/media/{FILE}", door_=around, via="1.1 a proxy")[0] == 403
    assert streamed(rerun("piece"), door_=around, via="1.1 a proxy") == [PLAIN]


def test_leaving_by_the_address_ends_the_log_in_for_every_copy_of_its_cookie(cookie: str) -> None:
    for _ in range(2):
        assert answered("/auth/logout", cookie=cookie)[0] == 200
    assert logged() == [("log-out", "ann@example.org (subject ann)", "asked for", None)]
    assert streamed(rerun("piece"), cookie=cookie) == [PLAIN]


# ---- what else the server answers


@pytest.mark.parametrize("path", ["/", "/plan", "/auth/login", "/oauth2callback", "/static/media/a.woff2"])
def test_pages_and_the_log_in_are_there(path: str) -> None:
    status, told = answered(path)
    assert status == 200
    assert {name: told[name] for name in door.HEADERS} == door.HEADERS
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert "access-control-allow-origin" not in told
    assert "X-Frame-Options" not in told
    assert (told.get("cache-control") == "no-store") == (path in {"/auth/login", "/oauth2callback"})


@pytest.mark.parametrize("cookie_", ["", "signed"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/_stcore/upload_file/a/b", 405),
        ("DELETE", "/_stcore/upload_file/a/b", 405),
        ("OPTIONS", "/_stcore/upload_file/a/b", 405),
        ("POST", "/", 405),
        ("GET", "/_stcore/metrics", 404),
        ("GET", "/_stcore/metrics/", 404),
        ("GET", "//_stcore/metrics", 404),
        ("GET", "/base/_stcore/metrics", 404),
        ("GET", "/_stcore/script-health-check", 404),
        ("GET", "/_stcore/agent/openapi.json", 404),
        ("POST", "/_stcore/agent/mcp", 405),
        ("GET", "/_stcore/bidi-components/a/b.js", 404),
        ("GET", "/component/a.b/index.html", 404),
        ("GET", "/app/static/a.txt", 404),
    ],
)
def test_what_is_not_needed_is_not_there(
    method: str, path: str, status: int, cookie_: str, cookie: str
) -> None:
    found, told = answered(path, method, cookie if cookie_ else "")
    assert found == status
    assert {name: told[name] for name in door.HEADERS} == door.HEADERS


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """Streamlit's own, not started."""
    made = Runtime(
        RuntimeConfig(
            script_path=str(ROOT / "app.py"),
            media_file_storage=MemoryMediaFileStorage("/media"),
            uploaded_file_manager=MemoryUploadedFileManager("/upload"),
            cache_storage_manager=create_default_cache_storage_manager(),
        )
    )
    yield made
    Runtime._instance = None


def test_every_place_that_streamlit_answers_at_is_decided_on(runtime: Runtime) -> None:
    """A version of Streamlit with one more fails here; below _stcore it is shut until it is decided on."""
    places = {
        each.path
        for each in create_streamlit_routes(runtime)
        if isinstance(each, (Mount, Route, WebSocketRoute))
    }
    led_on = {"/_stcore/health", "/_stcore/host-config", "/auth/login", "/auth/logout", "/oauth2callback", ""}
    asked_of = {"/media/{file_id:path}", door.STREAM}
    assert led_on | asked_of < places
    for place in places - led_on - asked_of:
        assert answered(place.replace("{", "").replace("}", ""))[0] == 404, place


def test_nginx_sends_the_same_headers_once() -> None:
    folder = ROOT / "deploy" / "nginx"
    sent = dict(
        re.findall(
            r'^add_header (\S+) "([^"]*)" always;',
            (folder / "stalking-profiles-headers.conf").read_text(),
            re.MULTILINE,
        )
    )
    told = {name.lower(): text for name, text in sent.items()}
    assert {name: told[name] for name in door.HEADERS} == door.HEADERS
    ours = door.policy(HOST).replace(f" ws://{HOST} wss://{HOST}", " wss://$http_host")
    assert told["content-security-policy"] == ours
    hidden = re.findall(
        r"^proxy_hide_header (\S+);", (folder / "stalking-profiles-proxy.conf").read_text(), re.MULTILINE
    )
    assert {*door.HEADERS, "content-security-policy"} <= {name.lower() for name in hidden}


def test_the_secrets_of_the_login_are_never_committed() -> None:
    assert ".streamlit/secrets.toml" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_policy_allows_no_script_but_streamlits_own_and_no_odd_host() -> None:
    told = door.policy(HOST)
    assert "script-src 'self' 'sha256-" in told
    assert f"connect-src 'self' ws://{HOST} wss://{HOST};" in told
    assert "connect-src 'self';" in door.policy("a; script-src *")


@pytest.mark.parametrize("name", serving.SAFE)
def test_the_server_does_not_start_with_what_opens_the_door(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serving.unsafe() == []
    option = st.get_option
    other = {"": "base", "{}": {"X-User": "email"}, "True": False, "False": True}[str(serving.SAFE[name])]
    monkeypatch.setattr(st, "get_option", lambda asked: other if asked == name else option(asked))
    assert serving.unsafe() == [name]


@pytest.mark.slow
def test_a_server_that_is_stopped_does_not_tell_of_its_insides() -> None:
    command = "from profiles import warehouse\nfrom profiles.ui import serving\nserving.warmed()"
    ended = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert "leaked" not in ended.stderr
