"""The report on a license whose file could not be had: nothing was seen, and it says why.

Only what its issuing region would have handed out can be judged. Until it does, nothing is known.
"""

from __future__ import annotations

from datetime import datetime

from verification.findings import finding
from verification.moments import shown
from verification.policy import Policy
from verification.report import DocumentSummary, Technical, VerificationReport
from verification.reporting import conclude
from verification.revocation import Moments

_NEVER = "—"


def report_unseen(
    region: str, why: str, kept_at: datetime | None, policy: Policy, moments: Moments
) -> VerificationReport:
    """Return the report on a license of a region that did not hand out its file.

    Args:
        why: a stable word of ours.
        kept_at: when the region said last what its states are; None: it never did.
    """
    known = _NEVER if kept_at is None else shown(kept_at)
    found = finding("partner-file-not-had", kept_at, name=region, detail=why, time=known)
    verdict, sentence, checks = conclude((found,))
    return VerificationReport(
        verdict=verdict,
        state=None,
        marks=(),
        sentence=sentence,
        as_of=moments.as_of,
        verified_at=moments.verified_at,
        policy=policy.name,
        document=DocumentSummary("", "", "", 0),
        license=None,
        checks=checks,
        seals=(),
        not_checked=(),
        technical=Technical("INDETERMINATE", "TRY_LATER"),
        trust=None,
        status_list=None,
    )
