"""Judge an electronic seal as it was used: its period, who may seal with it, its number.

Source: GB/T 38540-2020, verifying a signature (steps b, d and f); docs/standards.md 3.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from keys.certificate import Certificate
from signing.ses.extension import SesExtension
from signing.ses.seal import SESeal
from signing.ses.signature import SESSignature
from verification.case import Case
from verification.findings import Finding, finding
from verification.moments import shown
from verification.seal_signature import signature_holds
from verification.trust import readable_certificate


def judge_seal_use(
    case: Case, signature: SESSignature, certificate: Certificate, proven: datetime | None
) -> Iterator[Finding]:
    """Yield the findings about the use of a seal by the holder of a certificate.

    Args:
        proven: the time of the time-stamp, UTC; without one the time is what the signer claims.
    """
    seal = signature.seal
    if seal.lists(certificate.der):
        yield finding("signer-listed", name=seal.name)
    elif is_exchanged(case, signature):
        yield finding("signer-exchanged", name=seal.name)
    else:
        yield finding("signer-not-listed", name=seal.name)
    if certificate.der == seal.maker_certificate:
        yield finding("maker-is-signer")
    if case.is_license and seal.es_id != certificate.common_name:
        yield finding("seal-number-differs", detail=seal.es_id[:64])
    yield from judge_extensions((*seal.extensions, *signature.extensions))
    yield from _judge_period(case, seal, proven)
    used = proven or signature.signed_at
    if used is not None and seal.created_at > used + case.policy.clock_tolerance:
        yield finding("seal-made-after-use", time=shown(seal.created_at))
    if proven is None:
        yield from _judge_claimed(case, signature, certificate)
        return
    claimed = signature.signed_at
    if claimed is not None and claimed > proven + case.policy.clock_tolerance:
        yield finding("claimed-time-after-stamp", time=shown(claimed))


def is_exchanged(case: Case, signature: SESSignature) -> bool:
    """Say whether another certificate was put in the place of the one that sealed a license.

    The certificate stands outside what is signed; the seal names the right one. Of others' files
    this is not said: a certificate that was renewed for the same key looks alike.

    Source: GB/T 38540-2020, SES_Signature (cert is no part of toSign).
    """
    listed = (readable_certificate(der) for der in signature.seal.certificates)
    return case.is_license and any(
        signature_holds(entry, signature.signed_bytes, signature.signature)
        for entry in listed
        if entry is not None
    )


def judge_extensions(extensions: Iterable[SesExtension]) -> Iterator[Finding]:
    """Yield a finding about each extension that must be understood: we know the meaning of none.

    Source: GB/T 38540-2020, ExtData (critical).
    """
    for extension in extensions:
        if extension.critical:
            yield finding("seal-extension-unknown", detail=extension.oid)


def _judge_period(case: Case, seal: SESeal, proven: datetime | None) -> Iterator[Finding]:
    """With a proven time the period is asked for that time, else for now (ADR 0010)."""
    now = case.moments.verified_at
    moment = proven or now
    if moment < seal.valid_from:
        yield finding("seal-not-yet-valid", time=shown(seal.valid_from))
    elif moment > seal.valid_until:
        code = "seal-expired-at-sealing" if proven else "seal-expired-no-proof"
        yield finding(code, time=shown(seal.valid_until))
    elif now > seal.valid_until:
        yield finding("seal-expired-since", time=shown(seal.valid_until))
    else:
        yield finding("seal-in-period")


def _judge_claimed(
    case: Case, signature: SESSignature, certificate: Certificate
) -> Iterator[Finding]:
    """A signer who claims a time outside his own periods is not believed in anything.

    Source: GB/T 38540-2020, verifying a signature, step f.
    """
    claimed, seal = signature.signed_at, signature.seal
    if claimed is None:
        return
    if not certificate.not_before <= claimed <= certificate.not_after:
        yield finding("claimed-outside-certificate", time=shown(claimed))
    if not seal.valid_from <= claimed <= seal.valid_until:
        yield finding("claimed-outside-seal", time=shown(claimed))
    if claimed > case.moments.verified_at + case.policy.clock_tolerance:
        yield finding("claimed-in-future", time=shown(claimed))


def judge_seal_now(case: Case, seal: SESeal) -> Finding:
    """Return the finding about the period of a seal by itself, at the time asked about."""
    moment = case.moments.as_of
    if moment < seal.valid_from:
        return finding("seal-not-in-use-yet", time=shown(seal.valid_from))
    if moment > seal.valid_until:
        return finding("seal-no-longer-in-use", time=shown(seal.valid_until))
    return finding("seal-in-period")
