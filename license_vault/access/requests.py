"""How a grant comes about: asked for by the consumer, decided by the owner of the license type.

The owner of a type is the organisation whose code the type's code begins with; where this library
does not know it, an organisation at the top of the tree is. Nobody decides what the same person
or program asked for. Every grant ends; what was decided stays on record. All SQL about requests.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.engine import Row

from keys.provider import KeyProvider
from license_vault.access.errors import (
    AccessPeriodError,
    AccessRequestUnknownError,
    AccessStateError,
)
from license_vault.clock import civil_date, end_of
from license_vault.database.columns import table_of
from license_vault.database.event_tables import AccessGrantRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import OrganisationRow
from license_vault.registry.authorities import Authorities, subtree_of
from license_vault.registry.holders import new_handle
from license_vault.registry.lookup_macs import LookupMacs

LONGEST_DAYS = 3 * 366
OWNER_LENGTH = 18

_KEK = "vault-kek"
_GRANT = table_of(AccessGrantRow)
_ORG = table_of(OrganisationRow)
_REQUESTS = select(_GRANT, _ORG.c.code.label("consumer_code")).join(
    _ORG, _ORG.c.id == _GRANT.c.consumer_id
)


class AccessState(StrEnum):
    """What became of a request; a grant past its end is shown as expired."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AccessWish:
    """What a consumer wants to use: for which item, of which type, what for, on which basis."""

    item_code: str
    type_code: str
    purpose: str = field(repr=False)
    basis: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request, open, and what became of it."""

    row_id: int
    number: str
    consumer_code: str
    wish: AccessWish
    state: AccessState
    asked_by: str
    asked_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None


class AccessRequests:
    """Looks requests up, as far as an organisation may see them."""

    def __init__(self, session: Reading, keys: KeyProvider, at: datetime) -> None:
        self._session = session
        self._keys = keys
        self._at = at

    def seen_by(
        self, organisation_code: str | None, limit: int, behind: str | None = None
    ) -> tuple[AccessRequest, ...]:
        """Return what an organisation and those below asked for or own, the newest first.

        Args:
            organisation_code: None sees everything: the operators.
            behind: the number of the last one seen.
        """
        wanted = self._seen(organisation_code)
        if behind is not None:
            last = select(_GRANT.c.id).where(_GRANT.c.number == behind).scalar_subquery()
            wanted = wanted.where(_GRANT.c.id < last)
        rows = self._session.execute(wanted.order_by(_GRANT.c.id.desc()).limit(limit))
        return tuple(map(self._open, rows))

    def get(self, number: str, organisation_code: str | None) -> AccessRequest:
        """Return one request.

        Raises:
            AccessRequestUnknownError: there is none, or none that the organisation may see.
        """
        wanted = self._seen(organisation_code).where(_GRANT.c.number == number)
        row = self._session.execute(wanted).first()
        if row is None:
            raise AccessRequestUnknownError(number)
        return self._open(row)

    def owns(self, organisation_code: str, type_code: str) -> bool:
        """Tell whether an organisation, or one below it, is the owner of a license type."""
        owner = select(_ORG.c.id).where(_ORG.c.code == type_code[:OWNER_LENGTH])
        if self._session.execute(owner).first() is None:
            return Authorities(self._session).get(organisation_code).parent_id is None
        below = owner.where(_ORG.c.id.in_(select(subtree_of(organisation_code).c.id)))
        return self._session.execute(below).first() is not None

    def _seen(self, organisation_code: str | None) -> Select[Any]:
        if organisation_code is None:
            return _REQUESTS
        below = select(subtree_of(organisation_code).c.id)
        owners = select(_ORG.c.code).where(_ORG.c.id.in_(below)).scalar_subquery()
        seen = [_GRANT.c.consumer_id.in_(below), _owner_of(_GRANT.c.type_code).in_(owners)]
        if Authorities(self._session).get(organisation_code).parent_id is None:
            known = select(_ORG.c.code).scalar_subquery()
            seen.append(_owner_of(_GRANT.c.type_code).not_in(known))
        return _REQUESTS.where(or_(*seen))

    def _open(self, row: "Row[Any]") -> AccessRequest:
        texts = json.loads(self._keys.unwrap(_KEK, row.sealed_texts, _context(row.number)))
        state = AccessState(row.state)
        if state is AccessState.GRANTED and row.expires_at <= self._at:
            state = AccessState.EXPIRED
        return AccessRequest(
            row_id=row.id,
            number=row.number,
            consumer_code=row.consumer_code,
            wish=AccessWish(row.item_code, row.type_code, texts["purpose"], texts["basis"]),
            state=state,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            decided_at=row.decided_at,
            expires_at=row.expires_at,
        )


class AccessRequestWriter(AccessRequests):
    """Takes requests and decisions; who may decide is asked before."""

    def __init__(self, session: Writing, keys: KeyProvider, at: datetime) -> None:
        super().__init__(session, keys, at)
        self._writing = session

    def ask(
        self, consumer_code: str, wish: AccessWish, by: str, random_bytes: Callable[[int], bytes]
    ) -> AccessRequest:
        """Take a request in.

        Raises:
            OrganisationUnknownError: there is no such consumer.
        """
        consumer = Authorities(self._session).get(consumer_code)
        number = new_handle(random_bytes)
        texts = json.dumps({"purpose": wish.purpose, "basis": wish.basis}, ensure_ascii=False)
        self._writing.add_row(
            _GRANT,
            number=number,
            consumer_id=consumer.row_id,
            item_code=wish.item_code,
            type_code=wish.type_code,
            purpose_mac=LookupMacs(self._keys).purpose(wish.purpose),
            sealed_texts=self._keys.wrap(_KEK, texts.encode(), _context(number)),
            state=AccessState.REQUESTED.value,
            asked_by=by,
            asked_at=self._at,
        )
        return self.get(number, consumer_code)

    def grant(self, request: AccessRequest, until: date, by: str) -> None:
        """Grant a request until the end of a day.

        Raises:
            AccessPeriodError: the day is over, or too far away.
            AccessStateError: it was decided before.
        """
        if not 0 <= (until - civil_date(self._at)).days <= LONGEST_DAYS:
            raise AccessPeriodError(LONGEST_DAYS)
        values = {
            "decided_by": by,
            "decided_at": self._at,
            "expires_at": end_of(until),
        }
        self._move(request, AccessState.REQUESTED, AccessState.GRANTED, values)

    def refuse(self, request: AccessRequest, by: str) -> None:
        """Refuse a request.

        Raises:
            AccessStateError: it was decided before.
        """
        values = {"decided_by": by, "decided_at": self._at}
        self._move(request, AccessState.REQUESTED, AccessState.REFUSED, values)

    def revoke(self, request: AccessRequest, by: str) -> None:
        """Take a grant back; it counts no more from now on.

        Raises:
            AccessStateError: it is no grant, or was taken back before.
        """
        values = {"revoked_by": by, "revoked_at": self._at}
        self._move(request, AccessState.GRANTED, AccessState.REVOKED, values)

    def _move(
        self, request: AccessRequest, old: AccessState, new: AccessState, values: dict[str, object]
    ) -> None:
        moved = (
            update(_GRANT)
            .where(_GRANT.c.id == request.row_id, _GRANT.c.state == old.value)
            .values(state=new.value, **values)
        )
        if self._writing.change_rows(moved) == 0:
            raise AccessStateError(request.state.value, new.value)


def _owner_of(type_code: Any) -> Any:
    return func.substr(type_code, 1, OWNER_LENGTH)


def _context(number: str) -> bytes:
    return f"license-vault/1\0access-grant\0{number}".encode()
