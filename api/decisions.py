"""Decide about a license for an item: by its report, and by our use list (用证清单).

The one place where both facts meet: verifications, cases and kiosks ask here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from license_vault.sharing.reading import CLAIM_PATH
from license_vault.sharing.sharing import LicenseOfRegion, Sharing
from verification.decision import Decision, Listed, Listing, decide

if TYPE_CHECKING:
    from license_vault.database.sessions import Database
    from verification.evidence import Evidence
    from verification.report import VerificationReport


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decides by the newest use list and maps of ``region``, the own one; used by all threads."""

    database: Database
    region: str

    def about_file(
        self, report: VerificationReport, evidence: Evidence, item_code: str
    ) -> Decision:
        """Return what is decided about a file that was verified."""
        region = "" if evidence.trust is None else evidence.trust.region
        shown = LicenseOfRegion(_type_code(report), region, _fields(report, evidence))
        return self.about(report, shown, item_code)

    def about(self, report: VerificationReport, shown: LicenseOfRegion, item_code: str) -> Decision:
        """Return what is decided about a license, as its own region names it."""
        with self.database.reading() as session:
            answer = Sharing(session, self.region).ask_use_list(item_code, shown)
        listing = Listing(
            listed=Listed(answer.word.value),
            item_code=item_code,
            region=self.region if answer.version else "",
            version=str(answer.version) if answer.version else "",
            detail=answer.detail,
        )
        return decide(report, listing)


def _type_code(report: VerificationReport) -> str:
    if report.copy is not None:
        return report.copy.parent.type_code
    return "" if report.license is None else report.license.type_code


def _fields(report: VerificationReport, evidence: Evidence) -> frozenset[str] | None:
    """Return the claim paths of a license, None of a copy: it carries no claims of its parent."""
    if report.copy is not None:
        return None
    parsed = evidence.document.parsed
    if report.license is None or parsed is None or parsed.claims is None:
        return frozenset()
    # They were read and judged: the report shows the license.
    return frozenset(_paths(json.loads(parsed.claims)))


def _paths(claims: dict[str, Any]) -> Iterator[str]:
    for name, value in claims.items():
        match value:
            case dict():
                yield from (f"/{name}/{inner}" for inner in value)
            case list():
                yield from _members(name, value)
            case _:
                yield f"/{name}"


def _members(name: str, values: list[Any]) -> Iterator[str]:
    for place, value in enumerate(values):
        if isinstance(value, dict):
            paths = (f"/{name}/{place}/{inner}" for inner in value)
            yield from (path for path in paths if CLAIM_PATH.fullmatch(path))
