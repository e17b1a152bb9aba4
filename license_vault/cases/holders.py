"""Who a case is about: stated by name and number, or shown by an expiring handle (decision 26)."""

from dataclasses import dataclass, field
from datetime import datetime

from license_vault.cases.case import CaseHolder
from license_vault.database.sessions import Reading
from license_vault.errors import HolderNotFoundError
from license_vault.holding.holder_handles import HolderHandles
from license_vault.license import Holder
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter
from license_vault.registry.registry import Registry
from license_vault.sharing.partner_licenses import PartnerLicenses
from license_vault.vault import Vault

_LOOKED_AT = 1


@dataclass(frozen=True, slots=True)
class HolderNamed:
    """How a request names somebody: by ``handle``, or by name and document."""

    handle: str | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)
    document_type: str = ""
    document_number: str = field(default="", repr=False)


class CaseHolders:
    """Says whom a request names."""

    def __init__(self, session: Reading, macs: LookupMacs, vault: Vault) -> None:
        self._session = session
        self._macs = macs
        self._vault = vault

    def whom(self, named: HolderNamed, organisation: str, at: datetime) -> CaseHolder:
        """Return a holder for a case of an organisation.

        Raises:
            HolderHandleUnusableError: the handle is unknown, expired, or another organisation's.
            HolderNotFoundError: whom the handle names has no license any more.
        """
        if named.handle is None:
            return CaseHolder(named.name, named.document_type, named.document_number)
        found = HolderHandles(self._session, self._macs).resolve(named.handle, organisation, at)
        shown = self._macs.holder_handle(named.handle).hex()
        registry = Registry(self._session)
        newest = registry.page(LicenseFilter(holder=found.handle), _LOOKED_AT)
        for kept in registry.kept_of(newest).values():
            for holder in LicenseOpener(self._vault).secrets(kept).content.holders:
                if self._macs.of_holder(holder) == found.lookup_mac:
                    return _stated(holder, shown)
        taken_in = PartnerLicenses(self._session, self._vault, found).holder_named()
        if taken_in:
            return _stated(taken_in[0], shown)
        raise HolderNotFoundError("")


def _stated(holder: Holder, presence: str) -> CaseHolder:
    return CaseHolder(holder.name, holder.document_type, holder.document_number, presence)
