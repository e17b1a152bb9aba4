"""Reports licenses to the upper directory, in signed batches, until it has accepted each.

Each license is told as it is now, so that what happened in between is told once. What the
directory refuses goes to the work list and is told again when the license changes or somebody
sends it again; while no answer comes, it stays due.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from keys.errors import EnvelopeBrokenError
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.directory.batches import (
    DirectoryAnswer,
    read_answer,
    record_of,
    signed_batch,
)
from license_vault.directory.reports import Report, ReportError, Reports, ReportWriter
from license_vault.events.posting import Post
from license_vault.library_signature import LibrarySigner
from license_vault.registry.holders import new_handle
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry
from license_vault.vault import Vault

LICENSES_AT_ONCE = 200

# One damaged row must not keep all others from the directory; fsck tells of it too.
_BROKEN = (ReportError("own-record-damaged", ""),)

_log = logging.getLogger("license_vault.directory")


@dataclass(frozen=True, slots=True)
class DirectoryAddress:
    """The upper directory: where it takes batches, and by which token it knows us, if any."""

    url: str
    token: str | None = field(repr=False)
    library: str

    @property
    def headers(self) -> dict[str, str]:
        """Return what is sent with each batch."""
        base = {"Content-Type": "application/json", "User-Agent": "license-vault"}
        return base if self.token is None else {**base, "Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class ReportingServices:
    """What reporting stands on."""

    database: Database
    vault: Vault
    signer: LibrarySigner
    clock: Clock
    random_bytes: Callable[[int], bytes]
    post: Post


@dataclass(frozen=True, slots=True)
class Reported:
    """What one run did, in licenses."""

    accepted: int = 0
    refused: int = 0
    unanswered: int = 0

    def __bool__(self) -> bool:
        """Say whether anything was due."""
        return bool(self.accepted or self.refused or self.unanswered)


class Reporting:
    """Reports what is due; made once, used by the background task."""

    def __init__(self, services: ReportingServices, directory: DirectoryAddress) -> None:
        self._services = services
        self._directory = directory

    def run(self) -> Reported:
        """Report one batch of what is due; return how many licenses came out how."""
        claimed = self._claimed()
        if not claimed:
            return Reported()
        records = self._records(claimed)
        unreadable = {r.identifier: _BROKEN for r in claimed if r.identifier not in records}
        answer = self._send(records) if records else DirectoryAnswer(frozenset(), {})
        errors = {**answer.errors, **unreadable}
        return self._note(claimed, DirectoryAnswer(answer.accepted, errors))

    def _send(self, records: Mapping[str, dict[str, object]]) -> DirectoryAnswer:
        services = self._services
        signer = services.signer
        batch = signed_batch(
            new_handle(services.random_bytes),
            self._directory.library,
            tuple(records.values()),
            services.clock(),
            (signer.identity, signer.sign, signer.timestamper.timestamp),
        )
        answer = services.post(self._directory.url, self._directory.headers, batch)
        told = read_answer(answer.body, records) if answer.status == 200 else None
        if told is None:
            _log.error("directory unanswered", extra={"fields": {"outcome": answer.outcome}})
        return told or DirectoryAnswer(frozenset(), {})

    def _claimed(self) -> tuple[Report, ...]:
        at = self._services.clock()
        with self._services.database.reading() as session:
            due = Reports(session).due(at, LICENSES_AT_ONCE)
        if not due:
            return ()
        with self._services.database.writing() as session:
            writer = ReportWriter(session)
            return tuple(report for report in due if writer.claim(report, at))

    def _records(self, reports: Sequence[Report]) -> dict[str, dict[str, object]]:
        """Return what is told of each license; one whose rows were changed is left out."""
        services, opener = self._services, LicenseOpener(self._services.vault)
        with services.database.reading() as session:
            registry = Registry(session)
            licenses = [registry.get(report.identifier) for report in reports]
            kept = registry.kept_of(licenses)
        records = {}
        for license_ in licenses:
            try:
                content = opener.secrets(kept[license_.identifier]).content
            except EnvelopeBrokenError:
                continue
            records[license_.identifier] = record_of(license_, content)
        return records

    def _note(self, reports: Sequence[Report], answer: DirectoryAnswer) -> Reported:
        at, outcomes = self._services.clock(), {"accepted": 0, "refused": 0, "unanswered": 0}
        with self._services.database.writing() as session:
            writer = ReportWriter(session)
            for report in reports:
                if report.identifier in answer.errors:
                    writer.refused_for(report, answer.errors[report.identifier], at)
                    outcomes["refused"] += 1
                elif report.identifier in answer.accepted:
                    writer.accepted(report, at)
                    outcomes["accepted"] += 1
                else:
                    writer.unanswered(report, at)
                    outcomes["unanswered"] += 1
        return Reported(**outcomes)
