"""Logging in and out: /login sends to the OIDC issuer, /login/callback opens the session.

The state of a log-in under way is with the browser, encrypted, for ten minutes. A session lasts as
long as the ID token, and ends everywhere when it is closed.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.authentication import READ, HolderPerson, Principal, person_of
from api.dependencies import ServicesDep
from api.errors import UnauthenticatedError
from api.oidc_login import Attempt, OidcLogin
from api.pages.rendering import go
from api.pages.visitor import FormDep, VisitorDep, is_secure, session_cookie
from api.services import Services
from keys.errors import KeyCustodyError
from license_vault.web_sessions import Kind, WebSession, WebSessionWriter

router = APIRouter(include_in_schema=False)

_ATTEMPT = "license-vault-login"
_ATTEMPT_SECONDS = 600
_CONTEXT = b"license-vault/1/login-attempt"
_NEXT = Query(alias="next", max_length=512)
# Names of demo people, never a person's number.
_HINT = Query(alias="as", max_length=64, pattern=r"^[a-z0-9-]*$")


def _login(services: Services) -> OidcLogin:
    if services.login is None:
        raise UnauthenticatedError
    return services.login


@router.get("/login")
def log_in(
    services: ServicesDep,
    wanted: Annotated[str, _NEXT] = "",
    hint: Annotated[str, _HINT] = "",
) -> Response:
    """Send the browser to the issuer; it comes back to the page that was wanted."""
    attempt = Attempt(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        wanted=wanted if _is_here(wanted) else "",
    )
    response = RedirectResponse(_login(services).address(attempt, hint), 303)
    sealed = services.keys.wrap("vault-kek", json.dumps(asdict(attempt)).encode(), _CONTEXT)
    _set_cookie(services, response, _ATTEMPT, base64.urlsafe_b64encode(sealed).decode())
    return response


@router.get("/login/callback")
def come_back(
    request: Request,
    services: ServicesDep,
    code: Annotated[str, Query(max_length=4096)] = "",
    state: Annotated[str, Query(max_length=256)] = "",
) -> Response:
    """Open the session of whom the issuer says it is.

    Raises:
        UnauthenticatedError: the log-in is not one that began here, or the issuer refused it.
    """
    attempt = _attempt(services, request.cookies.get(_cookie(services, _ATTEMPT), ""))
    if not code or not secrets.compare_digest(attempt.state.encode(), state.encode()):
        raise UnauthenticatedError
    token, claims = _login(services).redeem(attempt, code)
    person = person_of(claims, services.claim_names)
    ends_at = datetime.fromtimestamp(claims["exp"], UTC).replace(microsecond=0)
    response = go(attempt.wanted or _home(person))
    response.delete_cookie(_cookie(services, _ATTEMPT))
    open_session(services, response, "person", token, ends_at)
    return response


@router.post("/logout")
def log_out(services: ServicesDep, visitor: VisitorDep, key: FormDep) -> Response:
    """End the session, on every node."""
    del key  # ending twice is ending once
    close_session(services, visitor.session)
    response = go("/")
    response.delete_cookie(session_cookie(visitor.secure), path="/", secure=visitor.secure)
    return response


def open_session(
    services: Services, response: Response, kind: Kind, token: str, ends_at: datetime
) -> None:
    """Open a session and give its secret to the browser."""
    with services.database.writing() as session:
        opened = WebSessionWriter(session, services.keys, services.random_bytes).open(
            kind, token, services.clock(), ends_at
        )
    secure = is_secure(services)
    response.set_cookie(
        session_cookie(secure), opened.secret, secure=secure, httponly=True, samesite="lax"
    )


def close_session(services: Services, session: WebSession | None) -> None:
    """End a session, if there is one."""
    if session is not None:
        with services.database.writing() as writing:
            WebSessionWriter(writing, services.keys, services.random_bytes).close(
                session.secret, services.clock()
            )


def _home(person: Principal) -> str:
    """Return where somebody's work begins."""
    if isinstance(person, HolderPerson):
        return "/my"
    reads = any(scope.action == READ for scope in person.scopes)
    return "/window" if reads else "/console"


def _attempt(services: Services, sealed: str) -> Attempt:
    try:
        told: dict[str, Any] = json.loads(
            services.keys.unwrap("vault-kek", base64.urlsafe_b64decode(sealed), _CONTEXT)
        )
        return Attempt(**told)
    except (KeyCustodyError, ValueError, TypeError) as error:
        raise UnauthenticatedError from error


def _is_here(path: str) -> bool:
    """Tell whether a path is one of this node: no other host's, nothing a browser reads as one."""
    return (
        path.startswith("/")
        and not path.startswith("//")
        and path.isprintable()
        and ("\\" not in path)
    )


def _cookie(services: Services, name: str) -> str:
    return f"__Host-{name}" if is_secure(services) else name


def _set_cookie(services: Services, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        _cookie(services, name),
        value,
        max_age=_ATTEMPT_SECONDS,
        secure=is_secure(services),
        httponly=True,
        samesite="lax",
    )
