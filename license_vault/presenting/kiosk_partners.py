"""Licenses of partner regions at a kiosk: what who is there took in, decided for the item.

The same rule as in a case (``cases.foreign``): one counts when it is authentic and in force by its
own region's status, and our use list has it for the item. Seen are types that the item needs and
the device's organisation was granted, of whom the person may present for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from license_vault.access.use import Use
from license_vault.cases.case_services import CaseServices
from license_vault.cases.foreign import Decided, TakenIn, decided, taken_in
from license_vault.database.sessions import Reading
from license_vault.holding.journal import SHOWN, Journal, JournalAct
from license_vault.presenting.devices import Device
from license_vault.presenting.kiosk import Kiosk
from license_vault.presenting.presenter import Presenter
from license_vault.registry.holders import Holders
from license_vault.sharing.maps import SharingMaps
from license_vault.sharing.sharing import Sharing


@dataclass(frozen=True, slots=True)
class TakenInThere:
    """What may be seen, not decided yet, and what partners' codes are here."""

    found: tuple[TakenIn, ...]
    maps: SharingMaps


class KioskPartners:
    """Looks for partners' licenses; made once, used by all threads."""

    def __init__(self, services: CaseServices) -> None:
        self._services = services

    def listed(
        self, device: Device, use: Use, handle: str, there: Collection[str]
    ) -> tuple[Decided, ...]:
        """Return them as decided now; each is in its holder's journal.

        Args:
            there: types of which the holder has one of our own in force: no more is needed.

        Raises:
            HolderHandleUnusableError: unknown, expired, or given to another organisation.
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
        """
        services = self._services
        with services.database.reading() as session:
            kiosk = Kiosk(session, services.macs, services.clock())
            seen = self.look(session, kiosk.granted(device, use), kiosk.presenter(device, handle))
        found = self.decided(seen, use.item_code, there)
        if found:
            with services.database.writing() as session:
                act = JournalAct(SHOWN, use, (), services.clock(), actor=device.as_caller.name)
                Journal(session, services.vault).record_all([one.license for one in found], act)
        return found

    def look(self, session: Reading, types: Collection[str], presenter: Presenter) -> TakenInThere:
        """Return what a presenter has of some types, ours, the own before those of principals."""
        services = self._services
        maps = Sharing(session, services.region).maps()
        macs = holders_there(session, presenter)
        found = taken_in(session, services, maps, macs) if types else ()
        return TakenInThere(tuple(_of_types(found, types, presenter)), maps)

    def decided(
        self, seen: TakenInThere, item_code: str, there: Collection[str]
    ) -> tuple[Decided, ...]:
        """Return what may be seen with its decisions; asks no session, verifying takes its time.

        Raises:
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
        """
        return tuple(decided(self._services, seen.maps, seen.found, item_code, there))


def holders_there(session: Reading, presenter: Presenter) -> tuple[bytes, ...]:
    """Return what the person and those whom the person acts for are found by, the person first."""
    holders = Holders(session)
    principals = dict.fromkeys(mandate.principal for mandate in presenter.mandates)
    acted_for = (holders.by_handle(handle).lookup_mac for handle in principals)
    return tuple(dict.fromkeys((presenter.holder.lookup_mac, *acted_for)))


def _of_types(
    found: Iterable[TakenIn], types: Collection[str], presenter: Presenter
) -> Iterable[TakenIn]:
    for one in found:
        if one.type_code in types and presenter.may_show_of(one.license.holders, one.type_code):
            yield one
