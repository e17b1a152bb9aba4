"""A case (办件) as values: whom it is about, where it stands, what was decided, what it shows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from license_vault.cases.needs import KeptDefinition


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a case was decided: 准予 or 不予行政许可 (行政许可法, art. 38)."""

    GRANTED = "准予"
    DENIED = "不予"


STATE_AFTER: Final = MappingProxyType(
    {Outcome.GRANTED: CaseState.APPROVED, Outcome.DENIED: CaseState.REFUSED}
)
STATE_NAMES: Final = MappingProxyType(
    {
        CaseState.OPEN: ("办理中", "open"),
        CaseState.APPROVED: ("已准予", "approved"),
        CaseState.REFUSED: ("已不予", "refused"),
        CaseState.CLOSED: ("已办结", "closed"),
    }
)


class DocumentKind(StrEnum):
    """What a file of a case is."""

    BROUGHT = "brought"
    SHEET = "sheet"
    SEALED_SHEET = "sealed-sheet"


@dataclass(frozen=True, slots=True)
class CaseHolder:
    """Whom a case is about; ``name`` may be empty where only a handle was shown.

    ``presence`` names the expiring handle's evidence; empty: name and number were only stated.
    """

    name: str = field(repr=False)
    document_type: str
    document_number: str = field(repr=False)
    presence: str = ""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as its row says it in the clear; ``holder_macs`` in the order of the holders."""

    row_id: int
    handle: str
    definition_row_id: int
    organisation_code: str
    state: CaseState
    case_mac: bytes
    holder_macs: tuple[bytes, ...]
    sealed_case: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case, opened: with its number, its holders and the definition it runs under."""

    record: CaseRecord
    number: str = field(repr=False)
    holders: tuple[CaseHolder, ...] = field(repr=False)
    definition: KeptDefinition
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a case was decided, and when; ``basis`` are the grounds."""

    outcome: Outcome
    basis: str = field(repr=False)
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What our verifier says of a file.

    ``claims`` are the canonical bytes of a license's claims, None if the file has none; they
    count only with the verdict "valid". ``report`` is license-vault/report/1; ``region`` is whose
    trust list vouched for the issuer, "" if none did.
    """

    form: str
    verdict: str
    sentence_zh: str
    sentence_en: str
    as_of: str
    report: bytes = field(repr=False)
    claims: bytes | None = field(repr=False)
    region: str = ""

    @property
    def is_valid(self) -> bool:
        """Say whether what the file claims counts."""
        return self.verdict == VALID

    @property
    def decision(self) -> Mapping[str, Any] | None:
        """Return what was decided for an item, as POST /v1/verifications tells it.

        None of what is no license of a partner region, or was asked about for no item.
        """
        found: Mapping[str, Any] | None = json.loads(self.report).get("decision")
        return found


VALID: Final = "valid"


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """A file of a case as its row says it; digests are 32 bytes."""

    row_id: int
    handle: str
    kind: DocumentKind
    form: str
    verdict: str
    object_key: str
    size_bytes: int
    sm3: bytes
    sha256: bytes
    ciphertext_sm3: bytes
    sealed_report: bytes = field(repr=False)
    sheet_id: int | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where a sheet has room for the holder's seal: page from 1, mm from the top left corner."""

    page: int
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """A form sheet as a file, with the place of its seal."""

    data: bytes = field(repr=False)
    place: SealPlace
