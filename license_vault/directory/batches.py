"""The signed batch that goes to the upper directory, and the answer that comes back. Pure.

A batch is the RFC 8785 bytes of {"batch": {…}, "schema": …, "signature": base64 CMS}, the CMS
detached over the canonical bytes of the member "batch", by the library's own key: as a manifest
(docs/adr/0036). It holds the catalogue data of each license: holders and numbers too, since the
directory exists to find licenses by them; it travels over TLS only. An answer names licenses by
their identifiers; of an error it gives a code and the member it is about.

Source: the record's members are those of GB/T 36903 that every directory has; docs/events.md.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.sm3 import sm3
from license_vault.directory.reports import ReportError
from license_vault.events.outbox import written
from license_vault.license import CERT_STATES, STATUS_NAMES, LicenseContent, LicenseStatus
from license_vault.registry.records import LicenseRecord
from signing.cms.pdf_signature_writer import SigningIdentity, sign_detached
from signing.sealed_json.strict_json import base64_text, canonical_json

SCHEMA = "license-vault/directory-batch/1"
LONGEST_ANSWER = 1024 * 1024

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_MEMBER = re.compile(r"[A-Za-z0-9_./-]{1,100}", re.ASCII)
_UNREADABLE = ReportError("unreadable-error", "")
_MOST_ERRORS = 20

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class DirectoryAnswer:
    """What the directory said of each license, by identifier; of others it said nothing."""

    accepted: frozenset[str]
    errors: dict[str, tuple[ReportError, ...]]


def record_of(license_: LicenseRecord, content: LicenseContent) -> dict[str, object]:
    """Return what the directory is told of a license: texts only."""
    return {
        "identifier": license_.identifier,
        "predecessor": license_.predecessor or "",
        "type_code": license_.type_code,
        "type_version": license_.type_version,
        "number": content.number,
        "holders": [
            {
                "name": holder.name,
                "document_type": holder.document_type,
                "document_number": holder.document_number,
            }
            for holder in content.holders
        ],
        "authority_code": license_.authority_code,
        "authority_name": license_.authority_name,
        "region": license_.region,
        "copy": license_.copy.kind.value,
        "issued_on": license_.issued_on.isoformat(),
        "valid_from": license_.valid_from.isoformat(),
        "valid_until": license_.valid_until.isoformat() if license_.valid_until else "长期",
        "state": license_.status.value,
        "cert_state": CERT_STATES[license_.status],
        "description": _description(license_.status),
        "content_id": license_.content_id,
        "files": [{"form": file.form, "sm3": file.sm3.hex()} for file in license_.forms],
        "changed_at": written(license_.changed_at),
    }


def _description(status: LicenseStatus) -> str:
    # certState 99 must come with words.
    return STATUS_NAMES[status][0] if CERT_STATES[status] == "99" else ""


def signed_batch(
    number: str,
    library: str,
    records: Sequence[dict[str, object]],
    sent_at: datetime,
    signer: tuple[SigningIdentity, Sign, Sign],
) -> bytes:
    """Return a signed batch.

    Args:
        number: random; a batch sent again has another.
        library: the region code of the sender.
        signer: certificate, what signs a message, and what makes a time-stamp token.
    """
    content = canonical_json(
        {
            "library": library,
            "number": number,
            "records": list(records),
            "sent_at": written(sent_at),
        }
    )
    identity, sign, timestamp = signer
    signature = sign_detached(identity, sm3(content), sign, timestamp)
    tail = f',"schema":"{SCHEMA}","signature":"{base64_text(signature)}"}}'
    return b"".join((b'{"batch":', content, tail.encode("ascii")))


def read_answer(body: bytes, asked: Iterable[str]) -> DirectoryAnswer | None:
    """Return what the directory answered about the licenses asked; None: it cannot be read.

    What it says of other licenses does not count, and an error outweighs an acceptance.
    """
    try:
        found = json.loads(body)
        accepted = {item for item in found["accepted"] if isinstance(item, str)}
        errors: dict[str, list[ReportError]] = {}
        for item in found["errors"]:
            errors.setdefault(str(item["identifier"]), []).append(_error(item))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    about = frozenset(asked)
    refused = {
        identifier: tuple(found_errors[:_MOST_ERRORS])
        for identifier, found_errors in errors.items()
        if identifier in about
    }
    return DirectoryAnswer(frozenset(accepted & about) - refused.keys(), refused)


def _error(item: dict[str, object]) -> ReportError:
    code, member = str(item.get("code", "")), str(item.get("member", ""))
    if not _CODE.fullmatch(code):
        return _UNREADABLE
    return ReportError(code, member if _MEMBER.fullmatch(member) else "")
