"""One million licenses as rows in PostgreSQL: one holder's list and one license, and their plans.

``python -m benchmarks.million_rows [--licenses N] [--plans FILE]``. Licenses and holders come in
by COPY, in the shape and the spread of real ones (about four licenses a holder, one holder with
60); random bytes stand for what is encrypted. Measured is what a route asks, ``Registry.page`` for
a holder's handle and ``Registry.get``, each in a new session, from one thread.
"""

from __future__ import annotations

import argparse
import json
import random  # noqa: TID251  (spread of made-up rows, no secret)
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from examples.local_servers import PostgresServer
from license_vault.database.schema import migrate
from license_vault.database.sessions import Database, Reading, open_database
from license_vault.registry.registry import LicenseFilter, Registry

LICENSES = 1_000_000
ASKED = 2_000
ROUNDS = 5
SHARD = 1_000_000
A_HOLDER_HAS = 4
NOW = datetime(2026, 11, 1, tzinfo=UTC)
STATES = ("valid",) * 74 + ("cancelled",) * 23 + ("lapsed",) * 2 + ("suspended",)
LEVEL = "310000"
# What each license has besides is the same for all but for random bytes: made where it lies.
_FORM = "(VALUES ('pdf'), ('ofd'), ('json')) AS form (name)"
_PURPOSE = "(VALUES ('record'), ('pdf'), ('ofd'), ('json')) AS purpose (name)"
_EVENT = "(VALUES (1, 'intended', 'issuing'), (2, 'issued', 'valid')) AS event (n, kind, status)"
_DIGEST = "sha256((license.id || {0} || '{1}')::bytea)"
FOLLOWING = (
    "INSERT INTO license_holder (license_id, holder_id, position)"
    " SELECT id, first_holder_id, 0 FROM license",
    "INSERT INTO license_form (license_id, form, object_key, media_type, size_bytes, sm3, sha256,"
    " ciphertext_sm3, deposited_at) SELECT license.id, form.name, license.id || '/' || form.name,"
    f" 'application/octet-stream', 100000, {_DIGEST.format('form.name', 'sm3')},"
    f" {_DIGEST.format('form.name', 'sha')}, {_DIGEST.format('form.name', 'c')}, recorded_at"
    f" FROM license, {_FORM}",
    "INSERT INTO object_key (license_id, purpose, holder_id, key_version, wrapped_key)"
    f" SELECT license.id, purpose.name, first_holder_id, 1, {_DIGEST.format('purpose.name', 'k')}"
    f" FROM license, {_PURPOSE}",
    "INSERT INTO license_event (license_id, recorded_at, effective_from, kind, status, actor,"
    " sealed_basis, operate_type) SELECT license.id, recorded_at, recorded_at, event.kind,"
    f" event.status, 'client:bulk', {_DIGEST.format('event.kind', 'b')}, '01'"
    f" FROM license, {_EVENT} ORDER BY license.id, event.n",
)
# Routes are given half a minute a statement; filling takes what it takes.
_PATIENT = text("SET statement_timeout = 0")
_INDEXES = text(
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)


def fill(database: Database, licenses: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Fill an empty schema; return handles of holders and identifiers to ask for."""
    chance = random.Random(seed)
    holders = max(1, licenses // A_HOLDER_HAS)
    with database.engine.begin() as connection:
        connection.execute(_PATIENT)
        # What refers to what is made right below, and indexes are quicker made at the end.
        connection.execute(text("SET session_replication_role = replica"))
        indexes = connection.execute(_INDEXES).all()
        for name, _ in indexes:
            connection.execute(text(f"DROP INDEX {name}"))
        driver: Any = connection.connection.driver_connection
        _copy(driver, "organisation", _organisations())
        _copy(driver, "status_shard", _shards(licenses))
        _copy(driver, "holder", _holders(holders, chance))
        _copy(driver, "license", _licenses(licenses, holders, chance))
        for follows in FOLLOWING:
            connection.execute(text(follows))
        for _, made_by in indexes:
            connection.execute(text(made_by))
        connection.execute(text("SET session_replication_role = origin"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_PATIENT)
        connection.execute(text("VACUUM ANALYZE"))
        # Else what was filled in is still being written out while we ask.
        connection.execute(text("CHECKPOINT"))
    handles = [handle_of(chance.randrange(1, holders + 1)) for _ in range(ASKED)]
    return handles, [identifier_of(chance.randrange(1, licenses + 1)) for _ in range(ASKED)]


def handle_of(holder: int) -> str:
    """Return the handle of a holder's row: 26 characters."""
    return f"h{holder:025d}"


def identifier_of(license_: int) -> str:
    """Return the identifier of a license's row; of its form only, not of its check character."""
    return f"1.2.156.3005.2.11310000MBDEM00076003.11310114MBDEM0015F.{license_:016d}.001.0"


def ask(
    database: Database, questions: Sequence[Callable[[Registry], object]]
) -> tuple[float, float]:
    """Ask each question in a session of its own; return p50 and p99."""

    def asked(question: Callable[[Registry], object]) -> None:
        with database.reading() as session:
            question(Registry(session))

    return _timed([partial(asked, question) for question in questions])


def _timed(doings: Sequence[Callable[[], None]]) -> tuple[float, float]:
    took = []
    for do in doings:
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return _at(took, 0.50), _at(took, 0.99)


def plans(database: Database, handle: str, identifier: str) -> dict[str, list[str]]:
    """Return what PostgreSQL does for the statements of both questions, by the question."""
    questions: dict[str, Callable[[Registry], object]] = {
        "one holder's list": _list_of(handle),
        "one license": _license_of(identifier),
    }
    return {name: _explained(database, question) for name, question in questions.items()}


def _explained(database: Database, question: Callable[[Registry], object]) -> list[str]:
    said: list[str] = []
    with database.engine.connect() as connection:
        for statement in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_analyze = on",
            "SET auto_explain.log_timing = off",
            "SET client_min_messages = log",
            "SET auto_explain.log_min_duration = 0",
        ):
            connection.execute(text(statement))
        driver: Any = connection.connection.driver_connection
        driver.add_notice_handler(lambda notice: said.append(notice.message_primary))
        question(Registry(Reading(connection)))
        # What is said of a statement comes with the answer to the next one.
        connection.execute(text("SET auto_explain.log_min_duration = -1"))
    return [_without_values(plan) for plan in said]


def measure(licenses: int = LICENSES) -> dict[str, object]:
    """Fill a private PostgreSQL and measure; return timings in milliseconds, and the plans."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="license-vault-million-"))
        server = PostgresServer(Path(folder) / "cluster")
        stack.callback(server.stop)
        database = open_database(server.new_database())
        stack.callback(database.close)
        migrate(database)
        began = time.perf_counter()
        handles, identifiers = fill(database, licenses)
        filled = time.perf_counter() - began
        sys.stderr.write(f"{licenses} licenses are filled in; asking\n")
        # The first questions fill caches: of the server, and of compiled statements here.
        ask(database, [_list_of(handle) for handle in handles[:50]])
        ask(database, [_license_of(identifier) for identifier in identifiers[:50]])
        return {
            "licenses": licenses,
            "copied_rows_per_second": round(licenses / filled),
            "rounds": [_round(database, handles, identifiers) for _ in range(ROUNDS)],
            "plans": plans(database, handles[0], identifiers[0]),
        }


def _round(
    database: Database, handles: Sequence[str], identifiers: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Return p50 and p99 of both questions, and of computing alone: what the machine delays."""
    return {
        "holder_list_p50_p99_ms": ask(database, [_list_of(each) for each in handles]),
        "license_p50_p99_ms": ask(database, [_license_of(each) for each in identifiers]),
        "computing_alone_p50_p99_ms": _timed([_compute] * ASKED),
    }


def _compute() -> None:
    sum(i * i for i in range(60_000))


def _list_of(handle: str) -> Callable[[Registry], object]:
    return lambda registry: registry.page(LicenseFilter(holder=handle), 21)


def _license_of(identifier: str) -> Callable[[Registry], object]:
    return lambda registry: registry.get(identifier)


def _at(sorted_: list[float], share: float) -> float:
    return round(sorted_[min(len(sorted_) - 1, int(len(sorted_) * share))], 2)


def _without_values(plan: str) -> str:
    """Return a plan from its tree on, without the statement before it."""
    lines = plan.splitlines()
    first = next((i for i, line in enumerate(lines) if "(cost=" in line), 0)
    return "\n".join(lines[first:])


# --- the rows --------------------------------------------------------------------------------


def _copy(driver: Any, table: str, rows: Iterable[dict[str, object]]) -> None:
    """Put rows in by COPY; all have the columns of the first."""
    rows = iter(rows)
    first = next(rows)
    columns = ", ".join(first)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write_row(tuple(first.values()))
        for row in rows:
            copy.write_row(tuple(row.values()))


def _organisations() -> Iterator[dict[str, object]]:
    for i in range(1, 201):
        parent = None if i == 1 else 1
        code = f"113101{i:012d}"
        yield {
            "id": i, "code": code, "name": f"机构{i}", "region": LEVEL,
            "parent_id": parent, "added_at": NOW,
        }  # fmt: skip


def _shards(licenses: int) -> Iterator[dict[str, object]]:
    for i in range(1, licenses // SHARD + 2):
        uri = f"https://licenses.example.gov.cn/v1/status-lists/{i}"
        yield {"id": i, "name": f"list{i}", "uri": uri, "capacity": SHARD, "opened_at": NOW}


def _holders(count: int, chance: random.Random) -> Iterator[dict[str, object]]:
    for i in range(1, count + 1):
        yield {
            "id": i, "handle": handle_of(i), "kind": "legal_person",
            "lookup_mac": chance.randbytes(32), "wrapped_key": chance.randbytes(44),
            "key_version": 1, "sealed_document": chance.randbytes(64), "added_at": NOW,
        }  # fmt: skip


def _licenses(count: int, holders: int, chance: random.Random) -> Iterator[dict[str, object]]:
    for i in range(1, count + 1):
        recorded = NOW - timedelta(seconds=count - i)
        yield {
            "id": i, "identifier": identifier_of(i),
            "type_code": f"11310000MBDEM0007600{1 + i % 3}", "type_version": "v1",
            "authority_id": 1 + i % 200, "region": LEVEL,
            "first_holder_id": holder_of(i, holders),
            "number_mac": chance.randbytes(32), "case_mac": chance.randbytes(32),
            "copy_kind": "正本", "copy_ordinal": 1, "copy_of": 1,
            "issued_on": date(2025, 1, 1), "valid_from": date(2025, 1, 1),
            "valid_until": date(2029, 1, 1), "status": chance.choice(STATES),
            "status_shard_id": 1 + i // SHARD, "status_index": i % SHARD,
            "check_code_mac": chance.randbytes(32), "content_id": chance.randbytes(32).hex(),
            "sealed_record": chance.randbytes(700), "recorded_at": recorded,
            "changed_at": recorded, "claimed_at": None, "intended_forms": "pdf ofd json",
        }  # fmt: skip


def holder_of(license_: int, holders: int) -> int:
    """Return whose a license is; the first holder has 60 of them."""
    return 1 if license_ <= 60 else 1 + license_ % holders


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--licenses", type=int, default=LICENSES)
    parser.add_argument("--plans", type=Path, help="write the plans into this file")
    chosen = parser.parse_args()
    result = measure(chosen.licenses)
    found = result.pop("plans")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    if chosen.plans and isinstance(found, dict):
        text_ = "\n\n".join(f"# {name}\n" + "\n".join(said) for name, said in found.items())
        chosen.plans.write_text(text_ + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
