"""Entries of our own list: their histories, their marks of national roots, what differs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pki import NOW, Pki
from trust_lists import ISSUED, authority_entry, content_of, root_of

from license_vault.database.sessions import Database
from license_vault.trust.errors import TrustMaterialInvalidError
from license_vault.trust.list_changes import changes_between
from license_vault.trust.live_entries import LiveEntries, _history, with_history
from license_vault.trust.national_roots import NationalRoots, NationalRootWriter
from license_vault.trust.publication import TrustMaterialWriter
from signing.trust_list import (
    ANCHOR,
    INTERMEDIATE,
    TRUSTED,
    WITHDRAWN,
    Standing,
    TrustedEntry,
    read_trust_list,
)

DAY = timedelta(days=1)
HOLDERS = root_of(holders=1, threshold=1)


def day(number: int):
    return ISSUED + number * DAY


def withdrawn(number: int, why: str = "grant-withdrawn") -> Standing:
    return Standing(WITHDRAWN, day(number), why)


def trusted(number: int) -> Standing:
    return Standing(TRUSTED, day(number))


@pytest.mark.parametrize(
    ("periods", "history"),
    [
        ([(1, None)], (trusted(1),)),
        ([(1, 3)], (trusted(1), withdrawn(3))),
        ([(1, None), (2, 3)], (trusted(1),)),
        ([(1, 5), (2, None)], (trusted(1),)),
        ([(1, 5), (2, 3)], (trusted(1), withdrawn(5))),
        ([(1, 2), (4, 6)], (trusted(1), withdrawn(2), trusted(4), withdrawn(6))),
        ([(1, 2), (2, 6)], (trusted(1), withdrawn(6))),
        ([(3, 3)], (trusted(3), withdrawn(3))),
    ],
)
def test_grants_that_overlap_make_one_history(periods, history) -> None:
    found = [(day(since), None if until is None else day(until)) for since, until in periods]
    assert _history(found) == history


def test_what_a_list_told_stays_told() -> None:
    entry = authority_entry()
    told = replace(entry, history=(trusted(0), withdrawn(5)))
    again = with_history((replace(entry, history=(trusted(0),)),), (told,), day(9))
    assert again[0].history == (trusted(0), withdrawn(5), trusted(9))
    gone = replace(entry, history=(trusted(2), withdrawn(1)))
    (kept,) = with_history((gone,), (replace(entry, history=(trusted(3),)),), day(9))
    assert kept.history == (trusted(3), Standing(WITHDRAWN, day(3), "grant-withdrawn"))
    assert with_history((), (told,), day(9)) == (told,), "nothing leaves a list"
    assert with_history((entry,), (), day(9)) == (entry,)


def test_each_difference_between_two_lists_is_told() -> None:
    first, other = authority_entry(), authority_entry("11310101MB2F00018X")
    before = _list(first, other)
    assert [change.what for change in changes_between(None, before)] == ["added", "added"]
    assert changes_between(before, before) == ()
    rewritten = replace(first, history=(Standing(TRUSTED, ISSUED),), name="改名")
    lost = replace(other, history=(*other.history, withdrawn(0)))
    after = _list(rewritten, lost)
    told = [(change.what, change.detail) for change in changes_between(before, after)]
    assert told == [("changed", "history"), ("changed", "name"), ("withdrawn", "grant-withdrawn")]
    assert [change.what for change in changes_between(before, _list(first))] == ["removed"]


def _list(*entries: TrustedEntry):
    return read_trust_list(HOLDERS.list_der(content_of(entries=entries)))


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def test_a_mark_of_a_national_root_must_hold_where_a_list_is_taken(database: Database) -> None:
    pki, other = Pki(NOW), Pki(NOW)
    with database.writing() as session:
        material = TrustMaterialWriter(session)
        material.add_anchor(pki.root, ("seal",), NOW)
        material.add_intermediate(pki.seal_ca, NOW)
        material.add_signer(pki.maker, "seal-maker", NOW)
        unmarked = LiveEntries(session, "310000").all()
        assert not any(entry.national_root for entry in unmarked)
        national = NationalRootWriter(session)
        assert national.add(pki.root, NOW)
        assert not national.add(pki.root, NOW)
        marked = LiveEntries(session, "310000").all()
    assert {entry.kind for entry in marked if entry.national_root} >= {ANCHOR, "seal-maker"}
    found = _list(*marked)
    with database.writing() as session:
        assert NationalRoots(session).problem_of(found) is None
        foreign = replace(marked[0], certificate=other.root)
        assert NationalRoots(session).problem_of(_list(foreign)) == "national-chain-broken"
        unknown = replace(marked[0], national_root=bytes(32))
        assert NationalRoots(session).problem_of(_list(unknown)) == "national-root-unknown"
        unlinked = [entry for entry in marked if entry.kind not in (ANCHOR, INTERMEDIATE)]
        assert NationalRoots(session).problem_of(_list(*unlinked)) == "national-chain-broken"


def test_what_is_no_root_is_no_national_root(database: Database) -> None:
    pki = Pki(NOW)
    with database.writing() as session:
        for der, reason in (
            (b"0", "unreadable"),
            (pki.maker, "not-a-ca"),
            (pki.seal_ca, "not-self-issued"),
        ):
            with pytest.raises(TrustMaterialInvalidError) as caught:
                NationalRootWriter(session).add(der, NOW)
            assert caught.value.reason == reason
