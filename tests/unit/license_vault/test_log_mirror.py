"""The mirror of a partner's log: takes what is consistent, keeps what contradicts as evidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from issue_logs import BEGUN, MadeLog, contents, library, signed_checkpoint, signer
from pki import Pki

from license_vault.database.sessions import Database
from license_vault.issue_log.checkpoints import Checkpoints
from license_vault.issue_log.countersigning import Countersigner
from license_vault.issue_log.mirror import LogMirror
from license_vault.library_signature import LibrarySigner
from signing.issue_log import Checkpoint, build_checkpoint, read_checkpoint, read_countersignature
from signing.merkle import root

LOG = MadeLog(contents(700))
OTHER = MadeLog((*contents(300), *contents(400, 5000)))
SIGNERS = (library().system,)


def at(minutes: float) -> datetime:
    return BEGUN + timedelta(minutes=minutes)


class Partner:
    """What a node has of region 310000, and how often it fetched."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.mirror = LogMirror(database, "310000")
        self.fetched: list[int] = []

    def tile(self, log: MadeLog) -> Callable[[int, int], bytes]:
        def fetch(level: int, number: int) -> bytes:
            self.fetched.append(number)
            return log.tile(level, number)

        return fetch

    def take(self, checkpoint: Checkpoint, log: MadeLog = LOG, now: float = 60) -> str:
        """Advance; return the outcome, and the reason where there is one."""
        found = self.mirror.advance(checkpoint.signed.der, self.tile(log), SIGNERS, at(now))
        return " ".join(filter(None, (found.outcome, found.reason)))

    def alarms(self) -> list[str]:
        with self.database.reading() as session:
            return [alarm.reason for alarm in Checkpoints(session, "310000").alarms()]


@pytest.fixture
def partner(sqlite_database: Database) -> Partner:
    return Partner(sqlite_database)


def test_a_mirror_fetches_only_what_is_new_and_knows_when_it_came(partner: Partner) -> None:
    assert partner.mirror.standing_of(LOG.entries[0]) is None
    assert partner.take(LOG.checkpoint(0, at(0))) == "advanced"
    assert partner.take(LOG.checkpoint(300, at(1))) == "advanced"
    assert partner.fetched == [0, 1]
    assert partner.take(LOG.checkpoint(300, at(2))) == "renewed"
    assert partner.take(LOG.checkpoint(300, at(2))) == "unchanged"
    assert partner.take(LOG.checkpoint(650, at(3), 300)) == "advanced"
    assert partner.fetched == [0, 1, 1, 2]
    assert partner.take(LOG.checkpoint(300, at(2))) == "older"
    assert partner.alarms() == []
    first = partner.mirror.standing_of(LOG.entries[0])
    late = partner.mirror.standing_of(LOG.entries[640])
    missing = partner.mirror.standing_of(LOG.entries[699])
    assert first is not None
    assert late is not None
    assert missing is not None
    assert (first.first_size, first.first_time, first.before_time) == (300, at(1), at(0))
    assert (late.first_size, late.first_time, late.before_time) == (650, at(3), at(2))
    assert (missing.first_size, missing.size, missing.newest_time) == (None, 650, at(3))
    assert late.root == root(LOG.nodes, 650)


def test_a_split_log_is_refused_kept_as_evidence_and_told_once(partner: Partner) -> None:
    assert partner.take(LOG.checkpoint(400, at(1))) == "advanced"
    for _ in range(2):
        assert partner.take(OTHER.checkpoint(400, at(2)), OTHER) == "alarmed log-split"
    assert partner.take(OTHER.checkpoint(350, at(1)), OTHER) == "alarmed log-split"
    # With new leaves that stand on other ones than were held.
    assert partner.take(OTHER.checkpoint(500, at(3), 400), OTHER) == "alarmed log-split"
    assert partner.take(OTHER.checkpoint(500, at(3)), OTHER) == "alarmed log-split"
    # The tiles of the one log, the checkpoint of the other.
    assert partner.take(OTHER.checkpoint(500, at(3)), LOG) == "alarmed log-root-mismatch"
    unlike = replace(LOG.checkpoint(500, at(3), 450).content, previous_root=bytes(32))
    assert partner.take(signed_checkpoint(unlike, library())) == "alarmed log-split"
    assert partner.take(LOG.checkpoint(500, at(0), 400)) == "alarmed log-times-backwards"
    # What is consistent still goes on.
    assert partner.take(LOG.checkpoint(500, at(4), 400)) == "advanced"
    assert partner.mirror.standing_of(OTHER.entries[399]) is not None
    with partner.database.reading() as session:
        alarms = Checkpoints(session, "310000").alarms()
    # The checkpoint of 500 leaves contradicts once, whichever tiles come with it.
    assert len({alarm.shown for alarm in alarms}) == len(alarms) == 6
    assert read_checkpoint(alarms[0].held).content == LOG.checkpoint(400, at(1)).content


def test_what_is_not_the_regions_own_word_is_refused_without_an_alarm(partner: Partner) -> None:
    good = LOG.checkpoint(3, at(0))
    foreign = MadeLog(LOG.entries[:3], pki=Pki()).checkpoint(3, at(0))
    forged = good.signed.der[:-1] + bytes([good.signed.der[-1] ^ 1])
    ended = LOG.checkpoint(3, at(60 * 24 * 365 * 20))
    tile = partner.tile(LOG)
    cases = (
        ("log-signer-unknown", foreign.signed.der, at(1)),
        ("log-signature-invalid", forged, at(1)),
        ("log-signature-invalid", ended.signed.der, at(60 * 24 * 365 * 20)),
        ("log-from-the-future", good.signed.der, at(-6)),
        ("other-log", MadeLog(LOG.entries, "330000").checkpoint(3, at(0)).signed.der, at(1)),
        ("checkpoint-der-truncated", b"", at(1)),
    )
    for reason, data, now in cases:
        found = partner.mirror.advance(data, tile, SIGNERS, now)
        assert (found.outcome, found.reason, found.taken) == ("refused", reason, False)
    assert partner.take(good, MadeLog(LOG.entries[:2])) == "refused log-tile-short"
    huge = replace(good.content, size=2**32)
    assert partner.take(signed_checkpoint(huge, library())) == "refused log-too-far-ahead"
    assert (partner.alarms(), partner.fetched) == ([], [0])


def test_a_leaf_logged_twice_keeps_its_first_place(partner: Partner) -> None:
    log = MadeLog((*contents(5), *contents(5)))
    assert partner.take(log.checkpoint(5, at(1)), log) == "advanced"
    assert partner.take(log.checkpoint(10, at(2), 5), log) == "advanced"
    found = partner.mirror.standing_of(log.entries[7])
    assert found is not None
    assert found.first_size == 5


def test_a_mirror_countersigns_what_it_took_once(partner: Partner) -> None:
    pki = library()
    own = LibrarySigner(pki.keys, lambda: (pki.system,), pki.timestamper())
    countersigner = Countersigner(partner.database, "320000", own)
    assert partner.take(LOG.checkpoint(9, at(1))) == "advanced"
    made = countersigner.countersign(LOG.checkpoint(9, at(1)).content, at(1))
    assert countersigner.countersign(LOG.checkpoint(9, at(1)).content, at(2)) == made
    said = read_countersignature(made)
    assert said.signed.signature_holds
    assert (said.content.witness, said.content.region, said.content.size) == ("320000", "310000", 9)
    found = partner.mirror.standing_of(LOG.entries[0])
    assert found is not None
    assert found.countersigned_by == ("320000",)


def test_a_checkpoint_may_name_any_root_but_is_taken_with_its_tree_only(partner: Partner) -> None:
    lying = replace(LOG.checkpoint(9, at(1)).content, root=bytes(32))
    data = build_checkpoint(lying, library().system, signer(library().keys))
    found = partner.mirror.advance(data, partner.tile(LOG), SIGNERS, at(1))
    assert (found.outcome, found.reason) == ("alarmed", "log-root-mismatch")
    assert partner.mirror.standing_of(LOG.entries[0]) is None
