"""Who presents: a person with the own licenses, and those of whom the person may act for.

A representative of an enterprise presents its licenses beside the own ones, an agent those of the
types that the mandate names.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from license_vault.database.sessions import Reading
from license_vault.errors import HolderNotFoundError
from license_vault.holding.mandates import PRESENT, Mandate, Mandates
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.records import LicenseRecord


@dataclass(frozen=True, slots=True)
class Presenter:
    """A holder, with the mandates by which licenses of others may be shown too.

    ``holder`` is who the presentations belong to: the person, or, of a person without a vault,
    the first principal.
    """

    holder: HolderRecord
    is_principal: bool
    mandates: tuple[Mandate, ...]

    @property
    def actor(self) -> str:
        """Return the presenter as the audit names them."""
        return f"holder:{self.holder.handle}"

    def may_show(self, license_: LicenseRecord) -> bool:
        """Say whether a license is the presenter's own, or of a principal and of its types."""
        return self.may_show_of(license_.holders, license_.type_code)

    def may_show_of(self, holders: Collection[str], type_code: str) -> bool:
        """Say the same of a license of a type, ours, that is in the vaults of some holders."""
        if not self.is_principal and self.holder.handle in holders:
            return True
        return any(
            mandate.principal in holders and mandate.covers(type_code) for mandate in self.mandates
        )


def presenter_of(session: Reading, lookup_mac: bytes, at: datetime) -> Presenter:
    """Return the presenter that a person is, found by the MAC of the identity document.

    Raises:
        HolderNotFoundError: nothing was ever issued to this person, and nobody is represented.
    """
    mandates = tuple(
        mandate
        for mandate in Mandates(session).of_agent(lookup_mac, at)
        if mandate.allows(PRESENT, at)
    )
    holder = Holders(session).by_macs((lookup_mac,)).get(lookup_mac)
    if holder is not None:
        return Presenter(holder, False, mandates)
    if not mandates:
        raise HolderNotFoundError("")
    return Presenter(Holders(session).by_handle(mandates[0].principal), True, mandates)
