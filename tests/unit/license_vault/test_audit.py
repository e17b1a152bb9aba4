"""The audit chain: what it binds, and that writers queue."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import text

from keys.sm3 import sm3
from license_vault.audit import GENESIS, Act, AuditTrail, AuditWriter, canonical_bytes
from license_vault.database.sessions import Database
from license_vault.errors import AuditHeadMissingError

NOW = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)


def _act(subject: str = "x", **details: str) -> Act:
    return Act("client:one", "license.issued", subject, details, NOW)


def test_canonical_bytes_are_these() -> None:
    assert (
        canonical_bytes(7, _act(b="2", a="一"), bytes(32))
        == (
            '{"action":"license.issued","actor":"client:one","details":{"a":"一","b":"2"},'
            f'"previous":"{"00" * 32}","recorded_at":"2026-06-01T04:00:00Z",'
            '"sequence":"7","subject":"x"}'
        ).encode()
    )


def test_each_entry_is_bound_to_the_one_before(either_database: Database) -> None:
    with either_database.writing() as session:
        written = [AuditWriter(session).append(_act(str(i), n=str(i))) for i in range(3)]
    with either_database.reading() as session:
        entries = list(AuditTrail(session).entries())
        assert AuditTrail(session).head() == (3, written[-1].digest)
    assert entries == written
    previous = GENESIS
    for number, entry in enumerate(entries, 1):
        assert (entry.sequence, entry.previous) == (number, previous)
        assert entry.digest == sm3(canonical_bytes(number, entry.act, previous))
        previous = entry.digest


def test_an_entry_that_is_not_committed_is_not_there(either_database: Database) -> None:
    with pytest.raises(KeyError), either_database.writing() as session:  # noqa: PT012
        AuditWriter(session).append(_act())
        raise KeyError
    with either_database.reading() as session:
        assert AuditTrail(session).head() == (0, GENESIS)
        assert list(AuditTrail(session).entries()) == []


def test_writers_at_once_make_one_chain(either_database: Database) -> None:

    def write(number: int) -> None:
        with either_database.writing() as session:
            AuditWriter(session).append(_act(str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with either_database.reading() as session:
        entries = list(AuditTrail(session).entries())
    assert [entry.sequence for entry in entries] == list(range(1, 41))
    assert {entry.act.subject for entry in entries} == {str(i) for i in range(40)}
    assert all(a.digest == b.previous for a, b in pairwise(entries))


def test_without_a_head_nothing_is_recorded(either_database: Database) -> None:
    with either_database.writing() as session:
        session.execute(text("DELETE FROM audit_head"))
    with pytest.raises(AuditHeadMissingError), either_database.writing() as session:
        AuditWriter(session).append(_act())


def test_entries_are_found_by_their_subject(either_database: Database) -> None:
    with either_database.writing() as session:
        writer = AuditWriter(session)
        for subject in ("a", "b", "a"):
            writer.append(_act(subject))
    with either_database.reading() as session:
        trail = AuditTrail(session)
        found = trail.of_subject("a")
        newest = trail.page_of_subject("a", 1, None)
        before = trail.page_of_subject("a", 9, newest[0].sequence)
    assert [entry.sequence for entry in found] == [1, 3]
    assert [entry.sequence for entry in (*newest, *before)] == [3, 1]


def test_details_are_kept_as_canonical_json(either_database: Database) -> None:
    with either_database.writing() as session:
        AuditWriter(session).append(_act(z="末", a="始"))
        kept = session.execute(text("SELECT details FROM audit_entry")).scalar_one()
    assert kept == json.dumps({"a": "始", "z": "末"}, ensure_ascii=False, separators=(",", ":"))
