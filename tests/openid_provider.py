"""An OpenID Connect provider for the tests: Authlib's own server side, over HTTP, with keys, codes and PKCE as they are.

It has a page on which one signs in, as the person whose claims the test sets; and it can be made to lie.
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import grants as openid_grants
from flask import Flask, Response, jsonify, redirect
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "the-portal", "what the portal and the provider know"
SIGN_IN_PAGE = (
    "<!doctype html><html lang=en><title>Log in</title><h1>Log in</h1><form method=post><button>Log in</button></form>"
)


class Client:
    """The portal, as the provider knows it."""

    client_id = CLIENT
    id_token_signed_response_alg = "RS256"

    def __init__(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret, SECRET)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """One authorization code, good once."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    logged_in_at: int = field(default_factory=lambda: int(time.time()))

    def get_auth_time(self) -> int:
        return self.logged_in_at

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class OpenIdProvider:
    """What the provider knows and does; the test changes it as it goes.

    `claims` are those of whoever logs in; `lies` change the ID token's claims before it is signed; `sign` signs it
    otherwise; `speaks` changes what its metadata say; `answers` what is added to the address that leads back.
    """

    issuer: str = ""
    back: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "1", "email": "", "email_verified": True})
    lies: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any], RSAKey], str] | None = None
    speaks: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    denies: bool = False
    away: bool = False
    codes: dict[str, Code] = field(default_factory=dict)
    tokens_asked: int = 0

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)

    def turn_keys(self) -> None:
        """Signs with another key from now on."""
        self.__post_init__()

    def app(self) -> Flask:
        """The provider as a WSGI application."""
        app = Flask("provider")
        provider = self
        server = AuthorizationServer(app, lambda _: Client(provider.back), lambda token, _: None)

        class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
            TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

            def save_authorization_code(self, code: str, asked: Any) -> None:
                sent = asked.payload.data
                names = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method")
                provider.codes[code] = Code(code, *(sent.get(name, "") for name in names))

            def query_authorization_code(self, code: str, client: Client) -> Code | None:
                return provider.codes.get(code)

            def delete_authorization_code(self, authorization_code: Code) -> None:
                del provider.codes[authorization_code.code]

            def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
                return provider.claims

        class OpenIdCode(openid_grants.OpenIDCode):  # type: ignore[misc]
            def exists_nonce(self, nonce: str, asked: Any) -> bool:
                return any(code.nonce == nonce for code in provider.codes.values())

            def encode_id_token(self, token: dict[str, Any], asked: Any) -> str:
                now = int(time.time())
                told = {"iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
                told |= {"nonce": asked.authorization_code.nonce, "auth_time": asked.authorization_code.get_auth_time()}
                told |= {**provider.claims, **provider.lies}
                told = {name: value for name, value in told.items() if value is not None}
                if provider.sign:
                    return provider.sign(told, provider.key)
                return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, told, provider.key)

        server.register_grant(CodeGrant, [OpenIdCode(require_nonce=True), CodeChallenge(required=True)])

        @app.before_request
        def be_away() -> tuple[str, int] | None:
            return ("<h1>Bad gateway</h1>", 502) if provider.away else None

        @app.get("/.well-known/openid-configuration")
        def metadata() -> Response:
            told = {
                "issuer": provider.issuer,
                "authorization_endpoint": f"{provider.issuer}/authorize",
                "token_endpoint": f"{provider.issuer}/token",
                "jwks_uri": f"{provider.issuer}/keys",
                "end_session_endpoint": f"{provider.issuer}/out",
                "id_token_signing_alg_values_supported": ["RS256"],
                "authorization_response_iss_parameter_supported": True,
            }
            return jsonify(told | provider.speaks)

        @app.get("/favicon.ico")
        def favicon() -> tuple[str, int]:
            return "", 204

        @app.get("/keys")
        def keys() -> Response:
            return jsonify(keys=[provider.key.as_dict(private=False)])

        @app.get("/authorize")
        def ask() -> Any:
            try:
                server.get_consent_grant(end_user=provider.claims)
            except OAuth2Error as error:
                return f"{error.error}: {error.description}", 400
            return SIGN_IN_PAGE

        @app.post("/authorize")
        def log_in() -> Any:
            grant = server.get_consent_grant(end_user=provider.claims)
            user = None if provider.denies else provider.claims
            answer = server.create_authorization_response(grant_user=user, grant=grant)
            more = {"iss": provider.issuer, **provider.answers}
            added = "&".join(f"{name}={value}" for name, value in more.items() if value)
            return redirect(f"{answer.headers['Location']}&{added}", 303)

        @app.post("/token")
        def token() -> Any:
            provider.tokens_asked += 1
            return server.create_token_response()

        @app.get("/out")
        def out() -> str:
            return "<!doctype html><html lang=en><title>Out</title><h1>Logged out everywhere</h1>"

        return app


def _by_hand(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token that no library would make."""

    def in_base64(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    signed = ".".join(in_base64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{in_base64(sign(signed.encode()))}"


def signed_with_nothing(claims: dict[str, Any], key: RSAKey) -> str:
    """`alg: none`."""
    return _by_hand({"alg": "none"}, claims, lambda _: b"")


def signed_with_the_secret(claims: dict[str, Any], key: RSAKey) -> str:
    """HS256 with the client's secret: which the client could do, too."""
    return _by_hand({"alg": "HS256"}, claims, lambda text: hmac.digest(SECRET.encode(), text, "sha256"))


def signed_with_the_public_key(claims: dict[str, Any], key: RSAKey) -> str:
    """HS256 with the public key for a secret: the old confusion of algorithms."""
    public = key.as_pem(private=False)
    return _by_hand({"alg": "HS256", "kid": key.kid}, claims, lambda text: hmac.digest(public, text, "sha256"))


def signed_with_another_key(claims: dict[str, Any], key: RSAKey) -> str:
    """The right algorithm and key id, and a key that the provider never had."""
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, RSAKey.generate_key(2048))
