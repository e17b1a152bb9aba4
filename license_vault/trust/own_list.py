"""This region's own root and trust list: drafted, signed key by key, and then in force.

A draft has no effect. Each holder of a root key adds one signature; the one that makes enough lets
the draft count. A root's first version needs its own keys, each later one its predecessor's
keys as well. Keys are never seen here: who signs is a function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.trust.errors import OwnTrustListError
from license_vault.trust.kept_lists import KeptList, ListState, TrustListWriter
from license_vault.trust.live_entries import LiveEntries, with_history
from license_vault.trust.sightings import Sighting, Sightings
from signing.errors import MalformedTrustListError
from signing.root_signatures import RootSignature, assemble, key_id
from signing.trust_list import (
    TrustListContent,
    build_tbs,
    read_trust_list,
    signatures_holding,
)
from signing.trust_root import (
    RootKey,
    SignedTrustRoot,
    TrustRoot,
    build_root_tbs,
    follows,
    is_self_signed,
    read_trust_root,
)

ROOT_LABEL = "trust-root/"
"""The labels of root keys begin so; the key's name in the root follows."""


@dataclass(frozen=True, slots=True)
class RootHolder:
    """One who signs: the name of the key, its public point, and what signs with it."""

    name: str
    public_point: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature was put on, ``what`` "root" or "list", and how it stands now.

    ``number`` is the version or sequence; ``holding`` of ``needed`` signatures hold.
    """

    what: str
    number: int
    holding: int
    needed: int
    is_published: bool


class OwnTrustList:
    """Makes our root and list within one writing session."""

    def __init__(self, session: Writing, region: str, actor: str) -> None:
        """Take the session, our region's code, and who does it ("operator:…")."""
        self._session = session
        self._lists = TrustListWriter(session)
        self._region = region
        self._actor = actor

    def draft_root(
        self, keys: tuple[RootKey, ...], threshold: int, lifetime: timedelta, at: datetime
    ) -> TrustRoot:
        """Draft the first version of the root, or the next one, with these keys.

        Raises:
            OwnTrustListError: "form", with what is wrong.
        """
        held = self._lists.newest_root(self._region)
        version = 1 if held is None else held.root.version + 1
        root = TrustRoot(self._region, version, threshold, keys, at, at + lifetime)
        try:
            signed = read_trust_root(assemble(build_root_tbs(root), ()))
        except MalformedTrustListError as error:
            raise OwnTrustListError("form", error.code) from error
        self._lists.add_root(signed, ListState.DRAFT, at)
        self._record("trust-root.drafted", {"version": str(version)}, at)
        return root

    def draft_list(self, url: str, lifetime: timedelta, at: datetime) -> KeptList:
        """Draft the next list from what we stand for now.

        Args:
            url: where this region is reached.

        Raises:
            OwnTrustListError: "no-root", or "form": an entry that no list may have.
        """
        root, last = self._lists.newest_root(self._region), self._lists.newest(self._region)
        if root is None:
            raise OwnTrustListError("no-root")
        entries = LiveEntries(self._session, self._region).all()
        told = () if last is None else last.trust_list.content.entries
        content = TrustListContent(
            region=self._region,
            sequence=1 if last is None else last.sequence + 1,
            issued_at=at,
            next_update=at + lifetime,
            root_version=root.root.version,
            root_sm3=root.sm3,
            entries=with_history(entries, told, at),
            service_urls=(url,),
        )
        return self._keep_draft(content, at)

    def _keep_draft(self, content: TrustListContent, at: datetime) -> KeptList:
        try:
            draft = read_trust_list(assemble(build_tbs(content), ()))
        except MalformedTrustListError as error:
            raise OwnTrustListError("form", f"{error.code} {error.detail}") from error
        self._lists.add_list(draft, ListState.DRAFT, at)
        details = {"sequence": str(content.sequence), "sm3": draft.sm3.hex()}
        self._record("trust-list.drafted", details, at)
        kept = self._lists.pending(self._region, ListState.DRAFT)
        if kept is None:
            raise OwnTrustListError("no-draft")
        return kept

    def sign(self, holder: RootHolder, at: datetime) -> Signed:
        """Add one signature to the root's draft, or if there is none to the list's.

        Raises:
            OwnTrustListError: "no-draft", or "key-not-in-root".
        """
        root = self._lists.pending_root(self._region, ListState.DRAFT)
        signed = self._sign_list(holder, at) if root is None else self._sign_root(root, holder, at)
        details = {"key": holder.name, "number": str(signed.number)}
        self._record(f"trust-{signed.what}.signed", details, at)
        return signed

    def _sign_root(self, draft: SignedTrustRoot, holder: RootHolder, at: datetime) -> Signed:
        held = self._lists.newest_root(self._region)
        keys = (*draft.root.keys, *(() if held is None else held.root.keys))
        der = _with_signature(draft.tbs, draft.signatures, holder, keys)
        signed = read_trust_root(der)
        done = is_self_signed(signed) if held is None else follows(signed, held.root)
        self._lists.add_root(signed, ListState.ACCEPTED if done else ListState.DRAFT, at)
        count, needed = len(signed.signatures), signed.root.threshold
        return Signed("root", signed.root.version, count, needed, done)

    def _sign_list(self, holder: RootHolder, at: datetime) -> Signed:
        draft = self._lists.pending(self._region, ListState.DRAFT)
        root = self._lists.newest_root(self._region)
        if draft is None or root is None:
            raise OwnTrustListError("no-draft")
        found = draft.trust_list
        if found.content.root_sm3 != root.sm3:
            raise OwnTrustListError("no-draft", "root-rolled")
        der = _with_signature(found.tbs, found.signatures, holder, root.root.keys)
        self._lists.sign(draft, der)
        holding = signatures_holding(read_trust_list(der), root.root)
        done = holding >= root.root.threshold
        if done:
            self._publish(der, at)
        return Signed("list", draft.sequence, holding, root.root.threshold, done)

    def _publish(self, der: bytes, at: datetime) -> None:
        kept = self._lists.pending(self._region, ListState.DRAFT)
        if kept is None:
            raise OwnTrustListError("no-draft")
        self._lists.accept(kept, at)
        sighting = Sighting(self._region, kept.sequence, read_trust_list(der).sm3)
        Sightings(self._session).record(sighting, self._region, at)
        details = {"sequence": str(kept.sequence), "sm3": kept.sm3.hex()}
        self._record("trust-list.published", details, at)

    def _record(self, action: str, details: dict[str, str], at: datetime) -> None:
        act = Act(self._actor, action, f"region:{self._region}", details, at)
        AuditWriter(self._session).append(act)


def _with_signature(
    tbs: bytes,
    signatures: tuple[RootSignature, ...],
    holder: RootHolder,
    keys: tuple[RootKey, ...],
) -> bytes:
    if holder.public_point not in {key.public_point for key in keys}:
        raise OwnTrustListError("key-not-in-root", holder.name)
    added = RootSignature(key_id(holder.public_point), holder.sign(tbs))
    return assemble(tbs, (*signatures, added))
