"""Exchanges as they are kept: the question, every signed try of it, and the signed answer.

Messages are encrypted, each under a key of its own, bound to its SM3; the SM3 is unique, so the
same bytes are never taken twice. All SQL about exchanges and their messages.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.engine import Row

from keys.provider import KeyProvider
from keys.sm3 import sm3
from license_vault.database.columns import table_of
from license_vault.database.exchange_tables import ExchangeMessageRow, ExchangeRow
from license_vault.database.sessions import Reading, Writing
from license_vault.exchange.errors import ExchangeUnknownError
from license_vault.vault import Vault

IN, OUT = "in", "out"
OPEN, ANSWERED, REFUSED = "open", "answered", "refused"
REQUEST, ANSWER = "request", "answer"

_KEK = "vault-kek"
_PURPOSE = "exchange-message"
_EXCHANGE = table_of(ExchangeRow)
_MESSAGE = table_of(ExchangeMessageRow)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question, ours (``direction`` OUT) or a partner's, and what became of it.

    ``outcome`` is of the answer, or the reason of a refusal. ``actor`` is who had it asked.
    """

    row_id: int
    direction: str
    region: str
    exchange_id: str
    operation: str
    organisation: str
    item_code: str
    content_mac: bytes
    state: str
    outcome: str | None
    actor: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewExchange:
    """A question that is asked for the first time."""

    direction: str
    region: str
    exchange_id: str
    operation: str
    organisation: str
    item_code: str
    content_mac: bytes
    actor: str
    at: datetime


class Exchanges:
    """Looks exchanges up and opens their messages."""

    def __init__(self, session: Reading, keys: KeyProvider, vault: Vault) -> None:
        self._session = session
        self._keys = keys
        self._vault = vault

    def find(self, direction: str, region: str, exchange_id: str) -> Exchange | None:
        """Return an exchange, None if there is none."""
        query = select(_EXCHANGE).where(
            _EXCHANGE.c.direction == direction,
            _EXCHANGE.c.region == region,
            _EXCHANGE.c.exchange_id == exchange_id,
        )
        row = self._session.execute(query).first()
        return None if row is None else _exchange(row)

    def get(self, exchange_id: str, direction: str | None = None) -> Exchange:
        """Return an exchange by its own name.

        Raises:
            ExchangeUnknownError: there is none.
        """
        query = select(_EXCHANGE).where(_EXCHANGE.c.exchange_id == exchange_id)
        if direction is not None:
            query = query.where(_EXCHANGE.c.direction == direction)
        row = self._session.execute(query.order_by(_EXCHANGE.c.id.desc()).limit(1)).first()
        if row is None:
            raise ExchangeUnknownError(exchange_id)
        return _exchange(row)

    def page(
        self, organisation: str | None, limit: int, behind: str | None = None
    ) -> tuple[Exchange, ...]:
        """Return exchanges, the newest first; ``organisation`` None: everybody's."""
        query: Select[Any] = select(_EXCHANGE)
        if organisation is not None:
            query = query.where(_EXCHANGE.c.organisation == organisation)
        if behind is not None:
            last = select(_EXCHANGE.c.id).where(_EXCHANGE.c.exchange_id == behind)
            query = query.where(_EXCHANGE.c.id < last.limit(1).scalar_subquery())
        rows = self._session.execute(query.order_by(_EXCHANGE.c.id.desc()).limit(limit))
        return tuple(map(_exchange, rows))

    def messages(self, exchange: Exchange, kind: str) -> tuple[bytes, ...]:
        """Return the requests or the answer of an exchange, as they were signed, in order.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        query = (
            select(_MESSAGE)
            .where(_MESSAGE.c.exchange_id == exchange.row_id, _MESSAGE.c.kind == kind)
            .order_by(_MESSAGE.c.id)
        )
        return tuple(map(self._open, self._session.execute(query)))

    def digests(self, exchange: Exchange, kind: str) -> frozenset[str]:
        """Return the SM3 (hex) of the requests or the answer of an exchange."""
        query = select(_MESSAGE.c.sm3).where(
            _MESSAGE.c.exchange_id == exchange.row_id, _MESSAGE.c.kind == kind
        )
        return frozenset(found.hex() for found in self._session.execute(query).scalars())

    def has_message(self, digest: bytes) -> bool:
        """Say whether a message with this SM3 was ever kept."""
        query = select(_MESSAGE.c.id).where(_MESSAGE.c.sm3 == digest)
        return self._session.execute(query).first() is not None

    def _open(self, row: "Row[Any]") -> bytes:
        place = row.sm3.hex()
        key = self._keys.unwrap(_KEK, row.wrapped_key, _context(place))
        return self._vault.decrypt(key, place, _PURPOSE, row.sealed)


class ExchangeWriter(Exchanges):
    """Keeps exchanges, in a session that its opener commits."""

    def __init__(self, session: Writing, keys: KeyProvider, vault: Vault) -> None:
        super().__init__(session, keys, vault)
        self._writing = session

    def begin(self, new: NewExchange) -> Exchange:
        """Keep a question.

        Raises:
            RowConflictError: it was kept by somebody else meanwhile.
        """
        row_id = self._writing.add_row(
            _EXCHANGE,
            direction=new.direction,
            region=new.region,
            exchange_id=new.exchange_id,
            operation=new.operation,
            organisation=new.organisation,
            item_code=new.item_code,
            content_mac=new.content_mac,
            state=OPEN,
            actor=new.actor,
            began_at=new.at,
        )
        row = self._session.execute(select(_EXCHANGE).where(_EXCHANGE.c.id == row_id)).one()
        return _exchange(row)

    def keep(self, exchange: Exchange, kind: str, message: bytes, at: datetime) -> None:
        """Keep a signed request or answer.

        Raises:
            RowConflictError: these very bytes were kept before.
        """
        digest, key = sm3(message), self._vault.new_key()
        place = digest.hex()
        self._writing.add_row(
            _MESSAGE,
            exchange_id=exchange.row_id,
            kind=kind,
            sm3=digest,
            wrapped_key=self._keys.wrap(_KEK, key, _context(place)),
            sealed=self._vault.encrypt(key, place, _PURPOSE, message),
            kept_at=at,
        )

    def answer(self, exchange: Exchange, message: bytes, outcome: str, at: datetime) -> bool:
        """Keep the answer, once; False if there is one already."""
        if not self._end(exchange, ANSWERED, outcome, at):
            return False
        self.keep(exchange, ANSWER, message, at)
        return True

    def refuse(self, exchange: Exchange, reason: str, at: datetime) -> None:
        """Write down that a question was refused; it may still be answered in another try."""
        self._end(exchange, REFUSED, reason, at)

    def _end(self, exchange: Exchange, state: str, outcome: str, at: datetime) -> bool:
        ended = (
            update(_EXCHANGE)
            .where(_EXCHANGE.c.id == exchange.row_id, _EXCHANGE.c.state != ANSWERED)
            .values(state=state, outcome=outcome, ended_at=at)
        )
        return self._writing.change_rows(ended) == 1


def _exchange(row: "Row[Any]") -> Exchange:
    return Exchange(
        row_id=row.id,
        direction=row.direction,
        region=row.region,
        exchange_id=row.exchange_id,
        operation=row.operation,
        organisation=row.organisation,
        item_code=row.item_code,
        content_mac=row.content_mac,
        state=row.state,
        outcome=row.outcome,
        actor=row.actor,
        began_at=row.began_at,
        ended_at=row.ended_at,
    )


def _context(place: str) -> bytes:
    return f"license-vault/1\0{_PURPOSE}\0{place}".encode()
