"""Two regions that accept each other's trust list, so that they may exchange.

What two people and a letter do in earnest (``license_vault.trust.approving``, tested there) is
written straight into the rows here.
"""

from dataclasses import dataclass
from datetime import timedelta

from api_node import Node
from two_regions import A_REGION, A_URL, B_REGION, B_URL, Regions

from keys.sm2 import PrivateKey
from license_vault.partners.partners import PartnerWriter
from license_vault.trust.kept_lists import ListState, TrustListWriter
from license_vault.trust.own_list import OwnTrustList, RootHolder
from signing.trust_root import RootKey


@dataclass(frozen=True)
class OwnRoot:
    """The one root key of a region of tests."""

    key: PrivateKey

    @property
    def holder(self) -> RootHolder:
        return RootHolder("k1", self.key.public_point, self.key.sign)


def publish_list(node: Node, region: str, url: str, root: OwnRoot) -> None:
    """Draft, sign and publish a region's list; the first time its root too."""
    at = node.services.clock()
    with node.services.database.writing() as session:
        own = OwnTrustList(session, region, "operator:test")
        if TrustListWriter(session).newest_root(region) is None:
            keys = (RootKey("k1", root.key.public_point),)
            own.draft_root(keys, 1, timedelta(days=365), at)
            own.sign(root.holder, at)
        own.draft_list(url, timedelta(days=30), at)
        own.sign(root.holder, at)


def accept_list(of: Node, region: str, url: str, at: Node) -> None:
    """Let a node accept another region's newest list and root."""
    with of.services.database.reading() as session:
        lists = TrustListWriter(session)
        kept, root = lists.newest(region), lists.newest_root(region)
    assert kept is not None
    assert root is not None
    now = at.services.clock()
    with at.services.database.writing() as session:
        writer = TrustListWriter(session)
        if writer.newest_root(region) is None:
            writer.add_root(root, ListState.ACCEPTED, now)
        writer.add_list(kept.trust_list, ListState.ACCEPTED, now)
        PartnerWriter(session).accept(region, url, ("person:anna", "person:bert"), now)


def acquaint(regions: Regions) -> OwnRoot:
    """Let both regions publish a list and accept the other's; return A's root."""
    root = OwnRoot(PrivateKey.generate())
    publish_list(regions.a, A_REGION, A_URL, root)
    publish_list(regions.b, B_REGION, B_URL, OwnRoot(PrivateKey.generate()))
    accept_list(regions.a, A_REGION, A_URL, regions.b)
    accept_list(regions.b, B_REGION, B_URL, regions.a)
    return root
