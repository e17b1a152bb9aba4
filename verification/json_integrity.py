"""Judge whether a sealed JSON is the one that was sealed: signatures over its canonical claims.

Each signature stands for itself and none covers another, so one and the same must not count
twice. That the file is nothing but its parts is found in ``json_facts``.

Source: ADR 0036; RFC 8785; RFC 5652 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from verification.case import SealCase
from verification.cms_profile import judge_cms_profile
from verification.findings import Finding, finding
from verification.seal_value import names_digest


def judge_json_seal(entry: SealCase) -> Iterator[Finding]:
    """Yield what is wrong with one signature of the file; nothing if nothing is."""
    if entry.facts.problem is not None:
        yield finding("seal-not-in-document", detail=entry.facts.problem)
    if entry.value is None:
        yield finding("signature-malformed", detail=entry.problem)
        return
    if entry.value.cms is not None:
        yield from judge_cms_profile(entry.value.cms)
    if not names_digest(entry.value, entry.facts.digest):
        yield finding("digest-mismatch")
