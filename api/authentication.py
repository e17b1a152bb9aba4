"""Who calls: a program with one of our tokens, or a person with a token of the OIDC issuer.

Says who it is and what was given to them; what that permits is asked where it is
used. A refused credential is refused alike, whatever is wrong with it.

Source: RFC 6749, 2.3.1 and 4.4; RFC 6750; RFC 7617.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from api.errors import ForbiddenError, TokenRequestInvalidError, UnauthenticatedError
from license_vault.api_clients import Caller, Scope
from license_vault.seals.document_sealing import USE_SEALS
from license_vault.seals.roles import CLAIMED, SealRole, claimed_role

READ = "licenses:read"
ISSUE = "licenses:issue"
SUSPEND = "licenses:suspend"
CANCEL = "licenses:cancel"
HANDLE_CASES = "cases:handle"
DEFINE_ITEMS = "items:define"
ACTIONS = (READ, ISSUE, SUSPEND, CANCEL, USE_SEALS, HANDLE_CASES, DEFINE_ITEMS)
TRUST_APPROVE = "trust:approve"
OFFICER_ROLE = "license-officer"
APPROVAL_ROLE = "approval-officer"
SECURITY_ROLE = "security-administrator"
HOLDER_ROLE = "license-holder"
_SEALS = "seals:"

_SUBJECT = re.compile(r"[A-Za-z0-9._@:|-]{1,128}", re.ASCII)
_TYPE_CODE = re.compile(r"[0-9A-Z]{21}|\*", re.ASCII)
_CREDENTIAL = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HolderPerson:
    """A natural or legal person who looks into the own vault; numbers never reach a log."""

    document_type: str
    document_number: str = field(repr=False)


Principal = Caller | HolderPerson


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Under which names the issuer's tokens say role and identity; from the settings."""

    role: str
    organisation: str
    document_type: str
    document_number: str


def bearer_of(authorization: str | None) -> str:
    """Return the token of an Authorization header.

    Raises:
        UnauthenticatedError: there is none, or it is no bearer token.
    """
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not _CREDENTIAL.fullmatch(token):
        raise UnauthenticatedError
    return token


def is_jwt(token: str) -> bool:
    """Tell whether a token has the three parts of a JWT; ours have one."""
    return token.count(".") == 2


def person_of(claims: Mapping[str, Any], names: ClaimNames) -> Principal:
    """Return the officer or the holder that verified claims speak of.

    An officer looks at licenses, or decides on them in cases, or has a role with seals, or
    administers security.

    Raises:
        UnauthenticatedError: they speak of neither, or of both.
        SealRolesConflictError: of an officer with two roles with seals.
    """
    roles = claims.get(names.role, ())
    roles = {roles} if isinstance(roles, str) else set(_texts(roles))
    of_officers = roles & {OFFICER_ROLE, APPROVAL_ROLE, SECURITY_ROLE, *CLAIMED}
    if of_officers and HOLDER_ROLE not in roles:
        return _officer(claims, names, of_officers)
    if HOLDER_ROLE in roles and not of_officers:
        return HolderPerson(
            _text(claims, names.document_type), _text(claims, names.document_number)
        )
    raise UnauthenticatedError


def _officer(claims: Mapping[str, Any], names: ClaimNames, roles: set[str]) -> Caller:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise UnauthenticatedError
    seal_role = claimed_role(subject, roles)
    scopes = {Scope(READ)} if OFFICER_ROLE in roles else set()
    if APPROVAL_ROLE in roles:
        scopes.update(map(Scope, (READ, ISSUE, SUSPEND, CANCEL, HANDLE_CASES)))
    if SECURITY_ROLE in roles:
        scopes.add(Scope(TRUST_APPROVE))
    if seal_role is not None:
        scopes.add(Scope(f"{_SEALS}{seal_role.value}"))
    return Caller(f"officer:{subject}", _text(claims, names.organisation), frozenset(scopes))


def seal_role_of(caller: Caller) -> SealRole | None:
    """Return the role with seals that an officer's token told of, None if none."""
    told = {scope.action.removeprefix(_SEALS) for scope in caller.scopes}
    return next((role for role in SealRole if role.value in told), None)


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not value.isprintable():
        raise UnauthenticatedError
    return value


def client_credentials(
    authorization: str | None, client_id: str | None, client_secret: str | None
) -> tuple[str, str]:
    """Return id and secret of a client, from the header or from the form, never both.

    Raises:
        TokenRequestInvalidError: both were used.
        UnauthenticatedError: neither was, or the header cannot be read.
    """
    if authorization is not None and client_secret is not None:
        raise TokenRequestInvalidError("invalid_request")
    if authorization is not None:
        return _basic(authorization)
    if not client_id or not client_secret:
        raise UnauthenticatedError
    return client_id, client_secret


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, value = authorization.partition(" ")
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise UnauthenticatedError from error
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise UnauthenticatedError
    return unquote_plus(client_id), unquote_plus(secret)


def read_scopes(text: str) -> frozenset[Scope]:
    """Return the scopes that a text names, separated by spaces: ACTION or ACTION:TYPE.

    Raises:
        TokenRequestInvalidError: one of them does not exist.
    """
    return frozenset(map(_scope, text.split()))


def _scope(text: str) -> Scope:
    for action in ACTIONS:
        if text == action:
            return Scope(action)
        type_code = text.removeprefix(f"{action}:")
        if type_code != text and _TYPE_CODE.fullmatch(type_code):
            return Scope(action, type_code)
    raise TokenRequestInvalidError("invalid_scope")


def scope_text(scopes: frozenset[Scope]) -> str:
    """Return scopes as RFC 6749 writes them, sorted."""
    return " ".join(f"{scope.action}:{scope.type_code}" for scope in sorted(scopes))


def require_scope(caller: Caller, action: str) -> None:
    """Check that a caller may do something with at least one license type.

    Raises:
        ForbiddenError: no scope of this action was given.
    """
    if not any(scope.action == action for scope in caller.scopes):
        raise ForbiddenError(action)
