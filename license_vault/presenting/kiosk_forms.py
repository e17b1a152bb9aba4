"""The form of an item at a kiosk: filled from what the holder who is there has, and nothing else.

The same needs, sources, verifier and decisions about partner regions' licenses as in a case
(``cases.form_desk``), of one holder, and nothing is kept: what was seen is in the holder's journal.
Whose license meets the first need is whom the form is about, the person or an enterprise that they
represent.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from license_vault.access.use import Use
from license_vault.cases.case import CaseHolder
from license_vault.cases.case_services import CaseServices
from license_vault.cases.foreign import Decided
from license_vault.cases.item_definition import ItemDefinition
from license_vault.cases.needs import ItemNeeds
from license_vault.cases.prefill import FilledForm, ShownLicense, fill, meet_needs
from license_vault.cases.used_licenses import record_used
from license_vault.holding.journal import PREFILLED, Journal, JournalAct, Journalled
from license_vault.license import CopyKind, Holder, LicenseStatus
from license_vault.presenting.devices import Device
from license_vault.presenting.kiosk import Kiosk
from license_vault.presenting.kiosk_partners import KioskPartners, holders_there
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import KeptLicense, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.vault import JSON

_Shown = tuple[ShownLicense, Sequence[Holder]]
"""A license that may stand for a need, with whom it names."""


@dataclass(frozen=True, slots=True)
class KioskForm:
    """A form as far as it is filled, and of which item."""

    item: ItemDefinition
    filled: FilledForm


class KioskForms:
    """Fills forms for devices; made once, used by all threads."""

    def __init__(self, services: CaseServices) -> None:
        self._services = services
        self._partners = KioskPartners(services)
        self._opener = LicenseOpener(services.vault)

    def form(self, device: Device, use: Use, handle: str) -> KioskForm:
        """Fill the form of the item of a use, for the holder that a handle was given for.

        Raises:
            ItemUnknownError: there is no such item.
            HolderHandleUnusableError: unknown, expired, or given to another organisation.
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
        """
        services = self._services
        with services.database.reading() as session:
            item = ItemNeeds(session).get(use.item_code).item
            kiosk = Kiosk(session, services.macs, services.clock())
            there = kiosk.licenses(device, use, handle).licenses
            found = sorted(
                (one for one in there if one.status is LicenseStatus.VALID),
                key=lambda one: one.copy.kind is not CopyKind.ORIGINAL,
            )
            kept = Registry(session).kept_of(found) if found else {}
            presenter = kiosk.presenter(device, handle)
            may_be_named = holders_there(session, presenter)
            seen = self._partners.look(session, kiosk.granted(device, use), presenter)
        valid = self._valid([(one, kept[one.identifier]) for one in found])
        met = [shown.type_code for shown, _ in valid]
        partners = self._partners.decided(seen, item.code, met)
        valid += [(one.shown, one.read.holders) for one in partners]
        filled = self._filled(item, valid, may_be_named)
        records = _records(found, partners)
        act = JournalAct(PREFILLED, use, (), services.clock(), actor=device.as_caller.name)
        with services.database.writing() as session:
            record_used(Journal(session, services.vault), filled, records, act)
        return KioskForm(item, filled)

    def listed(
        self, device: Device, use: Use, handle: str, there: Collection[str]
    ) -> tuple[Decided, ...]:
        """Return licenses of partner regions as ``KioskPartners.listed``."""
        return self._partners.listed(device, use, handle, there)

    def _filled(
        self, item: ItemDefinition, valid: Sequence[_Shown], may_be_named: Collection[bytes]
    ) -> FilledForm:
        needs = meet_needs(item, [shown for shown, _ in valid], frozenset())
        first = next((met.license for met in needs if met.license), None)
        holders = next((held for shown, held in valid if shown is first), ())
        # Of a joint license the others stay unnamed.
        named = [one for one in holders if self._services.macs.of_holder(one) in may_be_named]
        return fill(item, list(map(_stated, named)), needs)

    def _valid(self, found: Sequence[tuple[LicenseRecord, KeptLicense]]) -> list[_Shown]:
        """Return what the verifier calls valid now, the first of each type, with the holders."""
        valid: dict[str, _Shown] = {}
        for record, kept in found:
            if record.type_code not in valid:
                secrets = self._opener.secrets(kept)
                shown = self._judged(record, kept, secrets.claims)
                if shown is not None:
                    valid[record.type_code] = shown, secrets.content.holders
        return list(valid.values())

    def _judged(
        self, record: LicenseRecord, kept: KeptLicense, claims: bytes
    ) -> ShownLicense | None:
        """Return a license as what stands for a need, None if it is not valid."""
        # The JSON is read fastest; all forms of a license say the same and are all sealed.
        form = next((each for each in record.forms if each.form == JSON), record.forms[0])
        judged = self._services.judge(self._opener.file(kept, form), "")
        if not judged.is_valid or judged.claims != claims:
            return None
        return ShownLicense(
            identifier=record.identifier,
            type_code=record.type_code,
            verdict=judged.verdict,
            as_of=judged.as_of,
            document="",
            claims=claims,
        )


def _stated(holder: Holder) -> CaseHolder:
    return CaseHolder(holder.name, holder.document_type, holder.document_number)


def _records(found: Sequence[LicenseRecord], partners: Sequence[Decided]) -> dict[str, Journalled]:
    own: dict[str, Journalled] = {record.identifier: record for record in found}
    return own | {one.shown.identifier: one.license for one in partners}
