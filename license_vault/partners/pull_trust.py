"""Pull a partner's trust list, and before it the roots that lead to its root, version by version.

Whether anything is taken is decided by ``license_vault.trust.partner_lists``, which also tells of
what it refuses; here it is only fetched.
"""

from __future__ import annotations

from license_vault.partners.errors import PullRefusedError
from license_vault.partners.reach import UNREACHABLE, Reach
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part, PartStates, PartStateWriter
from license_vault.trust.kept_lists import TrustLists
from license_vault.trust.partner_lists import Outcome, PartnerLists, Received
from signing.errors import MalformedTrustListError
from signing.trust_list import MAX_LIST_BYTES, read_trust_list
from signing.trust_root import MAX_ROOT_BYTES

LIST = "/v1/trust-lists"
ROOT = "/v1/trust-roots"
MOST_ROOTS = 32
"""Versions of a root that are followed in one pull; the next pull goes on."""


class TrustPull:
    """Pulls trust lists and roots. May be used from many threads."""

    def __init__(self, services: PullServices) -> None:
        self._services = services

    def pull(self, reach: Reach) -> None:
        """Bring a partner's trust list to its newest.

        Raises:
            PullRefusedError: it cannot be had; or why it is not taken, told already.
        """
        region, services = reach.partner.region, self._services
        with services.database.reading() as session:
            held = TrustLists(session).newest(region)
            etag = PartStates(session).etag(region, Part.TRUST_LIST)
        known = etag if held is not None else None
        answer = reach.get(f"{LIST}/{region}", etag=known, longest=MAX_LIST_BYTES)
        if answer.is_unchanged and held is not None:
            # Judged again: the list in use may have run out meanwhile.
            self._take(region, held.der, None)
            return
        self._follow_roots(reach, answer.body)
        self._take(region, answer.body, answer.etag)

    def _take(self, region: str, der: bytes, etag: str | None) -> None:
        services, at = self._services, self._services.clock()
        with services.database.writing() as session:
            received = PartnerLists(session).receive(region, der, at)
            if received.outcome is not Outcome.REFUSED and etag is not None:
                PartStateWriter(session).succeeded(region, Part.TRUST_LIST, at, etag)
        _refuse(received)

    def _follow_roots(self, reach: Reach, der: bytes) -> None:
        """Fetch the versions of the root between the one in use and the list's."""
        region, services = reach.partner.region, self._services
        try:
            wanted = read_trust_list(der).content.root_version
        except MalformedTrustListError:
            return  # said when the list is taken
        with services.database.reading() as session:
            root = TrustLists(session).newest_root(region)
        first = root.root.version + 1 if root is not None else wanted + 1
        for version in range(first, min(wanted + 1, first + MOST_ROOTS)):
            if not self._follow(reach, version):
                return  # the list is then refused for its root

    def _follow(self, reach: Reach, version: int) -> bool:
        region, services = reach.partner.region, self._services
        try:
            answer = reach.get(f"{ROOT}/{region}/{version}", longest=MAX_ROOT_BYTES)
        except PullRefusedError as error:
            if error.reason.startswith(UNREACHABLE):
                raise
            return False
        with services.database.writing() as session:
            received = PartnerLists(session).receive_root(region, answer.body, services.clock())
        return received.outcome is not Outcome.REFUSED


def _refuse(received: Received) -> None:
    """Say why something was not taken; the alarm has been raised by who decided it."""
    if received.outcome is Outcome.REFUSED:
        raise PullRefusedError(received.reason)
