"""What a holder is called, for who acts for them: a vault itself has a handle and no name."""

from __future__ import annotations

from api.services import Services
from license_vault.database.sessions import Reading
from license_vault.registry.holders import Holders
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import LicenseFilter
from license_vault.registry.registry import Registry


def name_of(services: Services, session: Reading, handle: str) -> str | None:
    """Return what the newest license of a holder calls them; None if there is none here."""
    registry = Registry(session)
    newest = registry.page(LicenseFilter(holder=handle), 1, None)
    if not newest:
        return None
    mac = Holders(session).by_handle(handle).lookup_mac
    content = LicenseOpener(services.vault).secrets(registry.kept(newest[0].identifier)).content
    named = (one.name for one in content.holders if services.macs.of_holder(one) == mac)
    return next(named, None)
