"""Countersignatures (见证签名): give one for a partner's log, keep those that partners gave.

One says that a region saw a log of this size and root, and that the log still began as it was
seen before. A partner that signs a root we never had was shown another log than others: that is
an alarm, kept with what was signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Database, Reading
from license_vault.issue_log.checkpoints import Checkpoints, CheckpointWriter
from license_vault.issue_log.errors import CountersignatureRefusedError
from license_vault.issue_log.telling import tell_of_alarm
from license_vault.library_signature import LibrarySigner
from signing.errors import MalformedIssueLogError
from signing.issue_log import (
    CheckpointContent,
    Countersignature,
    CountersignatureContent,
    build_countersignature,
    read_countersignature,
)

# The certificates (DER) of a region's own key, by the list of it that is accepted here.
SystemCertificates = Callable[[str], Sequence[bytes]]

KEPT = "issue-log.countersigned"
OTHER_ROOT = "countersignature-of-other-root"
_KNOWN = "known"
_TOLERANCE = timedelta(minutes=5)


class Countersigner:
    """Signs for our region what it has seen of others' logs."""

    def __init__(self, database: Database, region: str, signer: LibrarySigner) -> None:
        self._database = database
        self._region = region
        self._signer = signer

    def countersign(self, seen: CheckpointContent, at: datetime) -> bytes:
        """Return our countersignature (DER) of a checkpoint that a mirror has taken; kept too.

        Of one size there is one: it is made once, and given again.
        """
        with self._database.writing() as session:
            writer = CheckpointWriter(session, seen.region)
            given = self._given(session, seen)
            if given is not None:
                return given
            content = CountersignatureContent(
                self._region, seen.region, seen.size, seen.root, at.replace(microsecond=0)
            )
            certificate = self._signer.identity.certificate
            made = build_countersignature(content, certificate, self._signer.sign)
            writer.keep_countersignature(read_countersignature(made))
        return made

    def _given(self, session: Reading, seen: CheckpointContent) -> bytes | None:
        kept = Checkpoints(session, seen.region)
        return next(
            (
                entry.signed.der
                for entry in kept.countersignatures(seen.size)
                if entry.content.witness == self._region
            ),
            None,
        )


class CountersignatureKeeper:
    """Keeps what partners signed of a log: ours, or one that is mirrored here."""

    def __init__(self, database: Database, region: str, certificates: SystemCertificates) -> None:
        """Take whose log it is, and what says who may sign for a region."""
        self._database = database
        self._region = region
        self._certificates = certificates

    def receive(self, data: bytes, at: datetime) -> Countersignature:
        """Keep a countersignature; one that is kept already changes nothing.

        Raises:
            CountersignatureRefusedError: with the reason: malformed, other-log, own-witness,
                signer-unknown, signature-invalid, from-the-future, no-such-checkpoint, or
                ``OTHER_ROOT``, which is an alarm.
        """
        seen = self._believed(data, at)
        with self._database.writing() as session:
            reason = self._keep(CheckpointWriter(session, self._region), seen, at)
            if reason is None:
                AuditWriter(session).append(_act(seen, at))
        if reason is not None and reason != _KNOWN:
            raise CountersignatureRefusedError(reason)
        return seen

    def _believed(self, data: bytes, at: datetime) -> Countersignature:
        try:
            seen = read_countersignature(data)
        except MalformedIssueLogError as error:
            raise CountersignatureRefusedError(error.code) from error
        said = seen.content
        if said.region != self._region:
            raise CountersignatureRefusedError("other-log")
        if said.witness == self._region:
            raise CountersignatureRefusedError("own-witness")
        if seen.signed.signer_certificate not in self._certificates(said.witness):
            raise CountersignatureRefusedError("signer-unknown")
        if not seen.signed.signature_holds:
            raise CountersignatureRefusedError("signature-invalid")
        if said.seen_at > at + _TOLERANCE:
            raise CountersignatureRefusedError("from-the-future")
        return seen

    def _keep(self, writer: CheckpointWriter, seen: Countersignature, at: datetime) -> str | None:
        """Return why it is not kept, ``_KNOWN`` if it was before, nothing if it is now."""
        held = writer.of(seen.content.size)
        if held is None:
            return "no-such-checkpoint"
        if held.root != seen.content.root:
            if writer.raise_alarm(OTHER_ROOT, seen.signed, at):
                tell_of_alarm(writer.writing, self._region, OTHER_ROOT, at)
            return OTHER_ROOT
        return None if writer.keep_countersignature(seen) else _KNOWN


def _act(seen: Countersignature, at: datetime) -> Act:
    said = seen.content
    details = {"region": said.region, "size": str(said.size), "root": said.root.hex()}
    return Act(f"region:{said.witness}", KEPT, f"issue-log:{said.region}", details, at)
