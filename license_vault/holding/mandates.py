"""Who may act for a holder: an agent by the holder's mandate, or the recorded representative.

A mandate (授权委托) is given by the holder, for some license types and actions, until a day, and
may be taken back at any time. A representation (法定代表人) is recorded by an authority that issued
a license to the organisation, with its evidence, and allows everything the organisation may do.
Who the agent is stands encrypted under the principal's key; the agent is found by a MAC.

Nothing is deleted. All SQL about mandates.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from license_vault.database.columns import table_of
from license_vault.database.holding_tables import MandateRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import HolderRow, LicenseRow
from license_vault.holding.errors import MandateInvalidError, MandateNotFoundError
from license_vault.license import HolderKind
from license_vault.registry.holders import HolderRecord, new_handle
from license_vault.vault import HolderKey, Vault

MANDATE, REPRESENTATION = "mandate", "representation"
VIEW, DOWNLOAD, PRESENT, COPY = "view", "download", "present", "copy"
PRINT, DISPUTE, GIVE = "print", "dispute", "mandate"
ACTIONS = (VIEW, DOWNLOAD, PRESENT, COPY, PRINT, DISPUTE)
"""What an agent may be allowed; to give mandates is for the holder and the representative."""
EVERYTHING = (*ACTIONS, GIVE)
EVERY_TYPE = "*"

_PURPOSE = "mandate"
_MANDATE = table_of(MandateRow)
_HOLDER = table_of(HolderRow)
_LICENSE = table_of(LicenseRow)
_MANDATES = (
    select(_MANDATE, _HOLDER.c.handle, _LICENSE.c.identifier)
    .join(_HOLDER, _HOLDER.c.id == _MANDATE.c.principal_id)
    .outerjoin(_LICENSE, _LICENSE.c.id == _MANDATE.c.license_id)
)


@dataclass(frozen=True, slots=True)
class AgentPerson:
    """Who acts for a holder, by an identity document (GB/T 36903, annex A)."""

    name: str = field(repr=False)
    document_type: str
    document_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MandateOrder:
    """A mandate as it is to be given; ``ends_at`` None: until it is revoked.

    ``license_row_id`` is the license that a representation is shown by; ``evidence`` says in
    words what was seen.
    """

    kind: str
    agent: AgentPerson
    agent_mac: bytes
    type_codes: tuple[str, ...]
    actions: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime | None
    evidence: str = field(default="", repr=False)
    license_row_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate as its row says it, without who the agent is."""

    mandate_id: str
    principal: str
    kind: str
    type_codes: frozenset[str]
    actions: frozenset[str]
    begins_at: datetime
    ends_at: datetime | None
    license: str | None
    recorded_by: str
    recorded_at: datetime
    revoked_at: datetime | None
    sealed_details: bytes = field(repr=False)

    def allows(self, action: str, at: datetime) -> bool:
        """Say whether the agent may do something at a moment, with some license at least."""
        ended = self.ends_at is not None and self.ends_at < at
        revoked = self.revoked_at is not None and self.revoked_at <= at
        return action in self.actions and self.begins_at <= at and not ended and not revoked

    def covers(self, type_code: str) -> bool:
        """Say whether it is about licenses of a type."""
        return bool(self.type_codes & {type_code, EVERY_TYPE})


class Mandates:
    """Looks mandates up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, mandate_id: str) -> Mandate:
        """Return a mandate.

        Raises:
            MandateNotFoundError: there is none.
        """
        found = self._where(_MANDATE.c.mandate_id == mandate_id)
        if not found:
            raise MandateNotFoundError(mandate_id)
        return found[0]

    def of_principal(self, holder: HolderRecord) -> tuple[Mandate, ...]:
        """Return all that were ever given for a holder, the newest first."""
        return self._where(_MANDATE.c.principal_id == holder.row_id)

    def of_agent(self, agent_mac: bytes, at: datetime) -> tuple[Mandate, ...]:
        """Return those that allow an agent anything at a moment, the newest first."""
        found = self._where(_MANDATE.c.agent_mac == agent_mac)
        return tuple(m for m in found if any(m.allows(action, at) for action in EVERYTHING))

    def acting(
        self, agent_mac: bytes, principal: str, action: str, at: datetime
    ) -> tuple[Mandate, ...]:
        """Return those by which an agent may do something for a holder at a moment."""
        found = self._where(_MANDATE.c.agent_mac == agent_mac, _HOLDER.c.handle == principal)
        return tuple(mandate for mandate in found if mandate.allows(action, at))

    def details(self, vault: Vault, key: HolderKey, mandate: Mandate) -> tuple[AgentPerson, str]:
        """Open who the agent is, and the evidence.

        Raises:
            EnvelopeBrokenError: the row was changed, or the key is another holder's.
        """
        kept = json.loads(
            vault.decrypt(key.key, mandate.mandate_id, _PURPOSE, mandate.sealed_details)
        )
        return AgentPerson(**kept["agent"]), kept["evidence"]

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[Mandate, ...]:
        rows = self._session.execute(_MANDATES.where(*conditions).order_by(_MANDATE.c.id.desc()))
        return tuple(map(_mandate, rows))


class MandateWriter(Mandates):
    """Gives mandates and takes them back, in a session that its opener commits."""

    def __init__(
        self, session: Writing, vault: Vault, random_bytes: Callable[[int], bytes]
    ) -> None:
        super().__init__(session)
        self._writing = session
        self._vault = vault
        self._random = random_bytes

    def give(self, principal: HolderRecord, order: MandateOrder, by: str, at: datetime) -> str:
        """Give a mandate, or record a representation; return its id.

        Raises:
            MandateInvalidError: the agent is the holder, the period is over before it begins, or
                a person is to be represented as an organisation is.
        """
        _check(principal, order, at)
        mandate_id = new_handle(self._random)
        self._writing.add_row(
            _MANDATE,
            mandate_id=mandate_id,
            principal_id=principal.row_id,
            agent_mac=order.agent_mac,
            kind=order.kind,
            type_codes=" ".join(sorted(set(order.type_codes))),
            actions=" ".join(sorted(set(order.actions))),
            begins_at=order.begins_at,
            ends_at=order.ends_at,
            license_id=order.license_row_id,
            sealed_details=self._sealed(principal, mandate_id, order),
            recorded_by=by,
            recorded_at=at,
        )
        return mandate_id

    def revoke(self, mandate_id: str, by: str, at: datetime) -> bool:
        """Take a mandate back; from now on it allows nothing. False: it was revoked before."""
        changed = self._writing.change_rows(
            update(_MANDATE)
            .where(_MANDATE.c.mandate_id == mandate_id, _MANDATE.c.revoked_at.is_(None))
            .values(revoked_at=at, revoked_by=by)
        )
        return changed == 1

    def _sealed(self, principal: HolderRecord, mandate_id: str, order: MandateOrder) -> bytes:
        key = self._vault.open_holder_key(
            principal.handle, principal.key_version, principal.wrapped_key
        )
        agent = order.agent
        told = {
            "agent": {
                "name": agent.name,
                "document_type": agent.document_type,
                "document_number": agent.document_number,
            },
            "evidence": order.evidence,
        }
        sealed = json.dumps(told, ensure_ascii=False).encode()
        return self._vault.encrypt(key.key, mandate_id, _PURPOSE, sealed)


def _check(principal: HolderRecord, order: MandateOrder, at: datetime) -> None:
    if order.agent_mac == principal.lookup_mac:
        raise MandateInvalidError("same-person")
    if order.ends_at is not None and order.ends_at < max(at, order.begins_at):
        raise MandateInvalidError("period")
    if order.kind == REPRESENTATION and principal.kind == HolderKind.NATURAL_PERSON:
        raise MandateInvalidError("not-an-organisation")


def _mandate(row: "Row[Any]") -> Mandate:
    return Mandate(
        mandate_id=row.mandate_id,
        principal=row.handle,
        kind=row.kind,
        type_codes=frozenset(row.type_codes.split(" ")),
        actions=frozenset(row.actions.split(" ")),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        license=row.identifier,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        revoked_at=row.revoked_at,
        sealed_details=row.sealed_details,
    )
