"""Judge an electronic seal by itself (.esl): is it one that a maker of the region made?

It seals no document; there is no license in it. Whether its register has suspended or cancelled
it since, no file can say: the report names it in ``not_checked``.

Source: GB/T 38540-2020, verifying a seal.
"""

from __future__ import annotations

from keys.sm3 import sm3
from signing.errors import SigningError
from signing.ses.seal import SESeal, read_ses_seal
from verification.case import Case
from verification.entitlement import seal_owner
from verification.findings import Finding, finding
from verification.report import CertificateSummary, SealSummary
from verification.seal_data import judge_extensions, judge_seal_now
from verification.seal_maker import judge_maker
from verification.seal_summary import seal_data_summary
from verification.trust import readable_certificate


def judge_seal_alone(case: Case) -> tuple[tuple[Finding, ...], tuple[SealSummary, ...]]:
    """Return the findings about a seal file and its summary."""
    document = case.evidence.document
    entries = tuple(zip(case.parsed.seals, document.facts, document.maker_opinions, strict=True))
    if len(entries) != 1 or entries[0][1].problem is not None:
        return (finding("document-unreadable", detail="evidence"),), ()
    parsed, _, opinion = entries[0]
    try:
        seal = read_ses_seal(parsed.value)
    except SigningError as error:
        detail = str(getattr(error, "code", "unreadable"))
        return (finding("document-unreadable", detail=detail),), ()
    found = [
        finding("seal-alone"),
        *judge_maker(case, seal, None, opinion),
        *judge_extensions(seal.extensions),
        judge_seal_now(case, seal),
        *(finding("vendor-deviation", detail=deviation) for deviation in seal.deviations),
    ]
    if case.trust is None:
        found.append(finding("trust-unavailable", detail=case.evidence.trust_gap))
    return tuple(found), (_summary(seal),)


def _summary(seal: SESeal) -> SealSummary:
    """Return the summary; the owner stands in the first certificate that may seal with it."""
    certificate = readable_certificate(seal.certificates[0]) if seal.certificates else None
    code, name = ("", seal.name) if certificate is None else seal_owner(certificate)
    return SealSummary(
        field=seal.es_id,
        kind="ses-seal",
        signed_sm3=sm3(seal.signed_bytes).hex(),
        code=seal.es_id,
        owner=name,
        owner_code=code,
        sealed_at=None,
        time="none",
        certificate=None
        if certificate is None
        else CertificateSummary(
            certificate.subject, f"{certificate.serial:x}", certificate.not_after
        ),
        seal=seal_data_summary(seal),
        deviations=seal.deviations,
    )
