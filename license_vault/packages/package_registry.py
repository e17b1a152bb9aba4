"""Packages (一件事) in the database: who asked, for which item and licenses; all the SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from license_vault.database.columns import table_of
from license_vault.database.package_tables import PackageLicenseRow, PackageRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow, OrganisationRow
from license_vault.packages.errors import PackageNotFoundError

_PACKAGE = table_of(PackageRow)
_LINK = table_of(PackageLicenseRow)
_LICENSE = table_of(LicenseRow)
_ORG = table_of(OrganisationRow)

_PACKAGES = select(_PACKAGE, _ORG.c.code).join(_ORG, _ORG.c.id == _PACKAGE.c.organisation_id)
_BY_ID = _PACKAGES.where(_PACKAGE.c.package_id == bindparam("package_id"))
_OF_LICENSE = _PACKAGES.join(_LINK, _LINK.c.package_id == _PACKAGE.c.id).where(
    _LINK.c.license_id == bindparam("license_id")
)
_OF_NUMBER = _PACKAGES.where(_PACKAGE.c.case_mac == bindparam("case_mac")).order_by(_PACKAGE.c.id)
_LICENSES = (
    select(_LICENSE.c.identifier)
    .join(_LINK, _LINK.c.license_id == _LICENSE.c.id)
    .where(_LINK.c.package_id == bindparam("row_id"))
    .order_by(_LINK.c.position)
)


@dataclass(frozen=True, slots=True)
class NewPackage:
    """A package that is asked for; ``case_mac`` is 32 bytes."""

    package_id: str
    organisation_row_id: int
    item_code: str
    case_mac: bytes
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """A package as its row says, with the identifiers of its licenses in its order."""

    package_id: str
    organisation_code: str
    item_code: str
    case_mac: bytes
    asked_by: str
    asked_at: datetime
    licenses: tuple[str, ...]


class Packages:
    """Looks packages up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, package_id: str) -> PackageRecord:
        """Return a package.

        Raises:
            PackageNotFoundError: there is none with this id.
        """
        return self._found(self._session.execute(_BY_ID, {"package_id": package_id}).first())

    def of_license(self, license_row_id: int) -> PackageRecord:
        """Return the package that a license was asked for in.

        Raises:
            PackageNotFoundError: it was asked for alone.
        """
        values = {"license_id": license_row_id}
        return self._found(self._session.execute(_OF_LICENSE, values).first())

    def of_number(self, case_mac: bytes) -> tuple[PackageRecord, ...]:
        """Return the packages of a case number, of whichever organisation, the oldest first."""
        rows = self._session.execute(_OF_NUMBER, {"case_mac": case_mac}).all()
        return tuple(map(self._found, rows))

    def _found(self, row: "Row[Any] | None") -> PackageRecord:
        if row is None:
            raise PackageNotFoundError
        licenses = self._session.execute(_LICENSES, {"row_id": row.id}).scalars()
        return PackageRecord(
            package_id=row.package_id,
            organisation_code=row.code,
            item_code=row.item_code,
            case_mac=row.case_mac,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            licenses=tuple(licenses),
        )


class PackageWriter(Packages):
    """Records packages."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, new: NewPackage, license_row_ids: Sequence[int]) -> None:
        """Record a package with the licenses that are intended for it."""
        row_id = self._writing.add_row(
            _PACKAGE,
            package_id=new.package_id,
            organisation_id=new.organisation_row_id,
            item_code=new.item_code,
            case_mac=new.case_mac,
            asked_by=new.asked_by,
            asked_at=new.asked_at,
        )
        self._writing.add_rows(
            _LINK,
            [
                {"package_id": row_id, "license_id": license_id, "position": at}
                for at, license_id in enumerate(license_row_ids)
            ],
        )
