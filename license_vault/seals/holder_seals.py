"""A holder's own seal: what of it tells who the holder is, kept under the holder's key.

A person's name stands in the seal, its picture and its certificate, so a copy of the database
must show none of them (docs/adr/0017). All SQL about whose own a seal is.
"""

import base64
import json
from dataclasses import asdict, dataclass, field, replace

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.seal_tables import HolderSealRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import HolderRow
from license_vault.issuing.intent import HOLDER_DOCUMENT
from license_vault.license import USCC_DOCUMENT, HolderKind
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.seals.registry import SealRecord
from license_vault.vault import HolderKey, Vault
from signing.picture.seal_picture import SealPicture
from signing.seal import Seal

_PURPOSE = "holder-seal"
_MAKING = "seal-making"
_OWN = table_of(HolderSealRow)
_HOLDER = table_of(HolderRow)


@dataclass(frozen=True, slots=True)
class OwnSeal:
    """All of a holder's seal that names the holder; certificate and data come with making it.

    ``owner_code`` is what stands before the name in the certificate: a USCC, or nothing.
    """

    name: str
    owner_code: str
    owner_name: str
    picture: SealPicture
    certificate: bytes = field(default=b"", repr=False)
    chain: tuple[bytes, ...] = field(default=(), repr=False)
    ses: bytes = field(default=b"", repr=False)

    def encoded(self) -> bytes:
        """Return it as bytes to be encrypted."""
        values = {
            "name": self.name,
            "owner_code": self.owner_code,
            "owner_name": self.owner_name,
            "picture": asdict(self.picture),
            "certificate": base64.b64encode(self.certificate).decode(),
            "chain": [base64.b64encode(der).decode() for der in self.chain],
            "ses": base64.b64encode(self.ses).decode(),
        }
        return json.dumps(values, ensure_ascii=False).encode()


def decoded_own_seal(data: bytes) -> OwnSeal:
    """Return what ``encoded`` wrote."""
    values = json.loads(data)
    return OwnSeal(
        name=values["name"],
        owner_code=values["owner_code"],
        owner_name=values["owner_name"],
        picture=SealPicture(**values["picture"]),
        certificate=base64.b64decode(values["certificate"]),
        chain=tuple(map(base64.b64decode, values["chain"])),
        ses=base64.b64decode(values["ses"]),
    )


class HolderSeals:
    """Opens holders' seals."""

    def __init__(self, session: Reading, vault: Vault) -> None:
        self._session = session
        self._vault = vault

    def owner(self, record: SealRecord) -> HolderRecord:
        """Return the holder whose own a seal is.

        Raises:
            HolderNotFoundError: it is no holder's.
        """
        return Holders(self._session).by_handle(record.holder or "")

    def key_of(self, holder: HolderRecord) -> HolderKey:
        """Open a holder's key.

        Raises:
            EnvelopeBrokenError: the row was changed.
        """
        return self._vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)

    def open(self, record: SealRecord) -> OwnSeal:
        """Open what names the holder.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        kept = self._session.execute(
            select(_OWN.c.sealed_data).where(_OWN.c.seal_id == record.row_id)
        ).scalar_one()
        key = self.key_of(self.owner(record)).key
        return decoded_own_seal(self._vault.decrypt(key, record.seal.code, _PURPOSE, kept))

    def whole(self, record: SealRecord) -> SealRecord:
        """Return a seal with everything it is set with; one of an organisation as it is."""
        return record if record.holder is None else complete(record, self.open(record))

    def owner_code(self, holder: HolderRecord) -> str:
        """Return the USCC of a holder that is known by one; of a person nothing.

        The number of a person's document stands in no certificate of ours.
        """
        if holder.kind == HolderKind.NATURAL_PERSON:
            return ""
        sealed = self._session.execute(
            select(_HOLDER.c.sealed_document).where(_HOLDER.c.id == holder.row_id)
        ).scalar_one()
        key = self.key_of(holder).key
        document = self._vault.decrypt(key, holder.handle, HOLDER_DOCUMENT, sealed).decode()
        kind, _, number = document.partition(" ")
        return number if kind == USCC_DOCUMENT else ""


class HolderSealWriter(HolderSeals):
    """Keeps holders' seals."""

    def __init__(self, session: Writing, vault: Vault) -> None:
        super().__init__(session, vault)
        self._writing = session

    def put(self, record: SealRecord, holder: HolderRecord, own: OwnSeal) -> None:
        """Keep what names the holder, in the place of what was kept before."""
        key = self.key_of(holder).key
        sealed = self._vault.encrypt(key, record.seal.code, _PURPOSE, own.encoded())
        changed = self._writing.change_rows(
            update(_OWN).where(_OWN.c.seal_id == record.row_id).values(sealed_data=sealed)
        )
        if changed == 0:
            self._writing.add_row(
                _OWN, seal_id=record.row_id, holder_id=holder.row_id, sealed_data=sealed
            )

    def sealed_making(self, record: SealRecord, ses: bytes) -> bytes:
        """Encrypt a seal as it was made, for the record of makings."""
        key = self.key_of(self.owner(record)).key
        return self._vault.encrypt(key, record.seal.code, _MAKING, ses)


def complete(record: SealRecord, own: OwnSeal) -> SealRecord:
    """Return a holder's seal with what names the holder put in."""
    seal = Seal(
        code=record.seal.code,
        owner_code=own.owner_code,
        owner_name=own.owner_name,
        key_label=record.seal.key_label,
        certificate=own.certificate,
        chain=own.chain,
        picture=own.picture,
        ses=own.ses,
    )
    return replace(record, seal=seal, name=own.name)
