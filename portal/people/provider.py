"""Signing in through the department's own OpenID Connect provider: who it says somebody is, and no more [O8.2].

The authorization code flow with PKCE, state and nonce. The ID token is good only when it is signed with a key of the
provider's, by an asymmetric algorithm, for this portal, by this very issuer, and not expired; and when it says that the
email address is verified. Which account that is, and what it may do, the portal knows; no claim gives a role.

The one file that imports Authlib. [OpenID Connect Core 1.0, 3.1.3.7; RFC 7636; RFC 9207; OWASP ASVS 5.0, 10.2 and 10.5]
"""

import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.common.errors import AuthlibBaseError
from flask import Flask, request, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from portal.people.errors import PeopleError

_NAME = "provider"
_SECONDS = 5
"""How long the provider may take for each answer."""

_LEEWAY = 60
"""By how many seconds its clock may differ."""

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that only the provider can make; never `none`, and none that is made with the shared secret."""


class ProviderAway(PeopleError):
    """The provider does not answer, or not as one does."""


class ProviderRefused(PeopleError):
    """What came back does not show who somebody is. `why` is for the access log alone."""

    def __init__(self, why: str) -> None:
        super().__init__("It could not be shown who you are.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom the provider showed: the verified address, what it calls them, and whether it asked for a second factor.

    `subject` is one person's alone at this `issuer`, for ever [OpenID Connect Core 1.0, 2 and 5.7].
    """

    email: str
    issuer: str
    subject: str
    second_factor: bool


class Provider:
    """The provider of this issuer. `label` is what people call it.

    Whoever comes from there has logged in there no longer than `longest` ago: as long as a session of the portal lasts.
    """

    def __init__(
        self, app: Flask, issuer: str, client_id: str, client_secret: str, label: str, longest: timedelta
    ) -> None:
        self.label, self._issuer, self._client_id = label, issuer, client_id
        self._longest = int(longest.total_seconds())
        from authlib.integrations.flask_client import OAuth  # takes a tenth of a second: not where no provider is set

        self._client: Any = OAuth(app).register(
            _NAME,
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": _SECONDS},
        )

    def begin(self, back: str) -> Response:
        """To the provider, which sends people on to the address `back`. Raises `ProviderAway`."""
        self._metadata()
        forget_begun()
        answer: Response = self._client.authorize_redirect(back, max_age=self._longest)
        return answer

    def come_back(self) -> Shown:
        """Whom the provider shows, as they come back. Raises `ProviderAway`, `ProviderRefused`.

        What was begun is over with that, however it ended: the same answer is not taken twice.
        """
        metadata = self._metadata()
        answered_by = request.args.get("iss")
        try:
            if answered_by not in (self._issuer, None) or (
                answered_by is None and metadata.get("authorization_response_iss_parameter_supported")
            ):
                raise ProviderRefused("the answer came from another issuer")
            claims = self._claims()
        finally:
            forget_begun()
        email = claims.get("email")
        if not isinstance(email, str) or not email:
            raise ProviderRefused("no email address")
        if claims.get("email_verified") is not True:
            raise ProviderRefused("the email address is not verified")
        self._require_recent(claims.get("auth_time"))
        return Shown(email, self._issuer, str(claims["sub"]), "mfa" in (claims.get("amr") or ()))  # RFC 8176

    def _require_recent(self, logged_in_at: object) -> None:
        """Whoever asks with `max_age` is told when somebody logged in, and has to look [OpenID Core, 3.1.3.7]."""
        if isinstance(logged_in_at, bool) or not isinstance(logged_in_at, int | float):
            raise ProviderRefused("it does not say when somebody logged in there (auth_time)")
        if not -_LEEWAY <= time.time() - logged_in_at <= self._longest + _LEEWAY:
            raise ProviderRefused("logged in there too long ago (auth_time)")

    def way_out(self, back: str) -> str | None:
        """The address at which one signs out of the provider too, if it has one."""
        try:
            metadata = self._metadata()
        except ProviderAway:
            return None
        if not metadata.get("end_session_endpoint"):
            return None
        made = self._client.create_logout_url(post_logout_redirect_uri=back, client_id=self._client_id)
        return str(made["url"])

    def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself; kept once it was read. Raises `ProviderAway`."""
        try:
            metadata: dict[str, Any] = self._client.load_server_metadata()
        except (OSError, ValueError) as error:  # what requests raises is an OSError; no JSON is a ValueError
            raise ProviderAway(f"{self.label} does not answer: {type(error).__name__}") from error
        if metadata.get("issuer") != self._issuer:
            self._client.server_metadata.clear()  # not kept: it may be set right
            raise ProviderAway(f"{self.label} calls itself by another name than the portal's settings do")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in _ALGORITHMS]
        return metadata

    def _claims(self) -> dict[str, Any]:
        needed = {"iss": self._issuer, "aud": self._client_id}
        options: dict[str, Any] = {name: {"essential": True, "value": value} for name, value in needed.items()}
        options |= {name: {"essential": True} for name in ("sub", "exp", "iat", "nonce")}
        try:
            token = self._client.authorize_access_token(claims_options=options, leeway=_LEEWAY)
        except AuthlibBaseError as error:
            known = re.fullmatch(r"[a-z_]{1,40}", error.error or "")  # it may come from anybody who knows the address
            raise ProviderRefused(error.error if known else "an error of its own") from error
        except JoseError as error:
            self._client.server_metadata.pop("jwks", None)  # its keys may have changed: they are asked for anew
            raise ProviderRefused(f"ID token: {error}"[:100]) from error
        except (TypeError, KeyError, AttributeError) as error:
            raise ProviderRefused(f"ID token: cannot be read ({type(error).__name__})") from error
        except ValueError as error:
            raise ProviderRefused("an answer that cannot be read") from error
        except OSError as error:
            raise ProviderAway(f"{self.label} does not answer: {type(error).__name__}") from error
        claims: dict[str, Any] | None = token.get("userinfo")
        if claims is None:
            raise ProviderRefused("no ID token")
        return claims


def forget_begun() -> None:
    """Drops what the cookie carries of sign-ins that were begun: one at a time."""
    for key in [key for key in session if key.startswith(f"_state_{_NAME}")]:
        session.pop(key)
