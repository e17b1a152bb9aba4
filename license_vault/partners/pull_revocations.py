"""Pull a partner's revocation lists: one DER SEQUENCE of all CRLs that count now."""

from __future__ import annotations

from license_vault.partners.errors import PullRefusedError
from license_vault.partners.reach import Reach
from license_vault.partners.revocations import MAX_LISTS, PartnerRevocationListWriter
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part, PartStates, PartStateWriter
from license_vault.trust.kept_lists import TrustLists
from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError
from signing.trust_list import ANCHOR, INTERMEDIATE

REVOCATION_LISTS = "/v1/revocation-lists"
_LONGEST = 32 * 1024 * 1024


class RevocationPull:
    """Pulls revocation lists. May be used from many threads."""

    def __init__(self, services: PullServices) -> None:
        self._services = services

    def pull(self, reach: Reach) -> None:
        """Bring a partner's revocation lists to their newest.

        Raises:
            PullRefusedError: they cannot be had, or why they are not taken.
        """
        region, services = reach.partner.region, self._services
        with services.database.reading() as session:
            etag = PartStates(session).etag(region, Part.REVOCATION_LISTS)
            kept = TrustLists(session).newest(region)
        if kept is None:
            raise PullRefusedError("no-trust-list")
        answer = reach.get(REVOCATION_LISTS, etag=etag, longest=_LONGEST)
        if answer.is_unchanged:
            return
        entries = kept.trust_list.content.entries
        authorities = [
            entry.certificate for entry in entries if entry.kind in (ANCHOR, INTERMEDIATE)
        ]
        lists, at = read_lists(answer.body), services.clock()
        with services.database.writing() as session:
            writer = PartnerRevocationListWriter(session)
            refused = writer.receive(region, lists, authorities, at)
            if refused is None:
                PartStateWriter(session).succeeded(region, Part.REVOCATION_LISTS, at, answer.etag)
        if refused is not None:
            raise PullRefusedError(refused, alarming=True)


def read_lists(body: bytes) -> tuple[bytes, ...]:
    """Return the CRLs (DER) in what a region publishes.

    Raises:
        PullRefusedError: "crls-malformed": not such a sequence, or too many.
    """
    found: list[bytes] = []
    try:
        outer = DerReader(body)
        inner = outer.enter(der.SEQUENCE, "lists")
        outer.finish("lists")
        while not inner.at_end and len(found) <= MAX_LISTS:
            found.append(inner.element(der.SEQUENCE, "list"))
    except MalformedDerError as error:
        raise PullRefusedError("crls-malformed") from error
    if len(found) > MAX_LISTS:
        raise PullRefusedError("crls-malformed")
    return tuple(found)
