"""Disputes that travel between regions, on both sides; all their SQL.

Where a dispute is raised (``PartnerDispute``) question and answer are kept encrypted under a key of
its own, wrapped under ``vault-kek``. Where it is opened it is a dispute like any other; beside it
stands only where its answer is to be sent (``DisputeOrigin``).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from keys.provider import KeyProvider
from license_vault.database.columns import table_of
from license_vault.database.exchange_tables import DisputeOriginRow, PartnerDisputeRow
from license_vault.database.holding_tables import DisputeRow
from license_vault.database.sessions import Reading, Writing
from license_vault.exchange.errors import PartnerDisputeUnknownError
from license_vault.vault import Vault

SENDING, OPEN, ANSWERED, NOT_TAKEN = "sending", "open", "answered", "not-taken"

_KEK = "vault-kek"
_QUESTION, _ANSWER = "partner-dispute", "partner-dispute-answer"
_DISPUTE = table_of(PartnerDisputeRow)
_ORIGIN = table_of(DisputeOriginRow)
_OURS = table_of(DisputeRow)


@dataclass(frozen=True, slots=True)
class NewPartnerDispute:
    """A dispute to be raised; ``question`` is JSON of the use and the body that are sent."""

    reference: str
    region: str
    identifier: str
    path: str
    organisation: str
    holder_mac: bytes | None = field(repr=False)
    filed_by: str
    filed_at: datetime
    exchange_id: str
    question: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartnerDispute:
    """A dispute at a partner, opened; ``number`` and ``due_on`` are the partner's, once it has it.

    ``reason`` says why it was not taken. ``question`` is {use, body} as it is sent.
    """

    row_id: int
    reference: str
    region: str
    identifier: str
    path: str
    organisation: str
    holder_mac: bytes | None = field(repr=False)
    filed_by: str
    filed_at: datetime
    exchange_id: str
    question: Mapping[str, Any] = field(repr=False)
    state: str
    reason: str | None
    number: str | None
    due_on: date | None
    outcome: str | None
    answer: str | None = field(repr=False)
    answered_at: datetime | None
    attempts: int

    @property
    def grounds(self) -> str:
        """Return what was said to be wrong."""
        return str(self.question["body"]["grounds"])


class PartnerDisputes:
    """Looks up what was raised here, and opens it."""

    def __init__(self, session: Reading, keys: KeyProvider, vault: Vault) -> None:
        self._session = session
        self._keys = keys
        self._vault = vault

    def get(self, reference: str) -> PartnerDispute:
        """Return a dispute by our own reference.

        Raises:
            PartnerDisputeUnknownError: there is none.
        """
        found = self._where(1, _DISPUTE.c.reference == reference)
        if not found:
            raise PartnerDisputeUnknownError(reference)
        return found[0]

    def page(
        self, *whose: ColumnElement[bool], limit: int, behind: str | None = None
    ) -> tuple[PartnerDispute, ...]:
        """Return disputes of an organisation or a holder, the newest first."""
        if behind is not None:
            last = select(_DISPUTE.c.id).where(_DISPUTE.c.reference == behind).scalar_subquery()
            whose = (*whose, _DISPUTE.c.id < last)
        return self._where(limit, *whose)

    def due(self, at: datetime, limit: int) -> tuple[PartnerDispute, ...]:
        """Return what is to be sent, or asked about, by now."""
        waiting = _DISPUTE.c.state.in_((SENDING, OPEN))
        query: Select[Any] = select(_DISPUTE).where(waiting, _DISPUTE.c.next_at <= at)
        rows = self._session.execute(query.order_by(_DISPUTE.c.next_at).limit(limit))
        return tuple(map(self._opened, rows))

    def _where(self, limit: int, *conditions: ColumnElement[bool]) -> tuple[PartnerDispute, ...]:
        query = select(_DISPUTE).where(*conditions).order_by(_DISPUTE.c.id.desc()).limit(limit)
        return tuple(map(self._opened, self._session.execute(query)))

    def _opened(self, row: "Row[Any]") -> PartnerDispute:
        key = self._keys.unwrap(_KEK, row.wrapped_key, _context(row.reference))
        question = self._vault.decrypt(key, row.reference, _QUESTION, row.sealed_question)
        sealed = row.sealed_answer
        return PartnerDispute(
            row_id=row.id,
            reference=row.reference,
            region=row.region,
            identifier=row.identifier,
            path=row.field,
            organisation=row.organisation,
            holder_mac=row.holder_mac,
            filed_by=row.filed_by,
            filed_at=row.filed_at,
            exchange_id=row.exchange_id,
            question=json.loads(question),
            state=row.state,
            reason=row.reason,
            number=row.number,
            due_on=row.due_on,
            outcome=row.outcome,
            answer=sealed and self._vault.decrypt(key, row.reference, _ANSWER, sealed).decode(),
            answered_at=row.answered_at,
            attempts=row.attempts,
        )


def of_organisation(code: str) -> ColumnElement[bool]:
    """Return the condition of disputes that an organisation raised."""
    return _DISPUTE.c.organisation == code


def of_holder(mac: bytes) -> ColumnElement[bool]:
    """Return the condition of disputes that a holder raised."""
    return _DISPUTE.c.holder_mac == mac


class PartnerDisputeWriter(PartnerDisputes):
    """Writes what is raised here and what became of it."""

    def __init__(self, session: Writing, keys: KeyProvider, vault: Vault) -> None:
        super().__init__(session, keys, vault)
        self._writing = session

    def raise_(self, new: NewPartnerDispute) -> None:
        """Keep a dispute that is to be sent."""
        key = self._vault.new_key()
        self._writing.add_row(
            _DISPUTE,
            reference=new.reference,
            region=new.region,
            identifier=new.identifier,
            field=new.path,
            organisation=new.organisation,
            holder_mac=new.holder_mac,
            filed_by=new.filed_by,
            filed_at=new.filed_at,
            exchange_id=new.exchange_id,
            wrapped_key=self._keys.wrap(_KEK, key, _context(new.reference)),
            sealed_question=self._vault.encrypt(key, new.reference, _QUESTION, new.question),
            state=SENDING,
            attempts=0,
            next_at=new.filed_at,
        )

    def taken(self, dispute: PartnerDispute, number: str, due_on: date, next_at: datetime) -> bool:
        """Write down under which number and with which term the partner has it; once."""
        return self._move(
            dispute, (SENDING,), state=OPEN, number=number, due_on=due_on, next_at=next_at
        )

    def not_taken(self, dispute: PartnerDispute, reason: str) -> bool:
        """Write down that the partner did not take it."""
        return self._move(dispute, (SENDING,), state=NOT_TAKEN, reason=reason)

    def later(self, dispute: PartnerDispute, next_at: datetime) -> bool:
        """Write down when the next try is due."""
        attempts = dispute.attempts + 1
        return self._move(dispute, (SENDING, OPEN), attempts=attempts, next_at=next_at)

    def answered(
        self, dispute: PartnerDispute, outcome: str, answer: str, answered_at: datetime
    ) -> bool:
        """Write down the partner's answer, once; False if it is there already."""
        query = select(_DISPUTE.c.wrapped_key).where(_DISPUTE.c.id == dispute.row_id)
        wrapped = self._session.execute(query).scalar_one()
        key = self._keys.unwrap(_KEK, wrapped, _context(dispute.reference))
        return self._move(
            dispute,
            (SENDING, OPEN),
            state=ANSWERED,
            outcome=outcome,
            sealed_answer=self._vault.encrypt(key, dispute.reference, _ANSWER, answer.encode()),
            answered_at=answered_at,
        )

    def _move(self, dispute: PartnerDispute, states: tuple[str, ...], **values: object) -> bool:
        moved = update(_DISPUTE).where(
            _DISPUTE.c.id == dispute.row_id, _DISPUTE.c.state.in_(states)
        )
        return self._writing.change_rows(moved.values(**values)) == 1


# --- where it is opened ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DisputeOrigin:
    """Where the answer to a dispute of ours goes: region, the reference it has there."""

    number: str
    region: str
    reference: str
    organisation: str
    exchange_id: str
    told_at: datetime | None
    attempts: int


class DisputeOrigins:
    """Looks up and writes where disputes of ours come from."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, number: str) -> DisputeOrigin | None:
        """Return where a dispute comes from, None: from here."""
        row = self._session.execute(select(_ORIGIN).where(_ORIGIN.c.number == number)).first()
        return None if row is None else _origin(row)

    def due(self, at: datetime, limit: int) -> tuple[DisputeOrigin, ...]:
        """Return those that were answered here and whose answer is to be sent by now."""
        query = (
            select(_ORIGIN)
            .join(_OURS, _OURS.c.number == _ORIGIN.c.number)
            .where(_OURS.c.answered_at.is_not(None))
            .where(_ORIGIN.c.told_at.is_(None), _ORIGIN.c.next_at <= at)
        )
        rows = self._session.execute(query.order_by(_ORIGIN.c.next_at).limit(limit))
        return tuple(map(_origin, rows))


class DisputeOriginWriter(DisputeOrigins):
    """Writes them."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, origin: DisputeOrigin, at: datetime) -> None:
        """Keep where a dispute comes from."""
        self._writing.add_row(
            _ORIGIN,
            number=origin.number,
            region=origin.region,
            reference=origin.reference,
            organisation=origin.organisation,
            exchange_id=origin.exchange_id,
            attempts=0,
            next_at=at,
        )

    def told(self, origin: DisputeOrigin, outcome: str, at: datetime) -> None:
        """Write down that the answer was sent, and how it was taken."""
        self._change(origin, told_at=at, outcome=outcome)

    def later(self, origin: DisputeOrigin, next_at: datetime) -> None:
        """Write down that a try failed, and when the next one is due."""
        self._change(origin, attempts=origin.attempts + 1, next_at=next_at)

    def _change(self, origin: DisputeOrigin, **values: object) -> None:
        self._writing.change_rows(
            update(_ORIGIN)
            .where(_ORIGIN.c.number == origin.number, _ORIGIN.c.told_at.is_(None))
            .values(**values)
        )


def _origin(row: "Row[Any]") -> DisputeOrigin:
    return DisputeOrigin(
        number=row.number,
        region=row.region,
        reference=row.reference,
        organisation=row.organisation,
        exchange_id=row.exchange_id,
        told_at=row.told_at,
        attempts=row.attempts,
    )


def _context(reference: str) -> bytes:
    return f"license-vault/1\0partner-dispute\0{reference}".encode()
