"""Roles with seals: manage, use, audit, and never two of them in one person; all their SQL.

A person is named by the ``sub`` of their tokens. Who works at the node itself is looked up here;
who comes over HTTP brings the role in a token, and what stands here must not contradict it.

Source: ADR 0035.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import select, update

from license_vault.approvals.officers import PERSON
from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealRoleRow
from license_vault.database.sessions import Reading, Writing
from license_vault.seals.errors import (
    PersonInvalidError,
    SealRoleMissingError,
    SealRolesConflictError,
)

_ROLE = table_of(SealRoleRow)
_LIVE = select(_ROLE).where(_ROLE.c.withdrawn_at.is_(None)).order_by(_ROLE.c.person)


class SealRole(StrEnum):
    """What a person does with seals."""

    MANAGE = "manage"
    USE = "use"
    AUDIT = "audit"


ROLE_NAMES: Mapping[SealRole, tuple[str, str]] = MappingProxyType(
    {
        SealRole.MANAGE: ("印章管理", "manages seals"),
        SealRole.USE: ("印章使用", "uses seals"),
        SealRole.AUDIT: ("印章审计", "audits seals"),
    }
)

CLAIMED: Mapping[str, SealRole] = MappingProxyType(
    {
        "seal-manager": SealRole.MANAGE,
        "seal-user": SealRole.USE,
        "seal-auditor": SealRole.AUDIT,
    }
)
"""What a token's role claim says, and which role that is."""


@dataclass(frozen=True, slots=True)
class SealPerson:
    """Who acts: ``claimed`` is the role a token told of, ``within`` the organisation it named.

    At the node itself there is no token: ``claimed`` is None, and ``within`` too, which means
    every organisation. ``operator`` is who ran the command.
    """

    person: str
    claimed: SealRole | None = None
    within: str | None = None
    operator: str = ""

    @property
    def actor(self) -> str:
        """Return the person as the audit names them."""
        return f"officer:{self.person}"


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """Who has which role since when."""

    person: str
    role: SealRole
    given_at: datetime


def claimed_role(person: str, words: Iterable[str]) -> SealRole | None:
    """Return the one seal role that a token's claim has, None if it has none.

    Raises:
        SealRolesConflictError: it has two.
    """
    roles = sorted(CLAIMED[word] for word in set(words) & CLAIMED.keys())
    if len(roles) > 1:
        raise SealRolesConflictError(person, roles[0], roles[1])
    return roles[0] if roles else None


class SealRoles:
    """Looks roles up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def role_of(self, person: str) -> SealRole | None:
        """Return the role a person has, None if there is none."""
        row = self._session.execute(_LIVE.where(_ROLE.c.person == person)).first()
        return None if row is None else SealRole(row.role)

    def everyone(self) -> tuple[RoleRecord, ...]:
        """Return who has a role, by name."""
        rows = self._session.execute(_LIVE)
        return tuple(RoleRecord(row.person, SealRole(row.role), row.given_at) for row in rows)

    def require(self, person: SealPerson, *allowed: SealRole) -> None:
        """Check that a person has one of some roles.

        Raises:
            SealRolesConflictError: the token tells another role than stands here.
            SealRoleMissingError: none of these roles.
        """
        held = self.role_of(person.person)
        claimed = person.claimed
        if held is not None and claimed is not None and held is not claimed:
            raise SealRolesConflictError(person.person, held, claimed)
        at_the_node = person.within is None
        if (held if at_the_node else claimed) not in allowed:
            raise SealRoleMissingError(person.person, allowed[0])


class SealRoleWriter(SealRoles):
    """Gives roles and takes them back."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def give(self, person: str, role: SealRole, by: str, at: datetime) -> bool:
        """Give a person a role; False if it is theirs already.

        Raises:
            PersonInvalidError: not a name that a token could have.
            SealRolesConflictError: the person has another role.
        """
        if not PERSON.fullmatch(person):
            raise PersonInvalidError(person)
        held = self.role_of(person)
        if held is role:
            return False
        if held is not None:
            raise SealRolesConflictError(person, held, role)
        self._writing.add_row(_ROLE, person=person, role=role.value, given_by=by, given_at=at)
        return True

    def withdraw(self, person: str, by: str, at: datetime) -> bool:
        """Take a person's role back; False if there is none."""
        withdrawn = self._writing.change_rows(
            update(_ROLE)
            .where(_ROLE.c.person == person, _ROLE.c.withdrawn_at.is_(None))
            .values(withdrawn_by=by, withdrawn_at=at)
        )
        return withdrawn == 1
