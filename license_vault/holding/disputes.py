"""Disputes (异议): a holder says what is wrong in a license, and gets a number, a term, an answer.

While one is open the license bears the mark 异议中, which every node of ours says at once. Grounds
and answer are encrypted under the holder's key. An upheld dispute changes nothing by itself: the
authority corrects (更正) or changes the license. All SQL about disputes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from license_vault.clock import civil_date
from license_vault.database.columns import table_of
from license_vault.database.holding_tables import DisputeRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import HolderRow, LicenseRow, OrganisationRow
from license_vault.holding.errors import (
    DisputeAnsweredError,
    DisputeNotFoundError,
    DisputeOpenError,
)
from license_vault.license import LicenseContent
from license_vault.registry.authorities import subtree_of
from license_vault.registry.holders import HolderRecord, Holders, new_handle
from license_vault.registry.records import LicenseRecord
from license_vault.vault import Vault

UPHELD, REJECTED = "upheld", "rejected"
OUTCOME_NAMES = {UPHELD: ("异议成立", "upheld"), REJECTED: ("异议不成立", "rejected")}

_GROUNDS, _ANSWER = "dispute-grounds", "dispute-answer"
_OF_EVERY_LICENSE = (
    "number", "holders", "authority", "issued_on", "valid_from", "valid_until", "copy",
)  # fmt: skip
_DISPUTE = table_of(DisputeRow)
_LICENSE = table_of(LicenseRow)
_HOLDER = table_of(HolderRow)
_ORG = table_of(OrganisationRow)
_DISPUTES = (
    select(
        _DISPUTE,
        _LICENSE.c.identifier,
        _LICENSE.c.type_code,
        _HOLDER.c.handle,
        _ORG.c.code.label("authority_code"),
    )
    .join(_LICENSE, _LICENSE.c.id == _DISPUTE.c.license_id)
    .join(_HOLDER, _HOLDER.c.id == _DISPUTE.c.holder_id)
    .join(_ORG, _ORG.c.id == _LICENSE.c.authority_id)
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute, opened; ``path`` names a claim, as "fields.address"."""

    number: str
    license_row_id: int
    identifier: str
    type_code: str
    authority_code: str
    handle: str
    path: str
    grounds: str = field(repr=False)
    filed_by: str
    filed_at: datetime
    due_on: date
    outcome: str | None
    answer: str | None = field(repr=False)
    answered_by: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeOrder:
    """A dispute as it is to be filed."""

    path: str
    grounds: str = field(repr=False)
    due_on: date


def numbered(prefix: str, at: datetime, drawn: str) -> str:
    """Return the number of a dispute: prefix, the day it is in China, what was drawn at random."""
    return f"{prefix}{civil_date(at):%Y%m%d}{drawn[:12].upper()}"


def disputable(content: LicenseContent) -> frozenset[str]:
    """Return the fields of a license that somebody may say are wrong."""
    return frozenset(_OF_EVERY_LICENSE) | {f"fields.{name}" for name in content.fields}


class Disputes:
    """Looks disputes up and opens them."""

    def __init__(self, session: Reading, vault: Vault) -> None:
        self._session = session
        self._vault = vault

    def get(self, number: str) -> Dispute:
        """Return a dispute.

        Raises:
            DisputeNotFoundError: there is none with this number.
            EnvelopeBrokenError: a row was changed.
        """
        found = self._where(1, _DISPUTE.c.number == number)
        if not found:
            raise DisputeNotFoundError(number)
        return found[0]

    def of_holder(
        self, holder: HolderRecord, limit: int, after: str | None = None
    ) -> tuple[Dispute, ...]:
        """Return a holder's disputes, the newest first."""
        return self._where(limit, _DISPUTE.c.holder_id == holder.row_id, *_behind(after))

    def open_within(
        self, organisation: str, limit: int, after: str | None = None
    ) -> tuple[Dispute, ...]:
        """Return what waits for an answer in an organisation's subtree, the newest first."""
        within = _LICENSE.c.authority_id.in_(select(subtree_of(organisation).c.id))
        return self._where(limit, within, _DISPUTE.c.answered_at.is_(None), *_behind(after))

    def is_disputed(self, license_row_id: int) -> bool:
        """Say whether a license has a dispute without an answer."""
        return self._open(_DISPUTE.c.license_id == license_row_id) is not None

    def _open(self, *conditions: ColumnElement[bool]) -> str | None:
        query = select(_DISPUTE.c.number).where(_DISPUTE.c.answered_at.is_(None), *conditions)
        found = self._session.execute(query.limit(1)).scalar()
        return None if found is None else str(found)

    def _where(self, limit: int, *conditions: ColumnElement[bool]) -> tuple[Dispute, ...]:
        query = _DISPUTES.where(*conditions).order_by(_DISPUTE.c.id.desc()).limit(limit)
        rows = self._session.execute(query).all()
        holders = Holders(self._session).by_row_ids({row.holder_id for row in rows})
        return tuple(self._opened(row, holders[row.holder_id]) for row in rows)

    def _opened(self, row: "Row[Any]", holder: HolderRecord) -> Dispute:
        key = _key(self._vault, holder)
        answer = row.sealed_answer
        return Dispute(
            number=row.number,
            license_row_id=row.license_id,
            identifier=row.identifier,
            type_code=row.type_code,
            authority_code=row.authority_code,
            handle=row.handle,
            path=row.field,
            grounds=self._vault.decrypt(key, row.number, _GROUNDS, row.sealed_grounds).decode(),
            filed_by=row.filed_by,
            filed_at=row.filed_at,
            due_on=row.due_on,
            outcome=row.outcome,
            answer=answer and self._vault.decrypt(key, row.number, _ANSWER, answer).decode(),
            answered_by=row.answered_by,
            answered_at=row.answered_at,
        )


class DisputeWriter(Disputes):
    """Files and answers disputes, in a session that its opener commits."""

    def __init__(
        self, session: Writing, vault: Vault, random_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(session, vault)
        self._writing = session
        self._random = random_bytes

    def file(
        self, license_: LicenseRecord, holder: HolderRecord, order: DisputeOrder, by: str,
        at: datetime,
    ) -> str:  # fmt: skip
        """File a dispute; return its number.

        Raises:
            DisputeOpenError: the holder disputes this field already.
        """
        same = (
            _DISPUTE.c.license_id == license_.row_id,
            _DISPUTE.c.holder_id == holder.row_id,
            _DISPUTE.c.field == order.path,
        )
        standing = self._open(*same)
        if standing is not None:
            raise DisputeOpenError(standing)
        number = numbered("YY", at, new_handle(self._random))
        self._writing.add_row(
            _DISPUTE,
            number=number,
            license_id=license_.row_id,
            holder_id=holder.row_id,
            field=order.path,
            sealed_grounds=self._vault.encrypt(
                _key(self._vault, holder), number, _GROUNDS, order.grounds.encode()
            ),
            filed_by=by,
            filed_at=at,
            due_on=order.due_on,
        )
        return number

    def answer(self, dispute: Dispute, outcome: str, answer: str, by: str, at: datetime) -> None:
        """Answer a dispute, once.

        Raises:
            DisputeAnsweredError: somebody did before.
        """
        holder = Holders(self._session).by_handle(dispute.handle)
        sealed = self._vault.encrypt(
            _key(self._vault, holder), dispute.number, _ANSWER, answer.encode()
        )
        changed = self._writing.change_rows(
            update(_DISPUTE)
            .where(_DISPUTE.c.number == dispute.number, _DISPUTE.c.answered_at.is_(None))
            .values(outcome=outcome, sealed_answer=sealed, answered_by=by, answered_at=at)
        )
        if changed == 0:
            raise DisputeAnsweredError(dispute.number)


def _behind(after: str | None) -> tuple[ColumnElement[bool], ...]:
    if after is None:
        return ()
    last = select(_DISPUTE.c.id).where(_DISPUTE.c.number == after).scalar_subquery()
    return (_DISPUTE.c.id < last,)


def _key(vault: Vault, holder: HolderRecord) -> bytes:
    return vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key).key
