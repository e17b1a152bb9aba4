"""What is kept encrypted of a license in the database: all that finishing or reading it takes.

The record is written with the intent and never again. Basis and officer of later events are
encrypted beside it under the same key, each for its own purpose.
"""

import json
from dataclasses import dataclass, field

from license_vault.issuing.license_request import Officer
from license_vault.license import LicenseContent
from license_vault.license_metadata import read_claims
from license_vault.registry.records import FormRecord, KeptLicense
from license_vault.vault import RECORD, Vault

SCHEMA = "license-vault/record/1"
_EVENT = "event"
_MORE = ("case_number", "item_code", "reason", "approvals")


@dataclass(frozen=True, slots=True)
class Basis:
    """Why something was done: the legal basis in words, and the officer who decided.

    ``case_number``, ``item_code`` and ``reason`` as the order named them; ``approvals`` is JSON of
    the officers' approvals that counted.
    """

    text: str
    officer: Officer | None = None
    case_number: str | None = None
    item_code: str | None = None
    reason: str | None = None
    approvals: str | None = None

    def encoded(self) -> bytes:
        """Return it as it is kept, before encryption."""
        named = self.officer and {"id": self.officer.id, "name": self.officer.name}
        more = {name: value for name in _MORE if (value := getattr(self, name)) is not None}
        return _json({"basis": self.text, "officer": named, **more})


@dataclass(frozen=True, slots=True)
class LicenseSecrets:
    """A license's record, open: ``claims`` are the canonical bytes."""

    claims: bytes = field(repr=False)
    check_code: str = field(repr=False)
    case_number: str = field(repr=False)
    item_code: str | None
    actor: str
    basis: Basis = field(repr=False)

    @property
    def content(self) -> LicenseContent:
        """Return what the license says."""
        return read_claims(self.claims)

    def encoded(self) -> bytes:
        """Return the record as it is kept, before encryption."""
        return _json(
            {
                "schema": SCHEMA,
                "claims": self.claims.decode(),
                "check_code": self.check_code,
                "case_number": self.case_number,
                "item_code": self.item_code,
                "actor": self.actor,
                "basis": self.basis.encoded().decode(),
            }
        )


class LicenseOpener:
    """Opens what is kept for a license, by way of its first holder's key."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def key(self, kept: KeptLicense, purpose: str) -> bytes:
        """Open the key of one thing kept for a license.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        wrapped = kept.wrapped_key(purpose)
        holder = self._vault.open_holder_key(
            wrapped.holder.handle, wrapped.holder.key_version, wrapped.holder.wrapped_key
        )
        return self._vault.unwrap_key(holder, kept.identifier, purpose, wrapped.wrapped)

    def secrets(self, kept: KeptLicense) -> LicenseSecrets:
        """Open a license's record.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        key = self.key(kept, RECORD)
        return _decoded(self._vault.decrypt(key, kept.identifier, RECORD, kept.sealed_record))

    def file(self, kept: KeptLicense, form: FormRecord) -> bytes:
        """Return a sealed file of a license, checked against its row.

        Raises:
            ObjectMissingError: it is not in the store.
            ObjectDamagedError: it is not what was put there.
            StoreUnavailableError: the store does not answer.
            EnvelopeBrokenError: a row was changed.
        """
        return self._vault.open_file(form.stored_file, self.key(kept, form.form))

    def basis(self, kept: KeptLicense, sealed_basis: bytes) -> Basis:
        """Open the basis of an event.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        key = self.key(kept, RECORD)
        return _basis(self._vault.decrypt(key, kept.identifier, _EVENT, sealed_basis))

    def sealed_basis(self, key: bytes, identifier: str, basis: Basis) -> bytes:
        """Encrypt the basis of an event under the license's record key."""
        return self._vault.encrypt(key, identifier, _EVENT, basis.encoded())


def _json(value: dict[str, object]) -> bytes:
    """Return compact JSON; read by us only and never hashed, so it need not be canonical."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _decoded(data: bytes) -> LicenseSecrets:
    record = json.loads(data)
    return LicenseSecrets(
        claims=record["claims"].encode(),
        check_code=record["check_code"],
        case_number=record["case_number"],
        item_code=record["item_code"],
        actor=record["actor"],
        basis=_basis(record["basis"].encode()),
    )


def _basis(data: bytes) -> Basis:
    kept = json.loads(data)
    officer = kept["officer"]
    named = officer and Officer(officer["id"], officer["name"])
    return Basis(kept["basis"], named, **{name: kept.get(name) for name in _MORE})
