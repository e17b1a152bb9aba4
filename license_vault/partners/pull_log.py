"""Pull a partner's issue log: its newest checkpoint and new tiles; then countersign it.

What is kept and believed is decided in ``license_vault.issue_log``; here it is fetched, and our
countersignature sent. Those of others that come along are kept too, if their lists name who signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus

from license_vault.issue_log.countersigning import CountersignatureKeeper, Countersigner
from license_vault.issue_log.errors import CountersignatureRefusedError
from license_vault.issue_log.mirror import ALARMED, OLDER, LogMirror
from license_vault.partners.errors import PullRefusedError
from license_vault.partners.reach import Reach
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part, PartStates, PartStateWriter
from signing.errors import MalformedIssueLogError
from signing.issue_log import Checkpoint, Countersignature
from signing.issue_proof import MAX_PROOF_BYTES, read_witnessed
from signing.merkle import HASH_BYTES, TILE_WIDTH

LOG = "/v1/issue-log"
_SENT = {"Content-Type": "application/octet-stream"}


class LogPull:
    """Pulls issue logs. May be used from many threads."""

    def __init__(self, services: PullServices, countersigner: Countersigner | None) -> None:
        """Take what pulling stands on; without a countersigner nothing is signed."""
        self._services = services
        self._countersigner = countersigner

    def pull(self, reach: Reach) -> None:
        """Bring the mirror of a partner's log to its newest.

        Raises:
            PullRefusedError: it cannot be had, or why it is not taken; what contradicts is told
                already.
        """
        region, services = reach.partner.region, self._services
        with services.database.reading() as session:
            etag = PartStates(session).etag(region, Part.ISSUE_LOG)
        answer = reach.ask(f"{LOG}/checkpoint", etag=etag, longest=MAX_PROOF_BYTES)
        if answer.status == HTTPStatus.NOT_FOUND or answer.is_unchanged:
            return  # it has none yet, or no newer one
        if not answer.is_ok:
            raise PullRefusedError(f"status-{answer.status}")
        try:
            witnessed = read_witnessed(answer.body)
        except MalformedIssueLogError as error:
            raise PullRefusedError("checkpoint-malformed", alarming=True) from error
        self._advance(reach, witnessed.checkpoint)
        self._keep_others(region, witnessed.countersignatures)
        self._countersign(reach, witnessed.checkpoint)
        with services.database.writing() as session:
            PartStateWriter(session).succeeded(
                region, Part.ISSUE_LOG, services.clock(), answer.etag
            )

    def _advance(self, reach: Reach, checkpoint: Checkpoint) -> None:
        region, services = reach.partner.region, self._services

        def fetch_tile(level: int, number: int) -> bytes:
            path = f"{LOG}/tiles/{level}/{number}"
            return reach.get(path, longest=TILE_WIDTH * HASH_BYTES).body

        became = LogMirror(services.database, region).advance(
            checkpoint.signed.der,
            fetch_tile,
            services.system_certificates(region),
            services.clock(),
        )
        if not became.taken and became.outcome != OLDER:
            # What contradicts has been told with what it contradicts.
            raise PullRefusedError(became.reason, alarming=became.outcome != ALARMED)

    def _keep_others(self, region: str, countersignatures: Iterable[Countersignature]) -> None:
        services = self._services
        keeper = CountersignatureKeeper(services.database, region, services.system_certificates)
        for entry in countersignatures:
            # Of regions that we do not know; a root we never had is told by who refuses it.
            with suppress(CountersignatureRefusedError):
                if entry.content.witness != services.region:
                    keeper.receive(entry.signed.der, services.clock())

    def _countersign(self, reach: Reach, checkpoint: Checkpoint) -> None:
        if self._countersigner is None:
            return
        signed = self._countersigner.countersign(checkpoint.content, self._services.clock())
        reach.post(f"{LOG}/countersignatures", signed, _SENT)
