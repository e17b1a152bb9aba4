"""After a cancellation is answered no node of the region says valid: two nodes on one database.

Each node has its own connections, as two processes would; what they ask is the live row.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from vault_world import CALLER, World, example

from api.own_node import LiveStatus
from license_vault.database.sessions import Database, open_database
from license_vault.license import LicenseStatus
from license_vault.lifecycle.changes import Cancellation
from license_vault.registry.license_record import Basis
from license_vault.registry.records import LicenseRecord
from license_vault.status.publication import PublishingRules, StatusPublisher
from signing.status_list import read_status_list
from verification.evidence import StatusKind

THREADS = 4


def ask_on(
    database: Database, world: World, license_: LicenseRecord, ended: threading.Event
) -> list[tuple[bool, str | None]]:
    """Ask until answered once more after the cancellation was answered; tell which were after."""
    live, heard = LiveStatus(database, world.clock), []
    while True:
        is_after = ended.is_set()
        found = live.status_of(license_.status_uri, license_.status_index, world.now)
        assert found.kind is StatusKind.REGISTER
        heard.append((is_after, found.state))
        if is_after:
            return heard


def test_no_node_says_valid_after_a_cancellation_is_answered(either_world: World) -> None:
    world = either_world
    license_ = world.issuance().issue(example(case_number="R1"), CALLER, "r1").license
    other = open_database(world.database.engine.url.render_as_string(hide_password=False))
    ended = threading.Event()
    try:
        with ThreadPoolExecutor(2 * THREADS) as crowd:
            asked = [
                crowd.submit(ask_on, database, world, license_, ended)
                for database in (world.database, other)
                for _ in range(THREADS)
            ]
            world.lifecycle().cancel(license_.identifier, Cancellation(Basis("依据")), CALLER)
            ended.set()
            heard = [answer for each in asked for answer in each.result(60)]
        assert {state for is_after, state in heard if is_after} == {LicenseStatus.CANCELLED.value}
        # What either node publishes from now on says so too, whichever is first.
        assert not _in_force(world, other, license_)
        assert not _in_force(world, world.database, license_)
    finally:
        other.close()


def _in_force(world: World, database: Database, license_: LicenseRecord) -> bool:
    pki = world.pki
    assert pki is not None
    rules = PublishingRules(timedelta(hours=24))
    ours = StatusPublisher(database, world.keys, lambda: pki.status, rules, world.clock)
    return read_status_list(ours.whole_files()[0]).in_force(license_.status_index)
