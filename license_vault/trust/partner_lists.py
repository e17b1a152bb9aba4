"""Lists and roots that partner regions publish: taken only when everything about them holds.

A list replaces the one before only if it is newer, in time, signed by enough keys of a root that
was followed version by version from the one two people accepted, shown alike to everybody, and
claims nothing that is another region's. Whatever is refused is an alarm with its reason; the list
in use stays in use.

Source: ADR 0048; The Update Framework specification, 5.3 (roots), 5.4 (rollback, freeze).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keys.sm3 import sm3
from license_vault.database.sessions import Writing
from license_vault.partners.partners import PartnerWriter
from license_vault.trust.alarms import AlarmWriter, Refusal
from license_vault.trust.errors import TrustListRefusedError
from license_vault.trust.foreign_claims import foreign_claim
from license_vault.trust.kept_lists import KeptList, ListState, TrustListWriter
from license_vault.trust.national_roots import NationalRoots
from license_vault.trust.sightings import SPLIT, Sighting, Sightings
from signing.errors import MalformedTrustListError
from signing.trust_list import TrustList, read_trust_list, signatures_holding
from signing.trust_root import (
    SignedTrustRoot,
    TrustRoot,
    follows,
    is_self_signed,
    read_trust_root,
)

CLOCK_TOLERANCE = timedelta(minutes=5)
MALFORMED, OTHER_REGION, OLDER, EXPIRED = "malformed", "other-region", "older", "expired"
FROM_THE_FUTURE, TOO_FEW = "from-the-future", "too-few-signatures"
ROOT_UNKNOWN, ROOT_NOT_ROLLED, ROOT_EXPIRED = "root-unknown", "root-not-rolled", "root-expired"


class Outcome(StrEnum):
    """What became of a list or root that was shown to us."""

    ACCEPTED = "accepted"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it, and the reason of a refusal."""

    outcome: Outcome
    reason: str = ""


_SAME = Received(Outcome.SAME)
_ACCEPTED = Received(Outcome.ACCEPTED)


class PartnerLists:
    """Takes partners' lists and roots, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        self._session = session
        self._lists = TrustListWriter(session)
        self._alarms = AlarmWriter(session)

    def receive(
        self, region: str, der: bytes, at: datetime, shown_by: str | None = None
    ) -> Received:
        """Take a list as fetched.

        Args:
            shown_by: the region that it came from, if not its own.
        """
        by = shown_by or region
        try:
            found = read_trust_list(der)
        except MalformedTrustListError:
            return self._refuse(Refusal(region, MALFORMED, b"", by), at)
        held = self._lists.newest(region)
        if held is not None and held.der == der:
            return self._seen_again(found, by, at)
        reason = self._reason(region, found, held, at)
        if not reason:
            split = Sightings(self._session).record(_sighting(found), by, at)
            is_split = split is not None or _is_split(found, held)
            reason = SPLIT if is_split or self._has_split(region) else ""
        if reason:
            return self._refuse(Refusal(region, reason, found.sm3, by), at)
        if held is not None and held.sm3 == found.sm3:
            return _SAME  # the same list with other signatures that suffice, too
        self._lists.add_list(found, ListState.ACCEPTED, at)
        PartnerWriter(self._session).move(region, found.content.service_urls, at)
        return _ACCEPTED

    def receive_root(self, region: str, der: bytes, at: datetime) -> Received:
        """Take the next version of a root, signed by enough of its own and of the last one's."""
        try:
            found = read_trust_root(der)
        except MalformedTrustListError:
            return self._refuse(Refusal(region, MALFORMED, b"", region), at)
        held = self._lists.newest_root(region)
        if held is not None and held.sm3 == found.sm3:
            return _SAME
        reason = _root_reason(region, found, held, at)
        if reason:
            return self._refuse(Refusal(region, reason, found.sm3, region), at)
        self._lists.add_root(found, ListState.ACCEPTED, at)
        return _ACCEPTED

    def propose(self, region: str, found: tuple[bytes, bytes], url: str, at: datetime) -> KeptList:
        """Keep a first list and its root (DER) as candidates; they have no effect yet.

        Raises:
            TrustListRefusedError: the two do not even hold together; an alarm is for the caller.
        """
        try:
            trust_list, root = read_trust_list(found[0]), read_trust_root(found[1])
        except MalformedTrustListError as error:
            raise TrustListRefusedError(region, MALFORMED) from error
        reason = _candidate_reason(region, trust_list, root, at)
        if reason:
            raise TrustListRefusedError(region, reason)
        self._lists.add_root(root, ListState.CANDIDATE, at)
        self._lists.add_list(trust_list, ListState.CANDIDATE, at, url)
        kept = self._lists.pending(region, ListState.CANDIDATE)
        if kept is None:
            raise TrustListRefusedError(region, MALFORMED)
        return kept

    def _reason(
        self, region: str, found: TrustList, held: KeptList | None, at: datetime
    ) -> str | None:
        """Return why a list cannot be taken, leaving splits aside; nothing if it can."""
        content = found.content
        if content.region != region:
            return OTHER_REGION
        if held is not None and content.sequence < held.sequence:
            return OLDER
        root = self._lists.newest_root(region)
        if reason := _signing_reason(found, root, at) or _time_reason(found, at):
            return reason
        # A higher number on a list of before is an old list numbered anew.
        if held is not None and content.issued_at < held.issued_at:
            return OLDER
        return self._claims_reason(found)

    def _claims_reason(self, found: TrustList) -> str | None:
        return foreign_claim(self._session, found) or NationalRoots(self._session).problem_of(found)

    def _seen_again(self, found: TrustList, by: str, at: datetime) -> Received:
        """The list in use is shown again: still good to use, perhaps not for long."""
        Sightings(self._session).record(_sighting(found), by, at)
        if at > found.content.next_update:
            return self._refuse(Refusal(found.region, EXPIRED, found.sm3, by), at)
        return _SAME

    def _has_split(self, region: str) -> bool:
        return Sightings(self._session).split_of(region) is not None

    def _refuse(self, refusal: Refusal, at: datetime) -> Received:
        self._alarms.raise_(refusal, at)
        return Received(Outcome.REFUSED, refusal.reason)


def _sighting(found: TrustList) -> Sighting:
    return Sighting(found.region, found.sequence, found.sm3)


def _is_split(found: TrustList, held: KeptList | None) -> bool:
    return held is not None and held.sequence == found.sequence and held.sm3 != found.sm3


def _signing_reason(found: TrustList, root: SignedTrustRoot | None, at: datetime) -> str | None:
    content = found.content
    if root is None:
        return ROOT_UNKNOWN
    if content.root_version != root.root.version:
        return ROOT_NOT_ROLLED
    if content.root_sm3 != root.sm3:
        return ROOT_UNKNOWN
    if at > root.root.expires_at:
        return ROOT_EXPIRED
    return None if _is_signed(found, root.root) else TOO_FEW


def _is_signed(found: TrustList, root: TrustRoot) -> bool:
    return signatures_holding(found, root) >= root.threshold


def _time_reason(found: TrustList, at: datetime) -> str | None:
    if found.content.issued_at > at + CLOCK_TOLERANCE:
        return FROM_THE_FUTURE
    return EXPIRED if at > found.content.next_update else None


def _candidate_reason(
    region: str, found: TrustList, root: SignedTrustRoot, at: datetime
) -> str | None:
    if found.region != region or root.root.region != region:
        return OTHER_REGION
    if not is_self_signed(root):
        return TOO_FEW
    return _signing_reason(found, root, at) or _time_reason(found, at)


def _root_reason(
    region: str, found: SignedTrustRoot, held: SignedTrustRoot | None, at: datetime
) -> str | None:
    if found.root.region != region:
        return OTHER_REGION
    if held is None:
        return ROOT_UNKNOWN
    if found.root.version <= held.root.version:
        return OLDER if found.root.version < held.root.version else SPLIT
    if found.root.issued_at > at + CLOCK_TOLERANCE:
        return FROM_THE_FUTURE
    return None if follows(found, held.root) else ROOT_NOT_ROLLED


def fingerprint_of(text: str) -> bytes | None:
    """Return the digest in a fingerprint as people type it: hex, any case, spaces or colons."""
    digits = "".join(text.split()).replace(":", "").replace("-", "").lower()
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        return None
    return found if len(found) == len(sm3(b"")) else None
