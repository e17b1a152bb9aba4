"""Judge whether a CMS value is of the one profile that our sealed forms have.

Source: ADR 0011 and 0012; ETSI EN 319 122-1; RFC 5652.
"""

from __future__ import annotations

from collections.abc import Iterator

from keys.sm3 import sm3
from signing.cms.pdf_signature import CmsSignature
from verification.findings import Finding, finding

# Problems of the CMS that other checks report under their own names.
_ELSEWHERE = frozenset({"cms-timestamp-missing", "cms-signing-certificate-mismatch"})
_UNREADABLE, _MISSING = "cms-certificate-unreadable", "cms-signer-certificate-missing"
_ALGORITHM_PROBLEMS = frozenset(
    {
        "cms-digest-parameters",
        "cms-digest-not-accepted",
        "cms-signer-digest-parameters",
        "cms-signer-digest-not-accepted",
        "cms-signature-algorithm-parameters",
        "cms-signature-algorithm-not-accepted",
        "cms-signing-certificate-not-sm3",
        "cms-signing-certificate-v1",
    }
)


def judge_cms_profile(cms: CmsSignature) -> Iterator[Finding]:
    """Yield every departure of the CMS from the one profile we accept."""
    problems = cms.problems
    if _UNREADABLE in problems and _signed_certificate_is_enclosed(cms):
        # The certificate is the one that was signed with; only we cannot read it.
        yield finding("certificate-unreadable", detail=_UNREADABLE)
        problems = tuple(entry for entry in problems if entry not in (_UNREADABLE, _MISSING))
    for problem in problems:
        if problem in _ALGORITHM_PROBLEMS:
            yield finding("algorithm-not-accepted", detail=problem)
        elif problem not in _ELSEWHERE:
            yield finding("signature-malformed", detail=problem)


def _signed_certificate_is_enclosed(cms: CmsSignature) -> bool:
    return any(sm3(entry) == cms.signing_certificate_digest for entry in cms.certificates)
