"""Prints of a license: each numbered, with a random code that leads to what the license is now.

A print counts as long as its version of the license is valid: nothing about that is copied here,
so a 补证 voids all prints of the version before it in the moment it takes effect. The code is 130
random bits; whoever has the paper may ask. All SQL about prints.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.holding_tables import LicensePrintRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow
from license_vault.holding.errors import NotInForceError, PrintNotFoundError
from license_vault.license import LicenseStatus
from license_vault.registry.holders import new_handle
from license_vault.registry.records import LicenseRecord

_PRINT = table_of(LicensePrintRow)
_LICENSE = table_of(LicenseRow)
_PRINTS = select(_PRINT, _LICENSE.c.identifier).join(_LICENSE, _LICENSE.c.id == _PRINT.c.license_id)


@dataclass(frozen=True, slots=True)
class Print:
    """One print: ``number`` counts the prints of its version from 1."""

    code: str
    identifier: str
    number: int
    made_by: str
    made_at: datetime


class Prints:
    """Looks prints up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, code: str) -> Print:
        """Return a print.

        Raises:
            PrintNotFoundError: none has this code.
        """
        row = self._session.execute(_PRINTS.where(_PRINT.c.code == code)).first()
        if row is None:
            raise PrintNotFoundError(code)
        return _print(row)

    def of_license(self, license_row_id: int) -> tuple[Print, ...]:
        """Return the prints of one version, in the order of their numbers."""
        wanted = _PRINTS.where(_PRINT.c.license_id == license_row_id)
        return tuple(map(_print, self._session.execute(wanted.order_by(_PRINT.c.number))))


class PrintWriter(Prints):
    """Numbers prints, in a session that its opener commits."""

    def __init__(self, session: Writing, random_bytes: Callable[[int], bytes]) -> None:
        super().__init__(session)
        self._writing = session
        self._random = random_bytes

    def make(self, license_: LicenseRecord, by: str, at: datetime) -> str:
        """Number a new print of a license in force; return its code.

        Raises:
            NotInForceError: paper is made of what is in force only.
            RowConflictError: another print took the number at the same time; ask again.
        """
        if license_.status is not LicenseStatus.VALID:
            raise NotInForceError(license_.identifier, license_.status.value)
        last = self._session.execute(
            select(func.max(_PRINT.c.number)).where(_PRINT.c.license_id == license_.row_id)
        ).scalar()
        code = new_handle(self._random)
        self._writing.add_row(
            _PRINT,
            code=code,
            license_id=license_.row_id,
            number=(last or 0) + 1,
            made_by=by,
            made_at=at,
        )
        return code


def _print(row: "Row[Any]") -> Print:
    return Print(
        code=row.code,
        identifier=row.identifier,
        number=row.number,
        made_by=row.made_by,
        made_at=row.made_at,
    )
