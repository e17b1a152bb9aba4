"""Partners' trust lists: what is taken, and what is refused with which reason and alarm."""

from dataclasses import replace
from datetime import timedelta

import pytest
from trust_lists import (
    AUTHORITY_CODE,
    ISSUED,
    RootHolders,
    authority_entry,
    content_of,
    root_of,
    signed,
)

from license_vault.audit import AuditTrail
from license_vault.database.sessions import Database
from license_vault.partners.partners import Partners
from license_vault.trust.alarms import Alarms
from license_vault.trust.approving import Approver, TrustApprovals
from license_vault.trust.errors import TrustListRefusedError
from license_vault.trust.kept_lists import ListState, TrustLists
from license_vault.trust.partner_lists import Outcome, PartnerLists
from license_vault.trust.sightings import Sighting, Sightings
from signing.trust_list import build_tbs, read_trust_list

A, B, C = "310000", "320000", "330000"
_DAY = timedelta(days=1)
NOW = ISSUED + timedelta(days=20)
HOLDERS = root_of(A)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def accepted(database: Database) -> Database:
    """B, which two people made accept A's list 3."""
    accept(database, HOLDERS, content_of(A, 3))
    return database


def propose(database: Database, holders: RootHolders, content) -> bytes:
    der = holders.list_der(content)
    found = (der, holders.root_der())
    with database.writing() as session:
        PartnerLists(session).propose(content.region, found, "https://a.example", NOW)
    return read_trust_list(der).sm3


def approve(database: Database, fingerprint: str, person: str, region: str = A):
    approvals = TrustApprovals(database, lambda: NOW)
    return approvals.approve(region, fingerprint, Approver(person, "operator:tests"))


def accept(database: Database, holders: RootHolders, content) -> None:
    fingerprint = propose(database, holders, content).hex()
    for person in ("zhang", "li"):
        approve(database, fingerprint, person, content.region)


def receive(database: Database, der: bytes, region: str = A, by: str | None = None, at=NOW):
    with database.writing() as session:
        return PartnerLists(session).receive(region, der, at, by)


def in_use(database: Database, region: str = A) -> int | None:
    with database.reading() as session:
        held = TrustLists(session).newest(region)
    return None if held is None else held.sequence


def alarms(database: Database, region: str = A) -> list[tuple[str, int]]:
    with database.reading() as session:
        return [(alarm.refusal.reason, alarm.times) for alarm in Alarms(session).of(region)]


def test_a_first_list_counts_when_two_people_typed_its_fingerprint(database: Database) -> None:
    fingerprint = propose(database, HOLDERS, content_of(A, 3)).hex().upper()
    spaced = " ".join(fingerprint[n : n + 4] for n in range(0, 64, 4))
    assert in_use(database) is None
    assert not approve(database, spaced, "zhang").is_done
    assert not approve(database, spaced, "zhang").is_done, "one person is one, however often"
    assert in_use(database) is None
    done = approve(database, fingerprint, "li")
    assert done.persons == ("zhang", "li")
    assert approve(database, fingerprint, "li") == done, "asked again, said again"
    assert in_use(database) == 3
    with database.reading() as session:
        partner = Partners(session).get(A)
        told = [entry.act.action for entry in AuditTrail(session).entries()]
    assert partner.url == "https://a.example"
    assert told.count("trust-list.accept") == 3
    assert told.count("trust-list.accepted") == 1


def test_a_fingerprint_that_is_not_the_letters_is_refused_and_an_alarm(database: Database) -> None:
    propose(database, HOLDERS, content_of(A, 3))
    for typed, reason in (("00" * 32, "fingerprint-wrong"), ("abc", "fingerprint-form")):
        with pytest.raises(TrustListRefusedError) as caught:
            approve(database, typed, "zhang")
        assert caught.value.reason == reason
    assert sorted(alarms(database)) == [("fingerprint-form", 1), ("fingerprint-wrong", 1)]
    assert in_use(database) is None


def test_a_list_whose_root_is_another_has_another_fingerprint() -> None:
    """Whoever puts own keys under the same words changes what the letter prints."""
    forger = root_of(A)
    content = content_of(A, 3)
    mine, theirs = HOLDERS.list_der(content), forger.list_der(content)
    assert read_trust_list(mine).sm3 != read_trust_list(theirs).sm3


def test_a_candidate_that_does_not_hold_together_is_none(database: Database) -> None:
    forger = root_of(A)
    for found, reason in (
        ((HOLDERS.list_der(content_of(A)), forger.root_der()), "root-unknown"),
        ((HOLDERS.list_der(content_of(A), HOLDERS.keys[0]), HOLDERS.root_der()), TOO_FEW),
        ((HOLDERS.list_der(content_of(A)), HOLDERS.root_der(HOLDERS.keys[0])), TOO_FEW),
        ((b"?", HOLDERS.root_der()), "malformed"),
    ):
        with (
            database.writing() as session,
            pytest.raises(TrustListRefusedError) as caught,
        ):
            PartnerLists(session).propose(A, found, "https://a.example", NOW)
        assert caught.value.reason == reason


TOO_FEW = "too-few-signatures"


def test_the_next_list_is_taken_and_moves_the_partner(accepted: Database) -> None:
    content = replace(content_of(A, 4), service_urls=("https://new.example",))
    assert receive(accepted, HOLDERS.list_der(content)).outcome is Outcome.ACCEPTED
    assert receive(accepted, HOLDERS.list_der(content)).outcome is Outcome.SAME
    assert in_use(accepted) == 4
    with accepted.reading() as session:
        assert "https://new.example" in Partners(session).get(A).urls
        assert TrustLists(session).at(A, ISSUED + 3 * _DAY).sequence == 3
        assert TrustLists(session).of_sequence(A, 3) is not None, "kept for ever"


def _poisoned() -> bytes:
    """A list in which one byte of an entry was changed after it was signed."""
    return HOLDERS.list_der(content_of(A, 4)).replace(AUTHORITY_CODE.encode(), b"9" * 18)


_STRANGERS = root_of(A)
REFUSED = {
    "poisoned": (_poisoned(), TOO_FEW),
    "under-signed": (HOLDERS.list_der(content_of(A, 4), HOLDERS.keys[0]), TOO_FEW),
    "one key twice": (
        signed(build_tbs(HOLDERS.named_in(content_of(A, 4))), (HOLDERS.keys[0],) * 2),
        TOO_FEW,
    ),
    "signed by strangers": (
        signed(build_tbs(HOLDERS.named_in(content_of(A, 4))), _STRANGERS.keys),
        TOO_FEW,
    ),
    "of another root": (_STRANGERS.list_der(content_of(A, 4)), "root-unknown"),
    "of a root to come": (HOLDERS.rolled(keep=3).list_der(content_of(A, 4)), "root-not-rolled"),
    "downgraded": (HOLDERS.list_der(content_of(A, 2)), "older"),
    "replayed under a new number": (
        HOLDERS.list_der(replace(content_of(A, 9), issued_at=ISSUED + 2 * _DAY)),
        "older",
    ),
    "expired": (
        HOLDERS.list_der(replace(content_of(A, 4), next_update=NOW - _DAY)),
        "expired",
    ),
    "from the future": (
        HOLDERS.list_der(replace(content_of(A, 4), issued_at=NOW + timedelta(hours=1))),
        "from-the-future",
    ),
    "of another region": (root_of(C).list_der(content_of(C, 4, ())), "other-region"),
    "no list": (b"\x30\x80", "malformed"),
    "cut off": (HOLDERS.list_der(content_of(A, 4))[:-1], "malformed"),
    "two of one number": (HOLDERS.list_der(content_of(A, 3, ())), "split"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_right_is_refused_alarmed_and_the_old_list_stays(
    accepted: Database, name: str
) -> None:
    der, reason = REFUSED[name]
    for _ in range(2):
        received = receive(accepted, der)
        assert (received.outcome, received.reason) == (Outcome.REFUSED, reason)
    assert in_use(accepted) == 3
    assert alarms(accepted)[-1][0] == reason
    assert sum(1 for found, _ in alarms(accepted) if found == reason) == 1, "told once"


def test_the_list_in_use_shown_when_it_has_run_out_is_an_alarm(accepted: Database) -> None:
    der = HOLDERS.list_der(content_of(A, 3))
    with accepted.reading() as session:
        der = TrustLists(session).newest(A).der
    assert receive(accepted, der).outcome is Outcome.SAME
    late = receive(accepted, der, at=NOW + timedelta(days=365))
    assert (late.outcome, late.reason) == (Outcome.REFUSED, "expired")


def test_the_list_of_a_region_nobody_accepted_is_of_no_root(database: Database) -> None:
    assert receive(database, HOLDERS.list_der(content_of(A))).reason == "root-unknown"


def test_no_region_may_claim_an_authority_of_another(accepted: Database) -> None:
    others = root_of(C)
    accept(accepted, others, content_of(C, 1, ()))
    claiming = content_of(C, 2, (authority_entry(region="330100"),))
    received = receive(accepted, others.list_der(claiming), C)
    assert received.reason == "foreign-authority"
    assert in_use(accepted, C) == 1


# --- roots that roll -----------------------------------------------------------------------


def receive_root(database: Database, der: bytes):
    with database.writing() as session:
        return PartnerLists(session).receive_root(A, der, NOW)


def test_a_root_that_rolls_with_overlap_is_followed(accepted: Database) -> None:
    rolled = HOLDERS.rolled(keep=1)
    der = rolled.root_der(*HOLDERS.keys[:2], *rolled.keys[1:])
    assert receive_root(accepted, der).outcome is Outcome.ACCEPTED
    assert receive_root(accepted, der).outcome is Outcome.SAME
    assert receive(accepted, HOLDERS.list_der(content_of(A, 4))).reason == "root-not-rolled"
    assert receive(accepted, rolled.list_der(content_of(A, 4))).outcome is Outcome.ACCEPTED


def test_a_root_that_rolls_without_overlap_is_refused(accepted: Database) -> None:
    rolled = HOLDERS.rolled(keep=1)
    received = receive_root(accepted, rolled.root_der(*rolled.keys))
    assert (received.outcome, received.reason) == (Outcome.REFUSED, "root-not-rolled")
    assert receive(accepted, rolled.list_der(content_of(A, 4))).reason == "root-not-rolled"
    assert in_use(accepted) == 3


def test_another_root_of_the_same_version_is_a_split_and_an_old_one_older(
    accepted: Database,
) -> None:
    assert receive_root(accepted, _STRANGERS.root_der()).reason == "split"
    rolled = HOLDERS.rolled(keep=3)
    assert receive_root(accepted, rolled.root_der()).outcome is Outcome.ACCEPTED
    assert receive_root(accepted, HOLDERS.root_der()).reason == "older"
    assert receive_root(accepted, root_of(C).root_der()).reason == "other-region"
    assert receive_root(accepted, b"").reason == "malformed"


def test_lists_of_a_root_that_has_run_out_are_refused(database: Database) -> None:
    short = replace(HOLDERS, root=replace(HOLDERS.root, expires_at=NOW + _DAY))
    accept(database, short, content_of(A, 3))
    received = receive(database, short.list_der(content_of(A, 4)), at=NOW + 2 * _DAY)
    assert received.reason == "root-expired"


# --- splits --------------------------------------------------------------------------------


def split(database: Database) -> bytes:
    """C shows B another list 3 of A than A showed."""
    other = read_trust_list(HOLDERS.list_der(content_of(A, 3, ()))).sm3
    with database.writing() as session:
        told = (Sighting(A, 3, other), Sighting("990000", 1, bytes(32)))
        found = Sightings(session).compare(told, C, NOW)
    assert [(entry.region, entry.sequence) for entry in found] == [(A, 3)]
    assert {by for _, by in found[0].shown} == {A, C}, "the alarm names who showed what"
    return other


def test_what_others_saw_differently_stops_new_lists_until_two_people_settle_it(
    accepted: Database,
) -> None:
    split(accepted)
    assert receive(accepted, HOLDERS.list_der(content_of(A, 4))).reason == "split"
    assert in_use(accepted) == 3
    with accepted.reading() as session:
        right = TrustLists(session).newest(A).sm3.hex()
    approvals = TrustApprovals(accepted, lambda: NOW)
    with pytest.raises(TrustListRefusedError, match="fingerprint-wrong"):
        approvals.resolve(A, "00" * 32, Approver("zhang", "operator:tests"))
    for person in ("zhang", "li"):
        approvals.resolve(A, right, Approver(person, "operator:tests"))
    assert receive(accepted, HOLDERS.list_der(content_of(A, 4))).outcome is Outcome.ACCEPTED
    assert approvals.resolve(A, right, Approver("zhang", "operator:tests")).is_done, "asked again"
    with pytest.raises(TrustListRefusedError, match="no-split"):
        approvals.resolve(A, right, Approver("wang", "operator:tests"))


def test_settled_against_our_list_it_counts_no_more(accepted: Database) -> None:
    other = split(accepted)
    approvals = TrustApprovals(accepted, lambda: NOW)
    for person in ("zhang", "li"):
        approvals.resolve(A, other.hex(), Approver(person, "operator:tests"))
    assert in_use(accepted) is None
    assert receive(accepted, HOLDERS.list_der(content_of(A, 3, ()))).outcome is Outcome.ACCEPTED


def test_who_shows_many_digests_fills_no_table(accepted: Database) -> None:
    with accepted.writing() as session:
        sightings = Sightings(session)
        told = [Sighting(A, 3, bytes([n]) * 32) for n in range(50)]
        sightings.compare([*told, Sighting(A, 10_000, bytes(32))], C, NOW)
        assert len(sightings.known()) == 3


def test_a_candidate_is_dropped_by_the_next_one(database: Database) -> None:
    first = propose(database, HOLDERS, content_of(A, 3)).hex()
    propose(database, HOLDERS, content_of(A, 4))
    with pytest.raises(TrustListRefusedError, match="fingerprint-wrong"):
        approve(database, first, "zhang")
    with database.reading() as session:
        assert TrustLists(session).pending(A, ListState.CANDIDATE).sequence == 4
