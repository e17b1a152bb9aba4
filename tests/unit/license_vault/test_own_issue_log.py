"""Our own log: entered with the intent, placed once, proven; on nodes that race, too."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from issue_logs import contents, countersigned, library, signed_checkpoint
from license_rows import holder_rows, license_row
from pki import NOW
from vault_world import CALLER, World, example

from license_vault.audit import AuditTrail
from license_vault.database.sessions import Database
from license_vault.issue_log.checkpoints import Checkpoints
from license_vault.issue_log.countersigning import OTHER_ROOT, CountersignatureKeeper
from license_vault.issue_log.entries import enter, entry_of
from license_vault.issue_log.errors import (
    CountersignatureRefusedError,
    IssueLogEmptyError,
    NotInCheckpointYetError,
    NotInIssueLogError,
)
from license_vault.issue_log.own_log import IssueLog
from license_vault.library_signature import LibrarySigner
from signing.issue_log import CheckpointContent, leaf_of
from signing.merkle import EMPTY_ROOT, nodes_of, root

REGION = "310000"


def log_of(world: World) -> IssueLog:
    pki = world.pki
    assert pki is not None
    signer = LibrarySigner(world.keys, lambda: (pki.system,), world.timestamper)
    return IssueLog(world.database, REGION, signer, world.clock)


def placed_before(database: Database, count: int) -> tuple[str, ...]:
    """Entries as the migration leaves them: with positions, without tiles."""
    entries = contents(count)
    connection = database.engine.raw_connection()
    rows = connection.driver_connection
    assert rows is not None
    rows.execute("PRAGMA foreign_keys=OFF")
    rows.executemany(
        "INSERT INTO issue_log_entry (license_id, content_id, recorded_at, position)"
        " VALUES (?, ?, '2026-01-01 00:00:00', ?)",
        [(number + 1000, entry, number) for number, entry in enumerate(entries)],
    )
    rows.commit()
    rows.execute("PRAGMA foreign_keys=ON")
    connection.close()
    return entries


def enter_some(world: World, count: int) -> tuple[str, ...]:
    """Entries of licenses that are only rows."""
    ids = contents(count)
    holder_rows(world, ("someone",), world.now)
    for number, content_id in enumerate(ids, start=1):
        record = license_row(world, number, ("someone",), world.now)
        with world.database.writing() as session:
            enter(session, record.row_id, content_id, world.now)
    return ids


def test_an_issued_license_is_entered_and_proven_after_the_next_checkpoint(world: World) -> None:
    log = log_of(world)
    assert log.checkpoint().content.size == 0
    license_ = world.issuance().issue(example(), CALLER, "log").license
    with pytest.raises(NotInCheckpointYetError):
        log.proof_of(license_.content_id)
    waiting = log.standing_of(license_.content_id)
    assert waiting is not None
    assert (waiting.waiting_since, waiting.first_size) == (world.now, None)
    began = world.now
    world.later(minutes=1)
    made = log.checkpoint()
    proof = log.proof_of(license_.content_id)
    assert proof.contradiction() is None
    assert proof.holding.checkpoint == made
    assert proof.before is not None
    assert proof.before.checkpoint.content.issued_at == began
    standing = log.standing_of(license_.content_id)
    assert standing is not None
    assert (standing.first_size, standing.before_time) == (1, began)
    with pytest.raises(NotInIssueLogError):
        log.proof_of("0" * 64)


def test_a_given_up_intent_stays_in_the_log(world: World) -> None:
    failing = world.with_(final_check=_refusing)
    with pytest.raises(RuntimeError):
        failing.issuance().issue(example(), CALLER, "refused")
    assert log_of(world).checkpoint().content.size == 1


def _refusing(_form: str, _data: bytes) -> tuple[()]:
    raise RuntimeError


def test_what_was_issued_before_the_log_stands_at_its_beginning(world: World) -> None:
    entries = placed_before(world.database, 700)
    log = log_of(world)
    first = log.checkpoint()
    whole = nodes_of([leaf_of(entry) for entry in entries])
    assert (first.content.size, first.content.root) == (700, root(whole, 700))
    assert first.content.previous_root == EMPTY_ROOT
    assert len(log.tile(0, 0)) == 256 * 32
    assert len(log.tile(0, 2)) == 188 * 32
    assert log.tile(8, 0) == whole(8, 0) + whole(8, 1)
    for index in (0, 255, 256, 511, 512, 699):
        proof = log.proof_of(entries[index])
        assert (proof.index, proof.before, proof.contradiction()) == (index, None, None)
    standing = log.standing_of(entries[3])
    assert standing is not None
    assert standing.before_time is None


def test_a_log_without_anything_has_nothing_to_give(world: World) -> None:
    log = log_of(world)
    assert log.standing_of("0" * 64) is None
    for ask in (log.newest, lambda: log.checkpoint_of(3), lambda: log.tile(0, 0)):
        with pytest.raises(IssueLogEmptyError):
            ask()


def test_the_last_checkpoint_of_a_size_is_renewed_and_the_first_kept(world: World) -> None:
    log = log_of(world)
    enter_some(world, 2)
    first = log.checkpoint()
    world.later(seconds=60)
    renewed = log.checkpoint()
    assert renewed.content.size == first.content.size
    assert renewed.content.issued_at == world.now
    assert log.newest().checkpoint == renewed
    assert log.checkpoint_of(2).checkpoint == first
    world.later(seconds=-3600)
    assert log.checkpoint().content.issued_at == renewed.content.issued_at


def test_nodes_that_race_give_every_entry_one_place(either_world: World) -> None:
    ids = enter_some(either_world, 12)
    log = log_of(either_world)
    with ThreadPoolExecutor(4) as pool:
        made = [done.result() for done in [pool.submit(log.checkpoint) for _ in range(8)]]
    assert {checkpoint.content.size for checkpoint in made} == {12}
    assert len({checkpoint.content.root for checkpoint in made}) == 1
    with either_world.database.reading() as session:
        placed = [entry_of(session, content_id) for content_id in ids]
    assert sorted(entry.position for entry in placed if entry) == list(range(12))
    assert all(log.proof_of(content_id).contradiction() is None for content_id in ids)


# --- countersignatures -----------------------------------------------------------------------


def test_a_countersignature_is_kept_once_and_travels_with_proofs(world: World) -> None:
    log = log_of(world)
    (content_id,) = enter_some(world, 1)
    made = log.checkpoint()
    keeper = CountersignatureKeeper(world.database, REGION, _certificates)
    data = countersigned(made, "320000", world.now, library()).signed.der
    keeper.receive(data, world.now)
    keeper.receive(data, world.now)
    proof = log.proof_of(content_id)
    assert [entry.content.witness for entry in proof.holding.countersignatures] == ["320000"]
    standing = log.standing_of(content_id)
    assert standing is not None
    assert standing.countersigned_by == ("320000",)
    with world.database.reading() as session:
        acts = AuditTrail(session).of_subject(f"issue-log:{REGION}")
    assert [act.act.actor for act in acts] == ["region:320000"]


def _certificates(region: str) -> tuple[bytes, ...]:
    return (library().system,) if region in ("320000", REGION) else ()


def _of(region: str, size: int, root_: bytes) -> bytes:
    """A countersignature by 320000 of a log that may never have been."""
    seen = CheckpointContent(region, size, root_, NOW)
    return countersigned(signed_checkpoint(seen, library()), "320000", NOW, library()).signed.der


def test_other_countersignatures_are_refused_by_name(world: World) -> None:
    log = log_of(world)
    enter_some(world, 1)
    made = log.checkpoint()
    genuine = countersigned(made, "320000", NOW, library()).signed.der
    late = countersigned(made, "320000", NOW + timedelta(hours=1), library()).signed.der
    cases = (
        ("issue-log-version", made.signed.der),
        ("other-log", _of("330000", 1, made.content.root)),
        ("own-witness", countersigned(made, REGION, NOW, library()).signed.der),
        ("signer-unknown", countersigned(made, "330000", NOW, library()).signed.der),
        ("signature-invalid", genuine[:-1] + bytes([genuine[-1] ^ 1])),
        ("from-the-future", late),
        ("no-such-checkpoint", _of(REGION, 7, made.content.root)),
        (OTHER_ROOT, _of(REGION, 1, bytes(32))),
    )
    keeper = CountersignatureKeeper(world.database, REGION, _certificates)
    for reason, data in cases:
        with pytest.raises(CountersignatureRefusedError) as refused:
            keeper.receive(data, NOW)
        assert refused.value.reason == reason
    with world.database.reading() as session:
        alarms = Checkpoints(session, REGION).alarms()
    assert [alarm.reason for alarm in alarms] == [OTHER_ROOT]
    assert alarms[0].held == made.signed.der
