"""The tree of organisations (省/市/区县/街道, departments); all its SQL.

Every client, officer, seal and grant belongs to one organisation. Somebody of an organisation
acts and sees within its subtree, never beside or above it (ADR 0025).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, BindParameter, bindparam, select

from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import OrganisationRow, table_of
from license_vault.errors import (
    AuthorityNotPermittedError,
    OrganisationExistsError,
    OrganisationUnknownError,
)
from license_vault.license import IssuingAuthority

_ORG = table_of(OrganisationRow)
_COLUMNS = (_ORG.c.id, _ORG.c.code, _ORG.c.name, _ORG.c.region, _ORG.c.parent_id)

_BY_CODE = select(*_COLUMNS).where(_ORG.c.code == bindparam("code"))


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation: its code (USCC, 18 characters; or a department's own), name, region."""

    row_id: int
    code: str
    name: str
    region: str
    parent_id: int | None

    @property
    def as_authority(self) -> IssuingAuthority:
        """Return it as the issuing authority that licenses name."""
        return IssuingAuthority(self.code, self.name, self.region)


def subtree_of(code: str | BindParameter[str]) -> CTE:
    """Return the row keys of an organisation and all below it, for use in other queries."""
    below = select(_ORG.c.id).where(_ORG.c.code == code).cte("subtree", recursive=True)
    return below.union_all(select(_ORG.c.id).where(_ORG.c.parent_id == below.c.id))


class Authorities:
    """Looks organisations up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, code: str) -> Organisation:
        """Return an organisation.

        Raises:
            OrganisationUnknownError: no organisation has this code.
        """
        row = self._session.execute(_BY_CODE, {"code": code}).first()
        if row is None:
            raise OrganisationUnknownError(code)
        return Organisation(*row)

    def within(self, code: str, above: str) -> Organisation:
        """Return an organisation if it is ``above`` or stands anywhere below it.

        Raises:
            OrganisationUnknownError: no organisation has this code.
            AuthorityNotPermittedError: it stands elsewhere.
        """
        found = self.get(code)
        if code != above:
            subtree = subtree_of(above)
            inside = select(subtree.c.id).where(subtree.c.id == found.row_id)
            if self._session.execute(inside).first() is None:
                raise AuthorityNotPermittedError(code)
        return found

    def subtree(self, code: str) -> tuple[Organisation, ...]:
        """Return an organisation and all below it, in the order of their codes."""
        self.get(code)
        wanted = (
            select(*_COLUMNS)
            .where(_ORG.c.id.in_(select(subtree_of(code).c.id)))
            .order_by(_ORG.c.code)
        )
        return tuple(Organisation(*row) for row in self._session.execute(wanted))

    def names(self, codes: Iterable[str]) -> dict[str, str]:
        """Return what organisations are called, by code; those that are not in the tree are not."""
        wanted = select(_ORG.c.code, _ORG.c.name).where(_ORG.c.code.in_(tuple(codes)))
        return {row.code: row.name for row in self._session.execute(wanted)}

    def everyone(self) -> tuple[Organisation, ...]:
        """Return all organisations, in the order of their codes."""
        found = self._session.execute(select(*_COLUMNS).order_by(_ORG.c.code))
        return tuple(Organisation(*row) for row in found)


class AuthorityWriter(Authorities):
    """Plants the tree."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, authority: IssuingAuthority, parent_code: str | None, at: datetime) -> int:
        """Add an organisation below another (None: at the root); return its row's key.

        Raises:
            OrganisationUnknownError: there is no such parent.
            OrganisationExistsError: the code is taken.
        """
        parent_id = None if parent_code is None else self.get(parent_code).row_id
        taken = select(_ORG.c.id).where(_ORG.c.code == authority.code)
        if self._session.execute(taken).first() is not None:
            raise OrganisationExistsError(authority.code)
        return self._writing.add_row(
            _ORG,
            code=authority.code,
            name=authority.name,
            region=authority.region,
            parent_id=parent_id,
            added_at=at,
        )
