"""A question to a partner, before it is signed, and the answer, after it was judged. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from keys.provider import KeyProvider
from license_vault.access.use import Use
from signing.sealed_json.strict_json import canonical_json

QUERY_BY_HOLDER = "query-by-holder"
QUERY_BY_IDENTIFIER = "query-by-identifier"
METADATA = "metadata"
FILE = "file"
COPY = "copy"
CHECK_FILE = "check-file"
CHECK_INFORMATION = "check-information"
STATUS = "status"
APPLY = "apply"
APPLY_STATE = "apply-state"
DISPUTE = "dispute"
DISPUTE_STATE = "dispute-state"
DISPUTE_ANSWER = "dispute-answer"
OPERATIONS = (
    QUERY_BY_HOLDER, QUERY_BY_IDENTIFIER, METADATA, FILE, COPY, CHECK_FILE, CHECK_INFORMATION,
    STATUS, APPLY, APPLY_STATE, DISPUTE, DISPUTE_STATE, DISPUTE_ANSWER,
)  # fmt: skip

DONE, NOT_FOUND, NOT_DONE = "done", "not-found", "not-done"
"""Outcomes of an answer: done; there is no such thing, or not for this use; its body says why."""

SYSTEM = "system:exchange"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the operation, for which use, with what body; ``by`` is who has it asked."""

    operation: str
    use: Use
    body: Mapping[str, Any] = field(repr=False)
    by: str = SYSTEM

    def use_members(self) -> dict[str, str]:
        """Return the five elements and the purpose by their names."""
        return asdict(self.use)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered, signed by it, checked and kept; digests in hex."""

    exchange_id: str
    region: str
    operation: str
    outcome: str
    body: Mapping[str, Any] = field(repr=False)
    request_sm3: str
    answer_sm3: str
    at: datetime

    @property
    def is_done(self) -> bool:
        """Say whether what was asked was done."""
        return self.outcome == DONE


def content_mac(
    keys: KeyProvider, operation: str, use: Mapping[str, str], body: Mapping[str, Any]
) -> bytes:
    """Return what two tries of one question are compared by; without the key nobody tries."""
    content = canonical_json({"operation": operation, "use": dict(use), "body": dict(body)})
    return keys.mac("lookup-mac", b"license-vault/1/exchange\0" + content)
