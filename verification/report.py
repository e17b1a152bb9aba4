"""The report of a verification: a verdict that explains itself.

Only shapes and their JSON. What a verdict follows from is in ``judging``; the sentences are in
``explanations``. The JSON is versioned: license-vault/report/1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from signing.sealed_json.copy_record import CopyRecord
from verification.copy_report import copy_json
from verification.explanations import Sentence

SCHEMA = "license-vault/report/1"


class Verdict(StrEnum):
    """What a verification comes to.

    VALID is said of a license itself and nothing else; of a purpose-bound copy that counts,
    VALID_COPY.
    """

    VALID = "valid"
    VALID_COPY = "valid_copy"
    NOT_IN_FORCE = "not_in_force"
    INDETERMINATE = "indeterminate"
    ALTERED = "altered"
    UNTRUSTED = "untrusted"
    UNSEALED = "unsealed"


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"
    NOT_CHECKED = "not_checked"


# What a shell sees. Source: ADR 0020; 64 (usage) is the command line's own.
_EXIT_CODES = {
    Verdict.VALID: 0,
    Verdict.VALID_COPY: 5,
    Verdict.ALTERED: 1,
    Verdict.UNTRUSTED: 1,
    Verdict.NOT_IN_FORCE: 2,
    Verdict.INDETERMINATE: 3,
    Verdict.UNSEALED: 4,
}
REFUSED_EXIT_CODE = 4


def exit_code(verdict: Verdict) -> int:
    """Return the exit status of ``license-vault verify`` for a verdict."""
    return _EXIT_CODES[verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: a check, how it ended, and why.

    ``values`` are what the sentence is filled with, for programs: detail, field, name, time ….
    """

    check: str
    outcome: Outcome
    code: str
    values: Mapping[str, str]
    sentence: Sentence
    how: Sentence
    known_at: datetime | None
    who_acts: Sentence | None
    clause: str
    seal: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        return {
            "check": self.check,
            "outcome": self.outcome.value,
            "code": self.code,
            "values": dict(self.values),
            "sentence": self.sentence.to_json(),
            "how": self.how.to_json(),
            "known_at": instant_text(self.known_at),
            "who_acts": self.who_acts.to_json() if self.who_acts else None,
            "clause": self.clause,
            "seal": self.seal,
        }


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """The document that was judged, by its digests (hex) and its size."""

    form: str
    sm3: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class LicenseSummary:
    """What the claims say, the holder masked."""

    identifier: str
    type_code: str
    type_name: str
    number: str
    authority_code: str
    authority_name: str
    holders: tuple[str, ...]
    copy: str
    valid_from: str
    valid_until: str

    def to_json(self) -> dict[str, Any]:
        """Return the license as JSON values."""
        return {
            "identifier": self.identifier,
            "type": {"code": self.type_code, "name": self.type_name},
            "number": self.number,
            "authority": {"code": self.authority_code, "name": self.authority_name},
            "holders": list(self.holders),
            "copy": self.copy,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }


@dataclass(frozen=True, slots=True)
class CertificateSummary:
    """The certificate of who sealed."""

    subject: str
    serial: str
    not_after: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the certificate as JSON values."""
        return {
            "subject": self.subject,
            "serial": self.serial,
            "not_after": instant_text(self.not_after),
        }


@dataclass(frozen=True, slots=True)
class SealDataSummary:
    """The electronic seal (GB/T 38540) inside a value: its number, name, maker and period."""

    es_id: str
    name: str
    maker: str
    valid_from: datetime
    valid_until: datetime
    version: int

    def to_json(self) -> dict[str, Any]:
        """Return the seal's data as JSON values."""
        return {
            "es_id": self.es_id,
            "name": self.name,
            "maker": self.maker,
            "valid_from": instant_text(self.valid_from),
            "valid_until": instant_text(self.valid_until),
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class SealSummary:
    """One seal of the document, from its value, its certificate and its time-stamp.

    ``signed_sm3`` is the SM3 (hex) of the bytes that the seal's SM2 signature is over: in a seal
    by itself those that its maker signed. ``time`` is stamped, claimed, or none.
    """

    field: str
    kind: str
    signed_sm3: str
    code: str
    owner: str
    owner_code: str
    sealed_at: datetime | None
    time: str
    certificate: CertificateSummary | None
    seal: SealDataSummary | None = None
    deviations: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the seal as JSON values."""
        return {
            "field": self.field,
            "kind": self.kind,
            "signed_sm3": self.signed_sm3,
            "code": self.code,
            "owner": self.owner,
            "owner_code": self.owner_code,
            "sealed_at": instant_text(self.sealed_at),
            "time": self.time,
            "certificate": self.certificate.to_json() if self.certificate else None,
            "seal": self.seal.to_json() if self.seal else None,
            "deviations": list(self.deviations),
        }


@dataclass(frozen=True, slots=True)
class StatusListSummary:
    """The status list that answered."""

    uri: str
    sequence: str
    issued_at: datetime
    next_update: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the list as JSON values."""
        return {
            "uri": self.uri,
            "sequence": self.sequence,
            "issued_at": instant_text(self.issued_at),
            "next_update": instant_text(self.next_update),
        }


@dataclass(frozen=True, slots=True)
class LogSummary:
    """The issue log that answered: its newest checkpoint known, of a proof the one it leads to.

    ``proof`` says whether a proof that came with the file was believed.
    """

    region: str
    size: int
    root: str
    issued_at: datetime
    proof: bool

    def to_json(self) -> dict[str, Any]:
        """Return the log as JSON values; its size as text, as numbers are in what we sign."""
        return {
            "region": self.region,
            "size": str(self.size),
            "root": self.root,
            "issued_at": instant_text(self.issued_at),
            "proof": self.proof,
        }


@dataclass(frozen=True, slots=True)
class Technical:
    """The names of EN 319 102-1 for the same conclusion."""

    indication: str
    sub_indication: str | None


@dataclass(frozen=True, slots=True)
class TrustSummary:
    """The trust bundle that was believed."""

    region: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The whole report; instants are UTC, whole seconds.

    ``copy`` is what a purpose-bound copy says of itself, where that can be believed.
    """

    verdict: Verdict
    state: str | None
    marks: tuple[str, ...]
    sentence: Sentence
    as_of: datetime
    verified_at: datetime
    policy: str
    document: DocumentSummary
    license: LicenseSummary | None
    checks: tuple[Check, ...]
    seals: tuple[SealSummary, ...]
    not_checked: tuple[str, ...]
    technical: Technical
    trust: TrustSummary | None
    status_list: StatusListSummary | None
    content_id: str | None = None
    deviations: tuple[str, ...] = ()
    copy: CopyRecord | None = None
    log: LogSummary | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The reason codes of every check."""
        return frozenset(check.code for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, license-vault/report/1."""
        document = self.document
        return {
            "schema": SCHEMA,
            "verdict": self.verdict.value,
            "state": self.state,
            "marks": list(self.marks),
            "sentence": self.sentence.to_json(),
            "as_of": instant_text(self.as_of),
            "verified_at": instant_text(self.verified_at),
            "policy": self.policy,
            "document": {
                "form": document.form,
                "sm3": document.sm3,
                "sha256": document.sha256,
                "bytes": document.size,
            },
            "license": self.license.to_json() if self.license else None,
            "checks": [check.to_json() for check in self.checks],
            "seals": [seal.to_json() for seal in self.seals],
            "not_checked": list(self.not_checked),
            "technical": {
                "indication": self.technical.indication,
                "sub_indication": self.technical.sub_indication,
            },
            "trust": _trust_json(self.trust),
            "status_list": self.status_list.to_json() if self.status_list else None,
            "content_id": self.content_id,
            "deviations": list(self.deviations),
            **({} if self.copy is None else {"copy": copy_json(self.copy)}),
            **({} if self.log is None else {"log": self.log.to_json()}),
        }


def _trust_json(trust: TrustSummary | None) -> dict[str, Any] | None:
    if trust is None:
        return None
    return {"region": trust.region, "issued_at": instant_text(trust.issued_at)}


def instant_text(instant: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in UTC with whole seconds, or nothing for nothing."""
    if instant is None:
        return None
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
