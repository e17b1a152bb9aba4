"""What is written of a license: its intent, whom it follows, events, and their rows.

Values only; ``registry.writing`` writes them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from license_vault.license import CopyDesignation, LicenseStatus
from license_vault.registry.records import FormRecord


@dataclass(frozen=True, slots=True)
class IntentKey:
    """The wrapped key of one thing, for the holder at this place of the intent."""

    position: int
    purpose: str
    key_version: int
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Intent:
    """A license that is going to be issued, as its row will say it. MACs are 32 bytes."""

    identifier: str
    type_code: str
    type_version: str
    authority_id: int
    region: str
    number_mac: bytes
    case_mac: bytes
    copy: CopyDesignation
    issued_on: date
    valid_from: date
    valid_until: date | None
    seal_ids: tuple[int, ...]
    forms: tuple[str, ...]
    status_index: int
    check_code_mac: bytes
    content_id: str
    sealed_record: bytes = field(repr=False)
    keys: tuple[IntentKey, ...]
    recorded_at: datetime
    succession: "Succession"


@dataclass(frozen=True, slots=True)
class Succession:
    """Which version a license follows, by which verb, and when it is to come into force.

    ``predecessor`` is the identifier, ``predecessor_id`` the row, None: there is none, or it is
    not ours. ``in_force_from`` None: when it is issued.
    """

    origin: str = "issue"
    predecessor: str | None = None
    predecessor_id: int | None = None
    in_force_from: datetime | None = None

    @property
    def foreign_predecessor(self) -> str | None:
        """Return the predecessor if it is not ours."""
        return self.predecessor if self.predecessor_id is None else None


FIRST_VERSION = Succession()


@dataclass(frozen=True, slots=True)
class IntentRows:
    """The rows an intent stands on: its holders in the order of the claims, its status list.

    ``group_id`` is the row of the first license of its group; None: it is that, or alone.
    """

    holder_ids: tuple[int, ...]
    status_shard_id: int
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequestMark:
    """Under which Idempotency-Key, with which body, a request came."""

    caller: str
    key_mac: bytes
    body_sm3: bytes


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happens to a license; ``sealed_basis`` is encrypted by the caller."""

    kind: str
    status: LicenseStatus
    actor: str
    effective_from: datetime
    recorded_at: datetime
    sealed_basis: bytes = field(repr=False)
    operate_type: str = ""


def intent_values(intent: Intent, rows: IntentRows) -> dict[str, object]:
    """Return the row of a license that is going to be issued."""
    return {
        "identifier": intent.identifier,
        "type_code": intent.type_code,
        "type_version": intent.type_version,
        "authority_id": intent.authority_id,
        "region": intent.region,
        "first_holder_id": rows.holder_ids[0],
        "number_mac": intent.number_mac,
        "case_mac": intent.case_mac,
        "copy_kind": str(intent.copy.kind),
        "copy_ordinal": intent.copy.ordinal,
        "copy_of": intent.copy.of,
        "issued_on": intent.issued_on,
        "valid_from": intent.valid_from,
        "valid_until": intent.valid_until,
        "status": LicenseStatus.ISSUING.value,
        "status_shard_id": rows.status_shard_id,
        "status_index": intent.status_index,
        "check_code_mac": intent.check_code_mac,
        "content_id": intent.content_id,
        "sealed_record": intent.sealed_record,
        "recorded_at": intent.recorded_at,
        "changed_at": intent.recorded_at,
        "claimed_at": intent.recorded_at,
        "intended_forms": " ".join(intent.forms),
        "predecessor_id": intent.succession.predecessor_id,
        "foreign_predecessor": intent.succession.foreign_predecessor,
        "origin": intent.succession.origin,
        "in_force_from": intent.succession.in_force_from,
        "group_id": rows.group_id,
    }


def form_values(row_id: int, form: FormRecord) -> dict[str, object]:
    """Return the row of a license's file."""
    return {
        "license_id": row_id,
        "form": form.form,
        "object_key": form.object_key,
        "media_type": form.media_type,
        "size_bytes": form.size_bytes,
        "sm3": form.sm3,
        "sha256": form.sha256,
        "ciphertext_sm3": form.ciphertext_sm3,
        "deposited_at": form.deposited_at,
    }
