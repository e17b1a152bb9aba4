"""A holder's consent: the own seal, on one document, for one purpose, once, within minutes.

Bound to SM3 of the document, so that what is sealed is what the holder saw. The purpose may tell
of people and is kept under the holder's key. All SQL about consents.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealConsentRow
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import IdempotencyKeyReusedError
from license_vault.issuing.license_request import request_digest
from license_vault.registry.holders import new_handle
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.seals.acts import ActInHand, OwnHolder, SealServices, recorded_act
from license_vault.seals.applications import check_texts
from license_vault.seals.errors import ConsentUnusableError, SealInvalidError
from license_vault.seals.holder_seals import HolderSeals
from license_vault.seals.registry import SealRecord, require_usable

LONGEST_MINUTES = 24 * 60
LONGEST_PURPOSE = 200

_PURPOSE = "seal-consent"
_CONSENT = table_of(SealConsentRow)


@dataclass(frozen=True, slots=True)
class ConsentOrder:
    """What a holder consents to; ``document_sm3`` is 64 hex digits."""

    document_sm3: str
    purpose: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it was given; ``consent_id`` is random. ``replayed``: it was given before."""

    consent_id: str
    document_sm3: bytes
    given_at: datetime
    expires_at: datetime
    used_at: datetime | None
    replayed: bool = False


class ConsentGiving:
    """Takes consents; made once, used by all threads."""

    def __init__(self, services: SealServices) -> None:
        self._services = services
        self._macs = LookupMacs(services.keys)

    def give(self, code: str, order: ConsentOrder, by: OwnHolder, key: str) -> Consent:
        """Take a holder's consent; the same key and order give the same consent again.

        Raises:
            SealUnknownError: the seal is not this holder's.
            SealUnusableError: it cannot be set now.
            SealInvalidError: "document", "purpose" or "minutes".
            IdempotencyKeyReusedError: the key came with another order before.
        """
        told = {"document_sm3": order.document_sm3[:64]}
        with recorded_act(self._services, by, "seal.consented", code, **told) as act:
            record = act.seal(code)
            _check(code, order)
            whole = HolderSeals(act.session, self._services.vault).whole(record)
            require_usable(whole, self._services.keys, act.at)
            earlier = self._earlier(act, order, by, key)
            if earlier is not None:
                act.changed = False
                return earlier
            consent = self._add(act, record, order, key)
            act.details["consent"] = consent.consent_id
            return consent

    def _earlier(
        self, act: ActInHand, order: ConsentOrder, by: OwnHolder, key: str
    ) -> Consent | None:
        row = act.session.execute(
            select(_CONSENT).where(_CONSENT.c.key_mac == self._macs.idempotency_key(by.actor, key))
        ).first()
        if row is None:
            return None
        if row.body_sm3 != _digest(order):
            raise IdempotencyKeyReusedError("the key came with another consent before")
        return _consent(row, replayed=True)

    def _add(self, act: ActInHand, record: SealRecord, order: ConsentOrder, key: str) -> Consent:
        vault, seals = self._services.vault, HolderSeals(act.session, self._services.vault)
        holder = seals.owner(record)
        consent = Consent(
            consent_id=new_handle(self._services.random_bytes),
            document_sm3=bytes.fromhex(order.document_sm3),
            given_at=act.at,
            expires_at=act.at + timedelta(minutes=order.minutes),
            used_at=None,
        )
        act.session.add_row(
            _CONSENT,
            consent_id=consent.consent_id,
            seal_id=record.row_id,
            holder_id=holder.row_id,
            document_sm3=consent.document_sm3,
            sealed_purpose=vault.encrypt(
                seals.key_of(holder).key, consent.consent_id, _PURPOSE, order.purpose.encode()
            ),
            key_mac=self._macs.idempotency_key(act.by.actor, key),
            body_sm3=_digest(order),
            given_at=consent.given_at,
            expires_at=consent.expires_at,
        )
        return consent


class ConsentUses:
    """Uses consents up, each once."""

    def __init__(self, session: Writing) -> None:
        self._session = session

    def claim(self, consent_id: str, record: SealRecord, document_sm3: bytes, at: datetime) -> int:
        """Use a consent up for one document; return its row's key.

        Check and write are one statement: of two uses at once only one has it.

        Raises:
            ConsentUnusableError: "unknown", "used", "expired" or "other-document".
        """
        of_this_seal = (_CONSENT.c.consent_id == consent_id, _CONSENT.c.seal_id == record.row_id)
        claimed = self._session.change_rows(
            update(_CONSENT)
            .where(*of_this_seal)
            .where(_CONSENT.c.document_sm3 == document_sm3)
            .where(_CONSENT.c.used_at.is_(None), _CONSENT.c.expires_at > at)
            .values(used_at=at)
        )
        row = self._session.execute(select(_CONSENT).where(*of_this_seal)).first()
        if row is None:
            raise ConsentUnusableError("unknown")
        if claimed == 0:
            raise ConsentUnusableError(_why_not(row, document_sm3))
        return int(row.id)

    def release(self, row_id: int) -> None:
        """Let a consent be used after all: nothing was signed with it."""
        self._session.change_rows(
            update(_CONSENT).where(_CONSENT.c.id == row_id).values(used_at=None)
        )


def purpose_of(session: Reading, services: SealServices, record: SealRecord, consent: str) -> str:
    """Open what a consent was given for, for who audits.

    Raises:
        ConsentUnusableError: "unknown".
        EnvelopeBrokenError: a row was changed.
    """
    row = session.execute(select(_CONSENT).where(_CONSENT.c.consent_id == consent)).first()
    if row is None:
        raise ConsentUnusableError("unknown")
    seals = HolderSeals(session, services.vault)
    key = seals.key_of(seals.owner(record)).key
    return services.vault.decrypt(key, consent, _PURPOSE, row.sealed_purpose).decode()


def _check(code: str, order: ConsentOrder) -> None:
    try:
        digest = bytes.fromhex(order.document_sm3)
    except ValueError as error:
        raise SealInvalidError(code, "document") from error
    if len(digest) != 32:
        raise SealInvalidError(code, "document")
    check_texts(code, (("purpose", order.purpose, LONGEST_PURPOSE),))
    if not 1 <= order.minutes <= LONGEST_MINUTES:
        raise SealInvalidError(code, "minutes")


def _digest(order: ConsentOrder) -> bytes:
    told = {
        "document_sm3": order.document_sm3.lower(),
        "purpose": order.purpose,
        "minutes": order.minutes,
    }
    return bytes.fromhex(request_digest(told))


def _why_not(row: "Row[Any]", document_sm3: bytes) -> str:
    if row.document_sm3 != document_sm3:
        return "other-document"
    return "used" if row.used_at is not None else "expired"


def _consent(row: "Row[Any]", *, replayed: bool) -> Consent:
    return Consent(
        row.consent_id,
        row.document_sm3,
        row.given_at,
        row.expires_at,
        row.used_at,
        replayed=replayed,
    )
