"""A small provider of identities on this machine, whose tokens can be made wrong in one way each.

    with provider.serving() as identities:
        identities.fault = "expired"
        browser…

It lets everybody in as the person of `claims`, at once and without a page of its own.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

CLIENT, SECRET = "dashboard", "the client's secret"

COOKIE, COOKIE_SECRET = "_streamlit_user", "0123456789abcdef0123456789abcdef"
"""The cookie that a log-in leaves, and what the dashboards of the tests sign it with."""

ANN = {"sub": "ann", "email": "ann@example.org", "email_verified": True}
"""The member of the steering group in the tests."""

FAULTS = ("wrong audience", "wrong issuer", "expired", "forged", "replayed", "no token")
"""What can be wrong with a token, one at a time."""


def cookie_of(claims: Mapping[str, Any], address: str, secret: str = COOKIE_SECRET) -> str:
    """The cookie of who logged in at that address just now, signed with that secret."""
    told = {**claims, "origin": address, "is_logged_in": True, "provider": "default", "iat": int(time.time())}
    return create_signed_value(secret, COOKIE, json.dumps(told)).decode("latin-1")


def _key() -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """What the provider says of whoever comes, and what is wrong with it."""

    address: str = ""
    fault: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: jwk.RSAKey = field(default_factory=_key)
    other: jwk.RSAKey = field(default_factory=_key)
    nonces: dict[str, str] = field(default_factory=dict)
    first_nonce: str = ""

    def told_at(self, address: str) -> dict[str, str]:
        """What the secrets of a dashboard at that address say of this provider."""
        return {
            "redirect_uri": f"{address}/oauth2callback",
            "cookie_secret": COOKIE_SECRET,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "server_metadata_url": f"{self.address}/.well-known/openid-configuration",
        }

    def token(self, nonce: str) -> str:
        """A token for the person of `claims`, with its fault."""
        now = int(time.time())
        self.first_nonce = self.first_nonce or nonce
        told = {
            "iss": "http://127.0.0.1:1" if self.fault == "wrong issuer" else self.address,
            "aud": "another" if self.fault == "wrong audience" else CLIENT,
            "iat": now - 7200 if self.fault == "expired" else now,
            "exp": now - 3600 if self.fault == "expired" else now + 3600,
            "nonce": self.first_nonce if self.fault == "replayed" else nonce,
            **self.claims,
        }
        signed_by = self.other if self.fault == "forged" else self.key
        return str(jwt.encode({"alg": "RS256", "kid": "one"}, told, signed_by))


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/.well-known/openid-configuration":
                self.told(
                    {
                        "issuer": provider.address,
                        "authorization_endpoint": f"{provider.address}/authorize",
                        "token_endpoint": f"{provider.address}/token",
                        "jwks_uri": f"{provider.address}/keys",
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
            elif path == "/keys":
                self.told({"keys": [provider.key.as_dict(private=False)]})
            elif path == "/authorize":
                code = secrets.token_hex(8)
                provider.nonces[code] = query["nonce"][0]
                back = urlencode({"code": code, "state": query["state"][0]})
                self.send_response(302)
                self.send_header("Location", f"{query['redirect_uri'][0]}?{back}")
                self.end_headers()
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            code = parse_qs(self.rfile.read(length).decode()).get("code", [""])[0]
            nonce = provider.nonces.pop(code, None)
            if nonce is None or provider.fault == "no token":
                self.told({"error": "invalid_grant"}, 400)
                return
            self.told(
                {
                    "access_token": secrets.token_hex(8),
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "id_token": provider.token(nonce),
                }
            )

        def told(self, content: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing: a test's screen is not for this."""

    return Handler


@contextmanager
def serving(**claims: Any) -> Iterator[Provider]:
    """The provider at its address, until the block ends; it vouches for the person of the claims."""
    provider = Provider(claims=claims)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
