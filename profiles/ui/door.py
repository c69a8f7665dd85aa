"""The door of the server: nothing that a browser sends reaches Streamlit unless it passes here.

It stands around the whole application, so that no page, piece of a page, click or download can go round it.
A page that is asked for anew is led on, and `gate` draws it or says why not. All else is asked for within a
page that was drawn before: it passes only while the log-in holds. What is held back becomes a plain request
for the page, which takes from the screen what was there.
"""

import asyncio
import json
import logging
import re
import secrets
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from profiles import audit, logins
from profiles.errors import ProfilesError
from profiles.settings import Settings, settings
from profiles.ui.standing import Kind, Standing, log_out, standing

LOG = logging.getLogger(__name__)

STREAM = "/_stcore/stream"
"""The websocket through which a page is drawn and asked."""

LOG_OUT = "/auth/logout"

OPEN = ("/_stcore/health", "/_stcore/host-config")
"""What a page asks before it opens its stream; it tells nothing of the dashboard."""

SHUT = ("_stcore", "component", "app")
"""What Streamlit offers besides: uploads, metrics, components and whatever comes. Nothing here needs it."""

FIGURES = ("media", "auth", "oauth2callback")
"""What is kept nowhere on the way."""

HARMLESS = ("stop_script", "app_heartbeat")
"""Messages that draw nothing and give nothing."""

DOWNLOAD = "deferred_file"

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), midi=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}
"""What is sent with every answer, besides `policy`."""

TOKEN = secrets.token_hex(32)
"""What a stream that came in here has in its headers, so that `gate` knows that it did."""

TOKEN_NAME = "x-stalking-profiles-door"  # nosec B105
"""The name of that header."""

WATCH_SECONDS = 15.0
"""How soon a page that nobody touches is taken from the screen after its log-in has ended."""

FILES_TOLD = 20_000
"""Addresses of files that are remembered with whom they were told to."""

FILE = re.compile(rb"/media/([0-9A-Za-z]{16,128}(?:\.[0-9A-Za-z]{1,8})?)")


def passed(headers: Mapping[str, str]) -> bool:
    """Whether the page with these headers came in here; so does one that is drawn without a server."""
    return not headers or secrets.compare_digest(headers.get(TOKEN_NAME, "").encode(), TOKEN.encode())


def policy(host: str) -> str:
    """What the browser may load, run and open for a page of that host: everything from here, nothing else."""
    streams = f" ws://{host} wss://{host}" if re.fullmatch(r"[0-9A-Za-z.:\[\]-]{1,255}", host) else ""
    return (
        f"default-src 'none'; script-src 'self' {' '.join(_scripts())}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'{streams}; "
        "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def claims_of(connection: HTTPConnection) -> dict[str, Any] | None:
    """What the provider said of who sends it, by the cookie that this server signed; None without one."""
    secret = get_cookie_secret()

    def signed(name: str) -> bytes | None:
        value = connection.cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1", "replace")) if value else None

    told = logins.section() or {}
    home = urlsplit(str(told.get("redirect_uri", "")))
    try:
        found = json.loads(get_cookie_with_chunks(signed, USER_COOKIE_NAME) or b"null")
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(found, dict) and found.get("origin") == f"{home.scheme}://{home.netloc}"
    return found if is_ours and found.get("is_logged_in") is True else None


class Door:
    """The application behind it, for those who may have what they ask for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.told: OrderedDict[str, set[str]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what comes, or lead it on."""
        if scope["type"] == "http":
            await self.answered(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.streamed(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with the headers that every answer has."""
        connection = HTTPConnection(scope)
        parts = scope["path"].strip("/").split("/")
        send = _with_headers(send, connection.headers.get("host", ""), parts[0] in FIGURES)
        if scope["method"] not in {"GET", "HEAD"}:
            await PlainTextResponse("", 405, {"allow": "GET, HEAD"})(scope, receive, send)
            return
        if scope["path"] not in OPEN and (parts[0] in SHUT or "_stcore" in parts):
            await PlainTextResponse("", 404)(scope, receive, send)
            return
        try:
            status = await asyncio.to_thread(self.refused, connection, parts)
        except ProfilesError:
            LOG.exception("Nobody is let in")
            status = 503
        if status:
            await PlainTextResponse("", status)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def refused(self, connection: HTTPConnection, parts: list[str]) -> int:
        """The status with which a request is refused; 0 when it is led on.

        Raises ProfilesError when the log cannot be written, or what tells of the log-ins.
        """
        if connection.url.path.rstrip("/") == LOG_OUT:
            claims = claims_of(connection)
            if claims:
                log_out(settings(), claims)
        if parts[0] != "media":
            return 0
        chosen = settings()
        found = _standing(chosen, connection)
        if not found.is_let_in:
            _log(chosen, found, "a file")
            return 403
        # Who was not told of it is told that there is none.
        return 0 if found.key in self.told.get("/".join(parts[1:]), ()) else 404

    async def streamed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the stream of a page on, message by message."""
        connection = HTTPConnection(scope)
        origin = urlsplit(connection.headers.get("origin", ""))
        is_own = bool(origin.netloc) and origin.netloc == connection.headers.get("host")
        if scope["path"] != STREAM or not is_own:
            LOG.warning("A stream of another origin, or none that there is, was refused")
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        name = TOKEN_NAME.encode()
        kept = [each for each in scope["headers"] if each[0].lower() != name]
        stream = _Stream(self, connection, receive, send)
        known = {**scope, "headers": [*kept, (name, TOKEN.encode())]}
        try:
            await self.app(known, stream.received, stream.sent)
        finally:
            stream.close()

    def tell(self, content: bytes, key: str) -> None:
        """Remember that the files named in the content are for who has that log-in."""
        for found in FILE.findall(content):
            name = found.decode()
            self.told.setdefault(name, set()).add(key)
            self.told.move_to_end(name)
        while len(self.told) > FILES_TOLD:
            self.told.popitem(last=False)


class _Stream:
    """The stream of one open page: what it sends is asked of first, what it is told is taken note of."""

    def __init__(self, door: Door, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        self.door, self.connection, self.receive, self.send = door, connection, receive, send
        self.key = ""
        self.page = BackMsg()
        self.page.rerun_script.SetInParent()
        self.is_shown = False
        self.logged: set[str] = set()
        self.waiting: asyncio.Task[Message] | None = None

    async def received(self) -> Message:
        """The next message that Streamlit is to have."""
        while True:
            message = await self.next()
            if message is None:
                return self.plain()
            content = message.get("bytes")
            if message["type"] != "websocket.receive" or content is None:
                return message
            asked = BackMsg()
            try:
                asked.ParseFromString(content)
            except Exception:
                # Streamlit closes the stream of who sends what is none of its messages.
                return message
            kind = asked.WhichOneof("type")
            if kind in HARMLESS:
                return message
            if kind == "rerun_script":
                self.note(asked)
            elif kind != "backend_operation_request":
                continue
            if await self.may(asked):
                return message
            return self.plain()

    async def next(self) -> Message | None:
        """The next message of the browser; None when the log-in of a page that is shown has ended."""
        self.waiting = self.waiting or asyncio.ensure_future(self.receive())
        while True:
            await asyncio.wait({self.waiting}, timeout=WATCH_SECONDS if self.is_shown else None)
            if self.waiting.done():
                message, self.waiting = self.waiting.result(), None
                return message
            found = await self.standing(is_asked=False)
            if not found.is_let_in:
                self.is_shown = False
                return None

    async def may(self, asked: BackMsg) -> bool:
        """Whether Streamlit is to have the message as it is; it is logged when not."""
        found = await self.standing(is_asked=not asked.rerun_script.is_auto_rerun)
        self.key, self.is_shown = found.key, found.is_let_in
        is_page = asked.HasField("rerun_script") and not asked.rerun_script.fragment_id
        if found.is_let_in:
            return is_page or asked.HasField("rerun_script") or _is_download(asked)
        if found.kind is Kind.LOGGED_OUT and is_page:
            return True
        what = "a page" if is_page else "a part of a page" if asked.HasField("rerun_script") else "a file"
        if what not in self.logged:
            self.logged.add(what)
            with suppress(ProfilesError):
                await asyncio.to_thread(_log, settings(), found, what)
        return False

    async def standing(self, *, is_asked: bool = True) -> Standing:
        """How who has this page open stands now."""
        try:
            return await asyncio.to_thread(_standing, settings(), self.connection, is_asked=is_asked)
        except ProfilesError:
            LOG.exception("Nobody is let in")
            return Standing(Kind.SHUT)

    def note(self, asked: BackMsg) -> None:
        """Keep which page is open, and nothing that was chosen or clicked on it."""
        told, kept = asked.rerun_script, self.page.rerun_script
        kept.query_string = told.query_string
        kept.page_script_hash = told.page_script_hash
        kept.page_name = told.page_name
        if told.HasField("context_info"):
            kept.context_info.CopyFrom(told.context_info)

    def plain(self) -> Message:
        """A request for the page that is open, as if it were opened anew."""
        return {"type": "websocket.receive", "bytes": self.page.SerializeToString()}

    async def sent(self, message: Message) -> None:
        """Send the browser what Streamlit has for it."""
        content = message.get("bytes") if message["type"] == "websocket.send" else None
        if content and b"/media/" in content:
            self.door.tell(content, self.key)
        await self.send(message)

    def close(self) -> None:
        """Wait for no further message."""
        if self.waiting:
            self.waiting.cancel()


def _standing(chosen: Settings, connection: HTTPConnection, *, is_asked: bool = True) -> Standing:
    return standing(chosen, claims_of(connection), connection.headers.keys(), is_asked=is_asked)


def _log(chosen: Settings, found: Standing, what: str) -> None:
    """Log that somebody who was logged in asked for what they may not have any more."""
    if found.kind in {Kind.OVER, Kind.NO_ROLE}:
        audit.written(chosen, audit.REFUSAL, found.name, {"asked for": what}, found.why)


def _is_download(asked: BackMsg) -> bool:
    return asked.backend_operation_request.WhichOneof("payload") == DOWNLOAD


def _with_headers(send: Send, host: str, is_kept_nowhere: bool) -> Send:
    """What sends an answer with the headers of every answer, and with none that opens it to other sites."""
    ours = HEADERS | {"content-security-policy": policy(host)}
    if is_kept_nowhere:
        ours["cache-control"] = "no-store"
    added = [(name.encode(), text.encode("latin-1")) for name, text in ours.items()]

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [each for each in message.get("headers", ()) if _is_kept(each[0], ours)]
            message = {**message, "headers": [*kept, *added]}
        await send(message)

    return sent


def _is_kept(name: bytes, ours: Iterable[str]) -> bool:
    told = name.decode("latin-1").lower()
    return told not in ours and not told.startswith("access-control-")


@lru_cache(maxsize=1)
def _scripts() -> tuple[str, ...]:
    """The digests of the scripts that stand in Streamlit's page itself."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    inline: Callable[[bytes], list[bytes]] = re.compile(rb"<script>(.*?)</script>", re.DOTALL).findall
    return tuple(f"'sha256-{b64encode(sha256(each).digest()).decode()}'" for each in inline(page))
