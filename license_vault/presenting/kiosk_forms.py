"""The form of an item at a kiosk: filled from what the holder who is there has, and nothing else.

The same needs, sources and verifier as in a case (``cases.form_desk``), of one holder, and nothing
is kept: what was seen is in the holder's journal. Whose license meets the first need is whom the
form is about, the person or an enterprise that they represent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from license_vault.access.use import Use
from license_vault.cases.case import CaseHolder
from license_vault.cases.case_services import CaseServices
from license_vault.cases.gathering import version_of
from license_vault.cases.item_definition import ItemDefinition
from license_vault.cases.needs import ItemNeeds
from license_vault.cases.prefill import FilledForm, ShownLicense, fill, meet_needs
from license_vault.database.sessions import Reading
from license_vault.holding.journal import PREFILLED, Journal, JournalAct
from license_vault.license import CopyKind, Holder, LicenseStatus
from license_vault.presenting.devices import Device
from license_vault.presenting.kiosk import Kiosk
from license_vault.presenting.presenter import Presenter
from license_vault.registry.holders import Holders
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import KeptLicense, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.vault import JSON


@dataclass(frozen=True, slots=True)
class KioskForm:
    """A form as far as it is filled, and of which item."""

    item: ItemDefinition
    filled: FilledForm


class KioskForms:
    """Fills forms for devices; made once, used by all threads."""

    def __init__(self, services: CaseServices) -> None:
        self._services = services
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
            may_be_named = _macs(session, kiosk.presenter(device, handle))
        valid = self._valid([(one, kept[one.identifier]) for one in found])
        needs = meet_needs(item, [shown for shown, _ in valid], frozenset())
        first = next((met.license for met in needs if met.license), None)
        holders = next((held for shown, held in valid if shown is first), ())
        # Of a joint license the others stay unnamed.
        named = [one for one in holders if services.macs.of_holder(one) in may_be_named]
        form = KioskForm(item, fill(item, list(map(_stated, named)), needs))
        self._record(form.filled, found, device, use)
        return form

    def _valid(
        self, found: Sequence[tuple[LicenseRecord, KeptLicense]]
    ) -> list[tuple[ShownLicense, Sequence[Holder]]]:
        """Return what the verifier calls valid now, the first of each type, with the holders."""
        valid: dict[str, tuple[ShownLicense, Sequence[Holder]]] = {}
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
        judged = self._services.judge(self._opener.file(kept, form))
        if not judged.is_valid or judged.claims != claims:
            return None
        return ShownLicense(
            identifier=record.identifier,
            version=version_of(record.identifier),
            type_code=record.type_code,
            verdict=judged.verdict,
            as_of=judged.as_of,
            document="",
            claims=claims,
        )

    def _record(
        self, form: FilledForm, found: Sequence[LicenseRecord], device: Device, use: Use
    ) -> None:
        """Put into the holder's journal which fields of which licenses were seen."""
        services, at, actor = self._services, self._services.clock(), device.as_caller.name
        records = {record.identifier: record for record in found}
        with services.database.writing() as session:
            journal = Journal(session, services.vault)
            for met in form.needs:
                if met.license is not None:
                    paths = tuple(
                        filled.path[1:].replace("/", ".")
                        for filled in form.fields
                        if filled.license is met.license
                    )
                    act = JournalAct(PREFILLED, use, paths or ("type",), at, actor=actor)
                    journal.record(records[met.license.identifier], act)


def _stated(holder: Holder) -> CaseHolder:
    return CaseHolder(holder.name, holder.document_type, holder.document_number)


def _macs(session: Reading, presenter: Presenter) -> frozenset[bytes]:
    """Return what the person and those whom the person acts for are found by."""
    holders, principals = Holders(session), {one.principal for one in presenter.mandates}
    acted_for = (holders.by_handle(handle).lookup_mac for handle in principals)
    return frozenset((presenter.holder.lookup_mac, *acted_for))
