"""Short-lived names for holders: a system trades name and number for one, with evidence.

So no number stands in an address, a log or a second request (decision 26). A handle is 130
random bits, kept as HMAC; it opens nothing by itself: it counts only for the organisation that it
was given to, until it expires. All SQL about handles.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from license_vault.api_clients import Caller
from license_vault.database.columns import table_of
from license_vault.database.holding_tables import HolderHandleRow
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import HolderNotFoundError
from license_vault.holding.errors import HolderHandleUnusableError
from license_vault.registry.holders import HolderRecord, Holders, new_handle
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter
from license_vault.registry.registry import Registry
from license_vault.sharing.partner_licenses import PartnerLicenses
from license_vault.vault import Vault

LIFETIME = timedelta(minutes=15)
EVIDENCE_KINDS = ("id-card-read", "face-match", "app-login", "window-check", "signature")

_PURPOSE = "holder-handle"
_LICENSES_LOOKED_AT = 20
_GIVEN = table_of(HolderHandleRow)


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is there, by name and document, and how the system knows it.

    ``evidence_kind`` is one of ``EVIDENCE_KINDS``; ``evidence`` is the system's own reference.
    """

    name: str = field(repr=False)
    document_type: str
    document_number: str = field(repr=False)
    evidence_kind: str
    evidence: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GivenHandle:
    """A handle that was just given; it is told once and not kept."""

    handle: str = field(repr=False)
    kind: str
    expires_at: datetime


class HolderHandles:
    """Says whose a handle is."""

    def __init__(self, session: Reading, macs: LookupMacs) -> None:
        self._session = session
        self._macs = macs

    def resolve(self, handle: str, organisation: str, at: datetime) -> HolderRecord:
        """Return the holder that an organisation was given a handle for.

        Raises:
            HolderHandleUnusableError: unknown, expired, or given to another organisation.
        """
        row_id = self._session.execute(
            select(_GIVEN.c.holder_id)
            .where(_GIVEN.c.handle_mac == self._macs.holder_handle(handle))
            .where(_GIVEN.c.organisation == organisation)
            .where(_GIVEN.c.given_at <= at, _GIVEN.c.expires_at > at)
        ).scalar()
        if row_id is None:
            raise HolderHandleUnusableError
        return Holders(self._session).by_row_ids((row_id,))[row_id]


class HandleGiving(HolderHandles):
    """Gives handles, in a session that its opener commits."""

    def __init__(
        self,
        session: Writing,
        macs: LookupMacs,
        vault: Vault,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        super().__init__(session, macs)
        self._writing = session
        self._vault = vault
        self._random = random_bytes

    def give(self, presence: Presence, caller: Caller, at: datetime) -> GivenHandle:
        """Give a handle for a holder who is there.

        Raises:
            HolderNotFoundError: nothing was ever issued to this number or taken in by it, or not
                under this name; the two are not told apart.
        """
        holder = self._holder(presence)
        given = GivenHandle(new_handle(self._random), holder.kind, at + LIFETIME)
        handle_mac = self._macs.holder_handle(given.handle)
        key = self._vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)
        place = handle_mac.hex()
        self._writing.add_row(
            _GIVEN,
            handle_mac=handle_mac,
            holder_id=holder.row_id,
            organisation=caller.organisation_code,
            given_to=caller.name,
            evidence_kind=presence.evidence_kind,
            sealed_evidence=self._vault.encrypt(
                key.key, place, _PURPOSE, presence.evidence.encode()
            ),
            given_at=at,
            expires_at=given.expires_at,
        )
        return given

    def _holder(self, presence: Presence) -> HolderRecord:
        mac = self._macs.holder(presence.document_type, presence.document_number)
        holder = Holders(self._session).by_macs((mac,)).get(mac)
        if holder is None or not self._is_named(holder, mac, presence.name):
            raise HolderNotFoundError("")
        return holder

    def _is_named(self, holder: HolderRecord, mac: bytes, name: str) -> bool:
        """Say whether one of the newest licenses, or one that was taken in, names them so."""
        registry, opener = Registry(self._session), LicenseOpener(self._vault)
        newest = registry.page(LicenseFilter(holder=holder.handle), _LICENSES_LOOKED_AT)
        wanted = unicodedata.normalize("NFC", name)
        for kept in registry.kept_of(newest).values():
            for named in opener.secrets(kept).content.holders:
                if self._macs.of_holder(named) == mac and named.name == wanted:
                    return True
        taken_in = PartnerLicenses(self._session, self._vault, holder).holder_named()
        return any(named.name == wanted for named in taken_in)
