"""Bearer tokens of officers and holders: JWTs of one issuer, judged by fixed rules.

The token never chooses how it is judged: algorithms come from the settings, keys
only from the configured address, and a header that brings or points to a key is
refused. Roles and identities are claims; what they permit is decided elsewhere.

Source: RFC 7519, RFC 8725, OpenID Connect Core 1.0, 2.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import jwt

from api.errors import NotReadyError, UnauthenticatedError

MAX_TOKEN_CHARACTERS = 8192
MAX_JWKS_BYTES = 65536
MAX_KEYS = 20
_FAMILY = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
_ALLOWED_HEADERS = frozenset({"alg", "kid", "typ"})
_ALLOWED_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must satisfy; from the settings."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    leeway_seconds: int
    max_lifetime_seconds: int


class IssuerKeys:
    """The issuer's keys, fetched when needed and never more often than the pause."""

    def __init__(
        self, url: str, fetch: Fetch, clock: Callable[[], datetime], cache_s: int, pause_s: int
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._cache_seconds = cache_s
        self._pause_seconds = pause_s
        self._keys: tuple[jwt.PyJWK, ...] = ()
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._lock = threading.Lock()

    def find(self, key_id: str | None, family: str) -> jwt.PyJWK:
        """Return the key a token names, or the only one of its family if it names none.

        Raises:
            UnauthenticatedError: there is no such key.
            NotReadyError: the issuer gave no keys at all.
        """
        with self._lock:
            self._refresh(wanted=self._match(key_id, family) is None)
            key = self._match(key_id, family)
            known = bool(self._keys)
        if key is not None:
            return key
        if not known:
            raise NotReadyError(("oidc",))
        raise UnauthenticatedError

    def _match(self, key_id: str | None, family: str) -> jwt.PyJWK | None:
        fitting = [key for key in self._keys if key.key_type == family]
        if key_id is not None:
            fitting = [key for key in fitting if key.key_id == key_id]
        return fitting[0] if len(fitting) == 1 else None

    def _refresh(self, *, wanted: bool) -> None:
        now = self._clock()
        fresh = self._fetched_at and _seconds(self._fetched_at, now) < self._cache_seconds
        if fresh and not wanted:
            return
        if self._tried_at and _seconds(self._tried_at, now) < self._pause_seconds:
            return
        self._tried_at = now
        try:
            self._keys = read_keys(self._fetch(self._url))
        except (OSError, URLError, ValueError):
            # The keys we have go on counting until the issuer answers again.
            return
        self._fetched_at = now


def _seconds(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds()


def read_keys(data: bytes) -> tuple[jwt.PyJWK, ...]:
    """Return the public signature keys of a JWK set; secret and unknown ones are left out.

    Raises:
        ValueError: it is no JWK set.
    """
    parsed = json.loads(data)
    if not isinstance(parsed, dict) or not isinstance(parsed.get("keys"), list):
        raise ValueError("not a JWK set")  # noqa: TRY004 - one kind for every broken set
    keys = []
    for item in parsed["keys"][:MAX_KEYS]:
        usable = isinstance(item, dict) and item.get("kty") in set(_FAMILY.values())
        if usable and item.get("use", "sig") == "sig" and "d" not in item:
            keys += _read_key(item)
    return tuple(keys)


def _read_key(item: dict[str, Any]) -> list[jwt.PyJWK]:
    try:
        return [jwt.PyJWK(item)]
    except jwt.PyJWTError:
        return []


class BearerTokens:
    """Judges bearer JWTs of one issuer."""

    def __init__(self, rules: TokenRules, keys: IssuerKeys, clock: Callable[[], datetime]) -> None:
        self._rules = rules
        self._keys = keys
        self._clock = clock

    def claims(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token that counts now.

        Raises:
            UnauthenticatedError: it does not count; it is not said why.
            NotReadyError: the issuer's keys are not to be had.
        """
        if len(token) > MAX_TOKEN_CHARACTERS or token.count(".") != 2:
            raise UnauthenticatedError
        try:
            header = jwt.get_unverified_header(token)
            algorithm = self._algorithm(header)
            key = self._keys.find(header.get("kid"), _FAMILY[algorithm])
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub"],
                    # Judged below by our clock.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise UnauthenticatedError from error
        self._check_times(claims)
        return claims

    def _algorithm(self, header: Mapping[str, Any]) -> str:
        key_id = header.get("kid")
        kind = header.get("typ", "JWT")
        algorithm = header.get("alg")
        fits = (
            set(header) <= _ALLOWED_HEADERS
            and (key_id is None or (isinstance(key_id, str) and len(key_id) <= 128))
            and isinstance(kind, str)
            and kind.lower() in _ALLOWED_TYPES
        )
        if not fits or not isinstance(algorithm, str) or algorithm not in self._rules.algorithms:
            raise UnauthenticatedError
        return algorithm

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now, leeway = self._clock().timestamp(), self._rules.leeway_seconds
        begins, made, ends = claims.get("nbf", 0), claims["iat"], claims["exp"]
        if not all(_is_instant(value) for value in (begins, made, ends)):
            raise UnauthenticatedError
        if not (max(begins, made) - leeway <= now < ends + leeway):
            raise UnauthenticatedError
        if ends - made > self._rules.max_lifetime_seconds:
            raise UnauthenticatedError


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**40


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: an address of the settings is asked, and nobody else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing."""


def fetch_with_limits(timeout_seconds: float) -> Fetch:
    """Return a function that gets an address of the settings: no redirect, no proxy, 64 KiB."""
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))

    def fetch(url: str) -> bytes:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("not an http address")
        with opener.open(url, timeout=timeout_seconds) as answer:
            data: bytes = answer.read(MAX_JWKS_BYTES + 1)
        if len(data) > MAX_JWKS_BYTES:
            raise ValueError("too many keys")
        return data

    return fetch
