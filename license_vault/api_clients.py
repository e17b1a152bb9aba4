"""Programs that call us, what they may do, and their access tokens; all their SQL.

OAuth2 client credentials (RFC 6749, 4.4). Secrets and tokens are 256 random bits, kept as
HMAC-SM3 under ``token-mac`` only: a copy of the database lets nobody in. A right is an action
with a license type, or '*' for every type; what was not given is denied.
"""

import base64
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from keys.provider import KeyProvider
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import (
    AccessTokenRow,
    ApiClientRow,
    ClientScopeRow,
    OrganisationRow,
    table_of,
)
from license_vault.errors import ClientUnknownError, CredentialsRefusedError, ScopeMissingError
from license_vault.registry.authorities import Authorities

EVERY_TYPE = "*"

_CLIENT = table_of(ApiClientRow)
_SCOPE = table_of(ClientScopeRow)
_TOKEN = table_of(AccessTokenRow)
_ORG = table_of(OrganisationRow)
_LABEL = "token-mac"
_SECRET_BYTES = 32
_CLIENT_ID_BYTES = 12

_CLIENTS = select(
    _CLIENT.c.id, _CLIENT.c.client_id, _CLIENT.c.name, _CLIENT.c.disabled_at, _ORG.c.code
).join(_ORG, _ORG.c.id == _CLIENT.c.organisation_id)
_RIGHTS = select(_SCOPE)


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One right: an action ("licenses:issue") with one license type, or '*'."""

    action: str
    type_code: str = EVERY_TYPE


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``name`` is "client:…" or "officer:…" and never personal data."""

    name: str
    organisation_code: str
    scopes: frozenset[Scope]

    def require(self, action: str, type_code: str) -> None:
        """Check that the caller may do this with this license type.

        Raises:
            ScopeMissingError: the right was not given.
        """
        if not self.scopes & {Scope(action, type_code), Scope(action, EVERY_TYPE)}:
            raise ScopeMissingError(action, type_code)


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """An API client as administrators see it."""

    client_id: str
    name: str
    organisation_code: str
    scopes: frozenset[Scope]
    disabled: bool

    @property
    def as_caller(self) -> Caller:
        """Return it as who asks."""
        return Caller(f"client:{self.client_id}", self.organisation_code, self.scopes)


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client that was just added; its secret is told once and not kept."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewToken:
    """An access token that was just made; it is told once and not kept."""

    token: str = field(repr=False)
    expires_at: datetime


class ApiClients:
    """Looks clients up and says whose a token is."""

    def __init__(self, session: Reading, keys: KeyProvider) -> None:
        self._session = session
        self._keys = keys

    def get(self, client_id: str) -> ClientRecord:
        """Return a client.

        Raises:
            ClientUnknownError: there is none with this id.
        """
        row = self._session.execute(_CLIENTS.where(_CLIENT.c.client_id == client_id)).first()
        if row is None:
            raise ClientUnknownError(client_id)
        scopes = self._session.execute(_RIGHTS.where(_SCOPE.c.client_id == row.id))
        return _record(row, [Scope(scope.action, scope.type_code) for scope in scopes])

    def everyone(self) -> tuple[ClientRecord, ...]:
        """Return all clients, disabled ones too, in the order they were added."""
        rights = defaultdict[int, list[Scope]](list)
        for scope in self._session.execute(_RIGHTS):
            rights[scope.client_id].append(Scope(scope.action, scope.type_code))
        rows = self._session.execute(_CLIENTS.order_by(_CLIENT.c.id))
        return tuple(_record(row, rights[row.id]) for row in rows)

    def caller_of(self, token: str, at: datetime) -> Caller:
        """Return who holds a token.

        Raises:
            CredentialsRefusedError: it is none of ours, has expired, was withdrawn, or its
                client is disabled. The cases are not told apart.
        """
        wanted = (
            select(_CLIENT.c.client_id)
            .join(_TOKEN, _TOKEN.c.client_id == _CLIENT.c.id)
            .where(_TOKEN.c.token_mac == self._mac("access-token", token))
            .where(_TOKEN.c.issued_at <= at, _TOKEN.c.expires_at > at)
            .where(_TOKEN.c.withdrawn_at.is_(None), _CLIENT.c.disabled_at.is_(None))
        )
        client_id = self._session.execute(wanted).scalar()
        if client_id is None:
            raise CredentialsRefusedError
        return self.get(client_id).as_caller

    def _mac(self, purpose: str, secret: str) -> bytes:
        return self._keys.mac(_LABEL, f"license-vault/1/{purpose}\0{secret}".encode())


class ApiClientWriter(ApiClients):
    """Adds clients and gives out tokens."""

    def __init__(
        self, session: Writing, keys: KeyProvider, random_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(session, keys)
        self._writing = session
        self._random = random_bytes

    def add(
        self, organisation_code: str, name: str, scopes: Iterable[Scope], at: datetime
    ) -> NewClient:
        """Add a client of an organisation; its secret is in the answer and nowhere else.

        Raises:
            OrganisationUnknownError: there is no such organisation.
        """
        organisation = Authorities(self._session).get(organisation_code)
        # People type an id: it never begins with a dash, as an option does.
        client = NewClient(self._random(_CLIENT_ID_BYTES).hex(), self._draw(_SECRET_BYTES))
        row_id = self._writing.add_row(
            _CLIENT,
            client_id=client.client_id,
            organisation_id=organisation.row_id,
            name=name,
            secret_mac=self._mac("client-secret", client.secret),
            added_at=at,
        )
        rights = [
            {"client_id": row_id, "action": scope.action, "type_code": scope.type_code}
            for scope in sorted(set(scopes))
        ]
        if rights:
            self._writing.add_rows(_SCOPE, rights)
        return client

    def disable(self, client_id: str, at: datetime) -> None:
        """Shut a client out, with every token it holds; doing it again changes nothing.

        Raises:
            ClientUnknownError: there is none with this id.
        """
        self.get(client_id)
        self._writing.change_rows(
            update(_CLIENT)
            .where(_CLIENT.c.client_id == client_id, _CLIENT.c.disabled_at.is_(None))
            .values(disabled_at=at)
        )

    def give_token(
        self, client_id: str, secret: str, lifetime: timedelta, at: datetime
    ) -> NewToken:
        """Trade a client's credentials for an access token.

        Raises:
            CredentialsRefusedError: no such client, wrong secret, or disabled; not told apart.
        """
        wanted = select(_CLIENT.c.id, _CLIENT.c.secret_mac, _CLIENT.c.disabled_at)
        row = self._session.execute(wanted.where(_CLIENT.c.client_id == client_id)).first()
        # The MAC is computed for unknown clients too, so that time does not tell them apart.
        expected = bytes(32) if row is None else row.secret_mac
        fits = hmac.compare_digest(self._mac("client-secret", secret), expected)
        if row is None or not fits or row.disabled_at is not None:
            raise CredentialsRefusedError
        token = NewToken(self._draw(_SECRET_BYTES), at + lifetime)
        self._writing.add_row(
            _TOKEN,
            token_mac=self._mac("access-token", token.token),
            client_id=row.id,
            issued_at=at,
            expires_at=token.expires_at,
        )
        return token

    def withdraw_token(self, token: str, at: datetime) -> None:
        """Make a token worthless; an unknown one is no error (RFC 7009, 2.2)."""
        self._writing.change_rows(
            update(_TOKEN)
            .where(_TOKEN.c.token_mac == self._mac("access-token", token))
            .where(_TOKEN.c.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
        )

    def _draw(self, length: int) -> str:
        return base64.urlsafe_b64encode(self._random(length)).decode().rstrip("=")


def _record(row: "Row[Any]", rights: Iterable[Scope]) -> ClientRecord:
    disabled = row.disabled_at is not None
    return ClientRecord(row.client_id, row.name, row.code, frozenset(rights), disabled)
