"""Licenses of partner regions in holders' vaults here: their rows and files. All their SQL.

The file is kept byte for byte, encrypted for its holder like any other. No row says whether it is
in force: that is the partner's to say, and is asked each time it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.engine import Row

from license_vault.audit import Act, AuditWriter
from license_vault.bulk.judgement import TrustLevel
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.sharing_tables import PartnerLicenseRow
from license_vault.license import Holder, HolderKind
from license_vault.registry.holders import HolderRecord, new_handle
from license_vault.sharing.errors import PartnerLicenseUnknownError
from license_vault.vault import HolderKey, StoredFile, Vault

TAKEN_IN: Final = "partner-license.taken-in"
MOST: Final = 100
_NAMED: Final = "partner-license-holder"
_LICENSE = table_of(PartnerLicenseRow)


@dataclass(frozen=True, slots=True)
class IntakeFile:
    """A file that was verified, with what its claims and the verifier say of it.

    ``holder`` is who of those that it names takes it in.
    """

    identifier: str
    type_code: str
    authority_code: str
    region: str
    form: str
    content_id: bytes
    trust_level: TrustLevel
    holder: Holder = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartnerLicense:
    """One kept license; ``handle`` is its random name in addresses, ``holder`` its holder's."""

    row_id: int
    holder: str
    handle: str
    identifier: str
    type_code: str
    authority_code: str
    region: str
    trust_level: str
    taken_in_at: datetime
    file: StoredFile
    wrapped_key: bytes = field(repr=False)

    @property
    def holders(self) -> tuple[str, ...]:
        """Return the handle of whose vault it is in, as other licenses tell theirs."""
        return (self.holder,)


class PartnerLicenses:
    """Looks partners' licenses up in one holder's vault."""

    def __init__(self, session: Reading, vault: Vault, holder: HolderRecord) -> None:
        self._session = session
        self._vault = vault
        self._holder = holder

    def everything(self) -> tuple[PartnerLicense, ...]:
        """Return the newest hundred, the newest first."""
        query = select(_LICENSE).where(_LICENSE.c.holder_id == self._holder.row_id)
        rows = self._session.execute(query.order_by(_LICENSE.c.id.desc()).limit(MOST))
        return tuple(map(self._kept, rows))

    def named(self, identifiers: Collection[str]) -> dict[str, PartnerLicense]:
        """Return those of some identifiers, the newest of each; the vault may lack any of them."""
        query = select(_LICENSE).where(
            _LICENSE.c.holder_id == self._holder.row_id,
            _LICENSE.c.identifier.in_(tuple(identifiers)),
        )
        rows = self._session.execute(query.order_by(_LICENSE.c.id))
        return {row.identifier: self._kept(row) for row in rows}

    def holder_named(self) -> tuple[Holder, ...]:
        """Return how the newest hundred name the holder, the newest first.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        query = select(_LICENSE.c.handle, _LICENSE.c.sealed_holder).where(
            _LICENSE.c.holder_id == self._holder.row_id, _LICENSE.c.sealed_holder.is_not(None)
        )
        rows = self._session.execute(query.order_by(_LICENSE.c.id.desc()).limit(MOST)).all()
        key = _open(self._vault, self._holder).key if rows else b""
        told = (
            json.loads(self._vault.decrypt(key, row.handle, _NAMED, row.sealed_holder))
            for row in rows
        )
        return tuple(Holder(**{**one, "kind": HolderKind(one["kind"])}) for one in told)

    def get(self, handle: str) -> PartnerLicense:
        """Return one.

        Raises:
            PartnerLicenseUnknownError: there is none of this name in the vault.
        """
        query = select(_LICENSE).where(
            _LICENSE.c.holder_id == self._holder.row_id, _LICENSE.c.handle == handle
        )
        row = self._session.execute(query).first()
        if row is None:
            raise PartnerLicenseUnknownError
        return self._kept(row)

    def same_as(self, file: IntakeFile) -> PartnerLicense | None:
        """Return the license that was taken in with the same content and form, None if none was."""
        query = select(_LICENSE).where(
            _LICENSE.c.holder_id == self._holder.row_id,
            _LICENSE.c.content_id == file.content_id,
            _LICENSE.c.form == file.form,
        )
        row = self._session.execute(query).first()
        return None if row is None else self._kept(row)

    def open(self, kept: PartnerLicense) -> bytes:
        """Return the file, checked against its row.

        Raises:
            EnvelopeBrokenError, ObjectMissingError, ObjectDamagedError: as ``Vault.open_file``.
        """
        return open_partner_license(self._vault, self._holder, kept)

    def _kept(self, row: Row[Any]) -> PartnerLicense:
        return PartnerLicense(
            row_id=row.id,
            holder=self._holder.handle,
            handle=row.handle,
            identifier=row.identifier,
            type_code=row.type_code,
            authority_code=row.authority_code,
            region=row.region,
            trust_level=row.trust_level,
            taken_in_at=row.taken_in_at,
            file=StoredFile(row.object_key, row.form, row.sm3, row.sha256, row.ciphertext_sm3),
            wrapped_key=row.wrapped_key,
        )


class PartnerLicenseWriter(PartnerLicenses):
    """Takes licenses in, in a session that its opener commits."""

    def __init__(self, session: Writing, vault: Vault, holder: HolderRecord) -> None:
        super().__init__(session, vault, holder)
        self._writing = session

    def add(
        self, file: IntakeFile, random_bytes: Callable[[int], bytes], by: str, at: datetime
    ) -> PartnerLicense:
        """Keep a file; the same content and form again gives what is kept already.

        Raises:
            RowConflictError: the same was taken in at this moment.
            StoreUnavailableError: the file cannot be put away now.
        """
        earlier = self.same_as(file)
        if earlier is not None:
            return earlier
        handle, key, holder = new_handle(random_bytes), self._vault.new_key(), self._holder
        object_key = f"{holder.handle}/partner-{handle}/{file.form}"
        own, named = _open(self._vault, holder), json.dumps(asdict(file.holder)).encode()
        stored = self._vault.deposit(object_key, file.form, key, file.data)
        self._writing.add_row(
            _LICENSE,
            holder_id=holder.row_id,
            handle=handle,
            identifier=file.identifier,
            type_code=file.type_code,
            authority_code=file.authority_code,
            region=file.region,
            form=file.form,
            content_id=file.content_id,
            trust_level=file.trust_level.value,
            sm3=stored.sm3,
            sha256=stored.sha256,
            ciphertext_sm3=stored.ciphertext_sm3,
            size_bytes=len(file.data),
            object_key=object_key,
            wrapped_key=self._vault.wrap_key(own, handle, file.form, key),
            key_version=holder.key_version,
            sealed_holder=self._vault.encrypt(own.key, handle, _NAMED, named),
            taken_in_at=at,
        )
        details = {"region": file.region, "sm3": stored.sm3.hex(), "form": file.form}
        AuditWriter(self._writing).append(
            Act(by, TAKEN_IN, f"partner-license:{handle}", details, at)
        )
        return self.get(handle)


def partner_license_objects(session: Reading, object_keys: Iterable[str]) -> frozenset[str]:
    """Return which of some names in the store are those of partners' licenses on record."""
    names = tuple(object_keys)
    rows = session.execute(select(_LICENSE.c.object_key).where(_LICENSE.c.object_key.in_(names)))
    return frozenset(row.object_key for row in rows)


def open_partner_license(vault: Vault, holder: HolderRecord, kept: PartnerLicense) -> bytes:
    """Return the file of a license in a holder's vault, checked against its row; asks no session.

    Raises:
        EnvelopeBrokenError, ObjectMissingError, ObjectDamagedError: as ``Vault.open_file``.
    """
    key = vault.unwrap_key(_open(vault, holder), kept.handle, kept.file.form, kept.wrapped_key)
    return vault.open_file(kept.file, key)


def _open(vault: Vault, holder: HolderRecord) -> HolderKey:
    return vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)
