"""What a device may see: licenses of the holder who is there, of the types that its item needs.

Whoever is there shows at a kiosk what they could show by a code: the own licenses, and those of
whom they represent or have a mandate to present for.

Default deny: an item that is not known needs nothing. What another authority issued is seen only
where the use was granted to the device's organisation; what its own authorities issued, always.
"""

from collections.abc import Iterator
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
from license_vault.presenting.presenter import Presenter, presenter_of
from license_vault.presenting.resolution import is_own
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry

_MOST_LISTED = 100
_NEVER_SHOWN = (LicenseStatus.ISSUING, LicenseStatus.VOID)


@dataclass(frozen=True, slots=True)
class KioskLicenses:
    """What is there, the own first, and the needed types of which nothing may be seen."""

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
        presenter = self.presenter(device, handle)
        needed = ItemNeeds.types_of(self._session, use.item_code)
        granted = self._granted(device, use)
        found = tuple(
            license_
            for license_ in self._of_all(presenter, needed)
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
        presenter = self.presenter(device, handle)
        record = Registry(self._session).get(identifier)
        if not presenter.may_show(record) or record.status in _NEVER_SHOWN:
            raise LicenseNotFoundError(identifier)
        if record.type_code not in ItemNeeds.types_of(self._session, use.item_code):
            raise TypeNotNeededError(use.item_code)
        if not is_own(self._session, record, device.as_caller):
            guard = AccessGuard(self._session, self._macs, self._at)
            guard.require(device.as_caller, use, record.type_code)
        return record

    def presenter(self, device: Device, handle: str) -> Presenter:
        """Return who is there, and for whom they may show licenses.

        Raises:
            HolderHandleUnusableError: unknown, expired, or given to another organisation.
        """
        handles = HolderHandles(self._session, self._macs)
        holder = handles.resolve(handle, device.organisation_code, self._at)
        return presenter_of(self._session, holder.lookup_mac, self._at)

    def granted(self, device: Device, use: Use) -> frozenset[str]:
        """Return the types that an item needs and of which every license may be seen."""
        needed = ItemNeeds.types_of(self._session, use.item_code)
        return self._granted(device, use).intersection(needed)

    def _granted(self, device: Device, use: Use) -> frozenset[str]:
        return AccessGuard(self._session, self._macs, self._at).types_for(device.as_caller, use)

    def _of_all(self, presenter: Presenter, types: tuple[str, ...]) -> Iterator[LicenseRecord]:
        """Yield the own licenses of some types, then those of each principal, each once."""
        principals = (mandate.principal for mandate in presenter.mandates)
        seen: set[str] = set()
        for holder in dict.fromkeys((presenter.holder.handle, *principals)):
            for license_ in self._page(holder, types):
                if license_.identifier not in seen and presenter.may_show(license_):
                    seen.add(license_.identifier)
                    yield license_

    def _page(self, handle: str, types: tuple[str, ...]) -> tuple[LicenseRecord, ...]:
        if not types:
            return ()
        wanted = LicenseFilter(holder=handle, type_codes=frozenset(types))
        return Registry(self._session).page(wanted, _MOST_LISTED)
