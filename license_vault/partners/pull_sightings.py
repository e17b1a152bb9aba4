"""Pull what a partner has seen of trust lists, signed, and compare it with what was seen here.

Two digests of one sequence are a split: somebody shows different lists to different people. What
follows from one is decided in ``license_vault.trust.sightings``.
"""

from __future__ import annotations

from license_vault.partners.errors import PullRefusedError
from license_vault.partners.reach import Reach
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part, PartStates, PartStateWriter
from license_vault.trust.sightings import Sighting, Sightings
from signing.errors import MalformedTrustListError
from signing.sealed_json.trust_sightings import OBSERVED, TrustSightings, read_sightings

SIGHTINGS = "/v1/trust-sightings"


class SightingPull:
    """Pulls sightings. May be used from many threads."""

    def __init__(self, services: PullServices) -> None:
        self._services = services

    def pull(self, reach: Reach) -> None:
        """Compare a partner's sightings with ours.

        Raises:
            PullRefusedError: they cannot be had or are not the partner's; or "split-REGION", told
                already.
        """
        region, services = reach.partner.region, self._services
        with services.database.reading() as session:
            etag = PartStates(session).etag(region, Part.SIGHTINGS)
        answer = reach.get(SIGHTINGS, etag=etag, longest=OBSERVED.largest_bytes)
        if answer.is_unchanged:
            return
        observed, at = self._believed(region, answer.body), services.clock()
        told = [Sighting(each.region, each.sequence, each.sm3) for each in observed.sightings]
        with services.database.writing() as session:
            splits = Sightings(session).compare(told, region, at)
            if not splits:
                PartStateWriter(session).succeeded(region, Part.SIGHTINGS, at, answer.etag)
        if splits:
            raise PullRefusedError(f"split-{splits[0].region}")

    def _believed(self, region: str, body: bytes) -> TrustSightings:
        try:
            found = read_sightings(body)
        except MalformedTrustListError as error:
            raise PullRefusedError("sightings-malformed", alarming=True) from error
        if found.observed.region != region:
            raise PullRefusedError("sightings-of-another-region", alarming=True)
        services = self._services
        refused = services.check_statement(region, found.statement, services.clock())
        if refused is not None:
            raise PullRefusedError(f"sightings-{refused}", alarming=True)
        return found.observed
