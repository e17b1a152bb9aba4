"""Judge the SM2 value of a seal over the bytes that its form says are signed.

Source: GB/T 32918.2-2016 7.1; EN 319 102-1 5.2.7.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from keys import sm2
from keys.certificate import Certificate
from keys.errors import KeyCustodyError
from verification.case import SealCase
from verification.findings import Finding, finding
from verification.seal_value import SealValue, signed_message


def signature_holds(certificate: Certificate, message: bytes, signature: bytes) -> bool:
    """Say whether an SM2 signature over a message verifies under a certificate's key."""
    try:
        sm2.verify(certificate.public_point, message, signature)
    except KeyCustodyError:
        return False
    return True


def judge_signature(
    entry: SealCase, value: SealValue, certificate: Certificate
) -> Iterator[Finding]:
    """Yield the finding about the value, and about the second opinion where there is one."""
    holds = signature_holds(certificate, signed_message(value, entry.facts), value.signature)
    opinion = entry.opinion
    if opinion is not None and opinion is not holds:
        yield finding("second-opinion-disagrees")
        return
    yield finding("seal-signature-valid" if holds else "seal-signature-invalid")
    if opinion is not None:
        yield finding("second-opinion-agrees")
