"""What a device may see: licenses of the holder who is there, of the types that its item needs.

Default deny: an item that is not known needs nothing. What another authority issued is seen only
where the use was granted to the device's organisation; what its own authorities issued, always.
"""

from dataclasses import dataclass
from datetime import datetime

from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.cases.needs import ItemNeeds
from license_vault.database.sessions import Reading
from license_vault.errors import LicenseNotFoundError
from license_vault.holding.holder_handles import HolderHandles
from license_vault.license import LicenseStatus
from license_vault.presenting.devices import Device
from license_vault.presenting.errors import TypeNotNeededError
from license_vault.presenting.resolution import is_own
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry

_MOST_LISTED = 100
_NEVER_SHOWN = (LicenseStatus.ISSUING, LicenseStatus.VOID)


@dataclass(frozen=True, slots=True)
class KioskLicenses:
    """What is there, the newest first, and the needed types of which nothing may be seen."""

    licenses: tuple[LicenseRecord, ...]
    missing: tuple[str, ...]


class Kiosk:
    """Answers devices, at one instant."""

    def __init__(self, session: Reading, macs: LookupMacs, at: datetime) -> None:
        self._session = session
        self._macs = macs
        self._at = at

    def licenses(self, device: Device, use: Use, handle: str) -> KioskLicenses:
        """Return what an item needs of the holder that a handle was given for.

        Raises:
            HolderHandleUnusableError: unknown, expired, or given to another organisation.
        """
        holder = self._holder(device, handle)
        needed = ItemNeeds.types_of(self._session, use.item_code)
        granted = self._granted(device, use)
        found = tuple(
            license_
            for license_ in self._page(holder, needed)
            if license_.status not in _NEVER_SHOWN
            and (license_.type_code in granted or is_own(self._session, license_, device.as_caller))
        )
        there = {license_.type_code for license_ in found}
        return KioskLicenses(found, tuple(code for code in needed if code not in there))

    def license(self, device: Device, use: Use, handle: str, identifier: str) -> LicenseRecord:
        """Return one license that an item needs.

        Raises:
            HolderHandleUnusableError: unknown, expired, or given to another organisation.
            LicenseNotFoundError: the holder has no such license.
            TypeNotNeededError: the item needs none of its type.
            AccessNotGrantedError: the use was not granted.
        """
        holder = self._holder(device, handle)
        record = Registry(self._session).get(identifier)
        if holder not in record.holders or record.status in _NEVER_SHOWN:
            raise LicenseNotFoundError(identifier)
        if record.type_code not in ItemNeeds.types_of(self._session, use.item_code):
            raise TypeNotNeededError(use.item_code)
        if not is_own(self._session, record, device.as_caller):
            guard = AccessGuard(self._session, self._macs, self._at)
            guard.require(device.as_caller, use, record.type_code)
        return record

    def _holder(self, device: Device, handle: str) -> str:
        handles = HolderHandles(self._session, self._macs)
        return handles.resolve(handle, device.organisation_code, self._at).handle

    def _granted(self, device: Device, use: Use) -> frozenset[str]:
        return AccessGuard(self._session, self._macs, self._at).types_for(device.as_caller, use)

    def _page(self, handle: str, types: tuple[str, ...]) -> tuple[LicenseRecord, ...]:
        if not types:
            return ()
        wanted = LicenseFilter(holder=handle, type_codes=frozenset(types))
        return Registry(self._session).page(wanted, _MOST_LISTED)
