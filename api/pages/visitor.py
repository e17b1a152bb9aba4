"""Who looks at a page: in which language, logged in as whom, and the API that speaks for them.

A page route asks for ``VisitorDep`` (anybody), ``HolderDep``, ``ClerkDep`` (may read licenses, at a
window), ``OfficerDep`` (the console) or ``KioskDep``. A form that changes something also asks for
``FormDep``: it proves that the form was ours, and holds the key that makes it safe to send twice.
"""

from __future__ import annotations

import base64
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from fastapi import Depends, Form, Query, Request

from api.authentication import READ, HolderPerson, Principal
from api.dependencies import ServicesDep, principal_of
from api.device_access import device_in
from api.errors import ForbiddenError, FormRefusedError, UnauthenticatedError
from api.observability import request_id_of
from api.pages.address import login_address, page_address
from api.pages.inner_api import InnerApi, inner_api
from api.problems.answers import language_of
from api.services import Services
from license_vault.api_clients import Caller
from license_vault.presenting.devices import Device
from license_vault.web_sessions import WebSession, WebSessions

Language = Literal["zh", "en"]
Area = Literal["my", "window", "kiosk", "console"]

LANGUAGE_COOKIE = "license-vault-language"
_SESSION_COOKIE = "license-vault-session"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class LoginNeededError(Exception):
    """Nobody is logged in, or somebody whose time is over: the page asks to log in."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page. ``chosen_language`` is one that was just chosen, to be remembered.

    ``address``: where a browser opens the page again, as it is (``api.pages.address``).
    """

    language: Language
    chosen_language: Language | None
    path: str
    api: InnerApi
    session: WebSession | None
    person: HolderPerson | Caller | Device | None
    anti_forgery: str
    secure: bool
    address: str = "/"

    @classmethod
    def nobody(cls, request: Request) -> Visitor:
        """Return somebody of whom nothing could be found out, for the page that says so."""
        language = _language(request)
        api = inner_api(request.app, None, language, request_id_of(request.scope))
        address = page_address(request)
        path = request.url.path
        return cls(language, None, path, api, None, None, "", secure=False, address=address)

    @property
    def login_address(self) -> str:
        """Return the address that asks to log in and leads back here."""
        return login_address(self.address)

    def in_language(self, language: Language) -> str:
        """Return the address of this page, with what it shows, in a language."""
        return f"{self.address}{'&' if '?' in self.address else '?'}lang={language}"

    @property
    def areas(self) -> tuple[Area, ...]:
        """Return which areas this visitor may enter, for the menu."""
        match self.person:
            case HolderPerson():
                return ("my",)
            case Device():
                return ("kiosk",)
            case Caller():
                reads = any(scope.action == READ for scope in self.person.scopes)
                return ("window", "console") if reads else ("console",)
        return ()

    @property
    def officer(self) -> Caller:
        """Return the officer who is logged in; only where ``OfficerDep`` or ``ClerkDep`` stood."""
        return cast(Caller, self.person)

    @property
    def rights(self) -> frozenset[str]:
        """Return what an officer may do with any license type, to spare dead links."""
        return frozenset(scope.action for scope in self.officer.scopes)

    @property
    def operator(self) -> str:
        """Return by which name an officer or device is written down as operator."""
        return self.person.as_caller.name if isinstance(self.person, Device) else self.officer.name


def session_cookie(secure: bool) -> str:
    """Return the cookie's name; over https no other site of the domain can set one of its name."""
    return f"__Host-{_SESSION_COOKIE}" if secure else _SESSION_COOKIE


def is_secure(services: Services) -> bool:
    """Tell whether people reach this node over https."""
    return services.public_url.startswith("https://")


def visitor_of(
    request: Request,
    services: ServicesDep,
    lang: Annotated[str | None, Query(max_length=8)] = None,
) -> Visitor:
    """Return who looks, logged in or not."""
    session = _session(request, services)
    person = _person(services, session)
    chosen = cast("Language | None", lang if lang in {"zh", "en"} else None)
    language = chosen or _language(request)
    secret = session.secret if session and person else ""
    return Visitor(
        language=language,
        chosen_language=chosen,
        path=request.url.path,
        api=inner_api(
            request.app,
            session.token if session and person else None,
            language,
            request_id_of(request.scope),
        ),
        session=session if person else None,
        person=person,
        anti_forgery=_anti_forgery(services, secret) if secret else "",
        secure=is_secure(services),
        address=page_address(request),
    )


def _language(request: Request) -> Language:
    remembered = request.cookies.get(LANGUAGE_COOKIE)
    if remembered not in {"zh", "en"}:
        remembered = language_of(request.headers.get("accept-language", ""))
    return cast(Language, remembered)


def _session(request: Request, services: Services) -> WebSession | None:
    secret = request.cookies.get(session_cookie(is_secure(services)), "")
    if not 32 <= len(secret) <= 64:
        return None
    with services.database.reading() as session:
        return WebSessions(session, services.keys).find(secret, services.clock())


def _person(services: Services, session: WebSession | None) -> Principal | Device | None:
    """Return who the session's token speaks for; it is judged anew each time."""
    if session is None:
        return None
    with suppress(UnauthenticatedError):
        if session.kind == "device":
            return device_in(services, f"Bearer {session.token}")
        return principal_of(services, f"Bearer {session.token}")
    return None


def _anti_forgery(services: Services, secret: str) -> str:
    made = services.keys.mac("token-mac", f"license-vault/1/form\0{secret}".encode())
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


VisitorDep = Annotated[Visitor, Depends(visitor_of)]


def _holder(visitor: VisitorDep) -> Visitor:
    return _entering(visitor, "my")


def _clerk(visitor: VisitorDep) -> Visitor:
    return _entering(visitor, "window")


def _officer(visitor: VisitorDep) -> Visitor:
    return _entering(visitor, "console")


def _kiosk(visitor: VisitorDep) -> Visitor:
    return _entering(visitor, "kiosk")


def _entering(visitor: Visitor, area: Area) -> Visitor:
    if visitor.person is None:
        raise LoginNeededError
    if area not in visitor.areas:
        raise ForbiddenError(area)
    return visitor


HolderDep = Annotated[Visitor, Depends(_holder)]
ClerkDep = Annotated[Visitor, Depends(_clerk)]
OfficerDep = Annotated[Visitor, Depends(_officer)]
KioskDep = Annotated[Visitor, Depends(_kiosk)]


def _form(
    request: Request,
    visitor: VisitorDep,
    anti_forgery: Annotated[str, Form(max_length=64)] = "",
    request_key: Annotated[str, Form(max_length=64)] = "",
) -> str:
    """Return the key of a form that changes something: the same form sent twice acts once.

    Raises:
        LoginNeededError: the session is over.
        FormRefusedError: it is not a form of this session.
    """
    if visitor.session is None:
        raise LoginNeededError
    from_elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in {
        "same-origin",
        "none",
    }
    ours = hmac.compare_digest(anti_forgery.encode(), visitor.anti_forgery.encode())
    if from_elsewhere or not ours or not _KEY.fullmatch(request_key):
        raise FormRefusedError
    return request_key


FormDep = Annotated[str, Depends(_form)]
