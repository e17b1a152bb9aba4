"""What the registry gives out: values, never rows.

What a license says is not in them: it is encrypted in the license's record, for which
``KeptLicense`` has the wrapped keys.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from license_vault.errors import LicenseNotFoundError
from license_vault.license import CopyDesignation, LicenseMark, LicenseStatus
from license_vault.registry.holders import HolderRecord
from license_vault.vault import StoredFile


@dataclass(frozen=True, slots=True)
class FormRecord:
    """One sealed file of a license as its row describes it; digests are 32 bytes.

    ``trust_level`` is the grade (A to D) of one that was sealed elsewhere and adopted, None: it
    was made here.
    """

    form: str
    object_key: str
    media_type: str
    size_bytes: int
    sm3: bytes
    sha256: bytes
    ciphertext_sm3: bytes
    deposited_at: datetime
    trust_level: str | None = None

    @property
    def stored_file(self) -> StoredFile:
        """Return what the vault needs to open the file."""
        return StoredFile(self.object_key, self.form, self.sm3, self.sha256, self.ciphertext_sm3)


@dataclass(frozen=True, slots=True)
class LicenseRecord:
    """One version of a license, as far as it stands in the clear.

    ``holders`` are handles in the order of the claims; ``valid_until`` None is 长期;
    ``intended_forms`` are those it has when it is issued. ``predecessor`` and ``successor`` are
    the identifiers of the versions before and after it, ``origin`` the verb that made it;
    ``in_force_from`` says when it is to come into force, None: when it was issued;
    ``suspended_until`` is when its suspension is over by itself, None: it is not suspended, or by
    an order only;
    ``group_id`` is the row of its group's first license, None: it is that, or alone.
    """

    row_id: int
    identifier: str
    type_code: str
    type_version: str
    authority_code: str
    authority_name: str
    region: str
    copy: CopyDesignation
    issued_on: date
    valid_from: date
    valid_until: date | None
    status: LicenseStatus
    status_uri: str
    status_index: int
    content_id: str
    recorded_at: datetime
    changed_at: datetime
    holders: tuple[str, ...]
    intended_forms: tuple[str, ...]
    forms: tuple[FormRecord, ...]
    predecessor: str | None = None
    predecessor_id: int | None = None
    successor: str | None = None
    origin: str = "issue"
    in_force_from: datetime | None = None
    due_at: datetime | None = None
    group_id: int | None = None
    marks: tuple[LicenseMark, ...] = ()
    suspended_until: datetime | None = None

    def form(self, form: str) -> FormRecord:
        """Return one of its files.

        Raises:
            LicenseNotFoundError: the license has no such file (it is not issued yet).
        """
        for found in self.forms:
            if found.form == form:
                return found
        raise LicenseNotFoundError(self.identifier)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The key of one thing kept for a license, wrapped under one holder's key."""

    holder: HolderRecord
    purpose: str
    key_version: int
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptLicense:
    """What opening a license takes: its encrypted record, and its keys for each holder."""

    row_id: int
    identifier: str
    status: LicenseStatus
    seal_row_ids: tuple[int, ...]
    number_mac: bytes
    case_mac: bytes
    check_code_mac: bytes = field(repr=False)
    sealed_record: bytes = field(repr=False)
    keys: tuple[WrappedKey, ...]

    @property
    def holder_macs(self) -> tuple[bytes, ...]:
        """Return what the holders are found by, in the order of the claims."""
        return tuple(dict.fromkeys(key.holder.lookup_mac for key in self.keys))

    def wrapped_key(self, purpose: str) -> WrappedKey:
        """Return the first holder's key for a purpose.

        Raises:
            LicenseNotFoundError: nothing is kept for that purpose.
        """
        for key in self.keys:
            if key.purpose == purpose:
                return key
        raise LicenseNotFoundError(self.identifier)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened to a license; the basis is encrypted under its record key."""

    row_id: int
    recorded_at: datetime
    effective_from: datetime
    kind: str
    status: LicenseStatus
    actor: str
    sealed_basis: bytes = field(repr=False)
    operate_type: str = ""


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """A request that came under the same Idempotency-Key before."""

    identifier: str
    body_sm3: bytes
    status: LicenseStatus
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """What of a new license must not be there already; MACs are 32 bytes.

    ``predecessor_id`` is the row of the version that it follows, which holds the number until then.
    """

    authority_id: int
    type_code: str
    copy: CopyDesignation
    number_mac: bytes
    case_mac: bytes
    first_holder_mac: bytes
    predecessor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The identifiers of what stands against a new license."""

    by_number: str | None
    by_case: str | None


@dataclass(frozen=True, slots=True)
class LicenseFilter:
    """Which licenses to list; what is None does not matter. ``within`` is a subtree's code.

    ``type_codes`` are those that whoever asks may see; ``region`` is one of GB/T 2260.
    """

    within: str | None = None
    holder: str | None = None
    type_code: str | None = None
    status: LicenseStatus | None = None
    number_mac: bytes | None = None
    type_codes: frozenset[str] | None = None
    region: str | None = None
    recorded_by: datetime | None = None
