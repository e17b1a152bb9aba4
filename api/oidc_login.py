"""Logging people in at the OIDC issuer: authorization code with PKCE, state and nonce.

The issuer's addresses come from its own discovery document, fetched from the configured issuer
only. What comes back is an ID token, judged by ``api.oidc`` as every bearer token is.

Source: OpenID Connect Core 1.0, 3.1; Discovery 1.0, 4; RFC 7636; RFC 9700, 2.1.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode

from api.errors import NotReadyError, UnauthenticatedError
from api.oidc import BearerTokens, Fetch, NoRedirect

_MAX_ANSWER_BYTES = 65536
_ADDRESSES_COUNT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LoginRules:
    """With whom and as whom we log people in; from the settings."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    callback: str
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One log-in under way: kept by the browser, sealed, until it comes back."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    wanted: str


@dataclass(frozen=True, slots=True)
class _Addresses:
    authorization: str
    token: str
    fetched_at: datetime


class OidcLogin:
    """Sends people to the issuer and takes what they come back with."""

    def __init__(
        self, rules: LoginRules, tokens: BearerTokens, fetch: Fetch, clock: Callable[[], datetime]
    ) -> None:
        self._rules = rules
        self._tokens = tokens
        self._fetch = fetch
        self._clock = clock
        self._known: _Addresses | None = None
        self._lock = threading.Lock()

    def address(self, attempt: Attempt, hint: str = "") -> str:
        """Return where the browser is sent to log in.

        Args:
            hint: as whom, where the issuer takes such hints (``login_hint``); empty: not said.

        Raises:
            NotReadyError: the issuer does not say where.
        """
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._rules.client_id,
            "redirect_uri": self._rules.callback,
            "scope": "openid profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **({"login_hint": hint} if hint else {}),
        }
        return f"{self._addresses().authorization}?{urlencode(asked)}"

    def redeem(self, attempt: Attempt, code: str) -> tuple[str, Mapping[str, Any]]:
        """Trade a code for the ID token; return it with its claims, judged.

        Raises:
            UnauthenticatedError: the issuer refuses the code, or the token does not count.
            NotReadyError: the issuer does not answer.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._rules.callback,
            "client_id": self._rules.client_id,
            "code_verifier": attempt.verifier,
        }
        if self._rules.client_secret:
            form["client_secret"] = self._rules.client_secret
        answered = _posted(self._addresses().token, form, self._rules.timeout_seconds)
        token = answered.get("id_token")
        if not isinstance(token, str):
            raise UnauthenticatedError
        claims = self._tokens.claims(token)
        if claims.get("nonce") != attempt.nonce:
            raise UnauthenticatedError
        return token, claims

    def _addresses(self) -> _Addresses:
        with self._lock:
            now = self._clock()
            if self._known is None or now - self._known.fetched_at > _ADDRESSES_COUNT_FOR:
                self._known = self._discover(now)
            return self._known

    def _discover(self, now: datetime) -> _Addresses:
        address = f"{self._rules.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            told = json.loads(self._fetch(address))
            if told["issuer"] != self._rules.issuer:
                raise NotReadyError(("oidc",))
            return _Addresses(str(told["authorization_endpoint"]), str(told["token_endpoint"]), now)
        except (OSError, URLError, ValueError, KeyError, TypeError) as error:
            raise NotReadyError(("oidc",)) from error


def _posted(address: str, form: Mapping[str, str], timeout: float) -> Mapping[str, Any]:
    """POST a form to the issuer; no redirect, no proxy, a limited answer."""
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    request = urllib.request.Request(  # noqa: S310 - the address is the configured issuer's
        address, urlencode(form).encode(), {"Accept": "application/json"}
    )
    try:
        with opener.open(request, timeout=timeout) as answer:
            told = json.loads(answer.read(_MAX_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        if error.code < 500:
            raise UnauthenticatedError from error
        raise NotReadyError(("oidc",)) from error
    except (OSError, URLError, ValueError) as error:
        raise NotReadyError(("oidc",)) from error
    if not isinstance(told, dict):
        raise UnauthenticatedError
    return told
