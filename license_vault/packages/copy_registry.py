"""The copies of one license (正本 and 副本) that are in force together; all the SQL."""

from sqlalchemy import bindparam, select

from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading
from license_vault.database.tables import LicenseRow
from license_vault.license import CopyKind, LicenseStatus
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

_LICENSE = table_of(LicenseRow)
_ONE = _LICENSE.alias("one")
_IN_FORCE = (LicenseStatus.VALID.value, LicenseStatus.SUSPENDED.value)
_COPIES = (
    select(_LICENSE.c.identifier)
    .join(
        _ONE,
        (_ONE.c.number_mac == _LICENSE.c.number_mac)
        & (_ONE.c.authority_id == _LICENSE.c.authority_id)
        & (_ONE.c.type_code == _LICENSE.c.type_code),
    )
    .where(_ONE.c.id == bindparam("row_id"), _LICENSE.c.status.in_(_IN_FORCE))
    .order_by(_LICENSE.c.copy_ordinal, _LICENSE.c.id)
)


def copies_of(session: Reading, license_: LicenseRecord) -> tuple[LicenseRecord, ...]:
    """Return the copies of a license's number that are in force, the 正本 first."""
    found = session.execute(_COPIES, {"row_id": license_.row_id}).scalars().all()
    records = map(Registry(session).get, found)
    return tuple(sorted(records, key=lambda one: one.copy.kind is not CopyKind.ORIGINAL))
