"""Where a node knows issue logs from: its own rows, and of partners what it mirrored.

Whose log is asked follows from who stands for the authority: we, or a partner by its accepted
list. Of an authority for which nobody known stands, no log says anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from license_vault.issue_log.mirror import LogMirror
from license_vault.issue_log.own_log import IssueLogReader
from license_vault.trust.kept_lists import TrustLists
from license_vault.trust.publication import TrustMaterial
from signing.errors import MalformedIssueLogError
from signing.trust_list import SYSTEM
from verification.evidence import LogEvidence, LogKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.regional_sources import RegionalLists
    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from license_vault.issue_log.standing import LogStanding
    from verification.sources import LogSource


class OwnLogSource:
    """Our own log, for authorities of our own."""

    def __init__(self, database: Database, region: str, clock: Clock) -> None:
        self._database = database
        self._reader = IssueLogReader(database, region)
        self._clock = clock

    def log_of(self, content_id: str, authority_code: str) -> LogEvidence | None:
        """Return how a license of ours stands in our log; None: it is no license of ours."""
        standing = self._reader.standing_of(content_id)
        if standing is None:
            return None
        entered = standing.first_size is not None or standing.waiting_since is not None
        if not entered and not self._is_ours(authority_code):
            return None
        return evidence_of(standing, LogKind.OWN)

    def _is_ours(self, authority_code: str) -> bool:
        with self._database.reading() as session:
            material = TrustMaterial(session)
            about = material.about(authority_code, self._reader.region, self._clock())
        return bool(about.authorities)


class RegionalLogSource:
    """Our own log, and those of partners as they are mirrored here."""

    def __init__(
        self, database: Database, own: LogSource, lists: RegionalLists, region: str
    ) -> None:
        self._database = database
        self._own = own
        self._lists = lists
        self._region = region

    def log_of(self, content_id: str, authority_code: str) -> LogEvidence | None:
        """Return how a license stands in the log of the region that stands for its authority."""
        found = self._lists.of_authority(authority_code, self._region)
        if found is None:
            return self._own.log_of(content_id, authority_code)
        witnesses = system_certificates(self._lists, self._region)
        try:
            standing = LogMirror(self._database, found.region).standing_of(content_id)
        except MalformedIssueLogError:
            return None
        if standing is None:
            # Nothing is mirrored: what comes with the file may still be held to known witnesses.
            return LogEvidence(found.region, LogKind.PROOF, witnesses=witnesses)
        return evidence_of(standing, LogKind.MIRROR, witnesses)


def system_certificates(lists: RegionalLists, besides: str = "") -> tuple[bytes, ...]:
    """Return the certificates (DER) of the libraries of all regions, by their accepted lists."""
    return tuple(
        entry.certificate
        for region, found in sorted(lists.all().items())
        if region != besides
        for entry in found.entries_of(SYSTEM)
    )


def accepted_certificates(database: Database) -> Callable[[str], tuple[bytes, ...]]:
    """Return what gives the certificates that a region's accepted list stands for as its own."""

    def certificates(region: str) -> tuple[bytes, ...]:
        with database.reading() as session:
            kept = TrustLists(session).newest(region)
        if kept is None:
            return ()
        entries = kept.trust_list.entries_of(SYSTEM)
        return tuple(entry.certificate for entry in entries if entry.is_trusted)

    return certificates


def evidence_of(
    standing: LogStanding, kind: LogKind, witnesses: tuple[bytes, ...] = ()
) -> LogEvidence:
    """Return how something stands as evidence of a verification."""
    return LogEvidence(
        region=standing.region,
        kind=kind,
        size=standing.size,
        root=standing.root,
        newest_time=standing.newest_time,
        first_size=standing.first_size,
        first_time=standing.first_time,
        before_time=standing.before_time,
        waiting_since=standing.waiting_since,
        countersigned_by=standing.countersigned_by,
        witnesses=witnesses,
    )
