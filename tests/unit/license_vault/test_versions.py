"""Next versions: linked, never two in force, from the day they are ordered for."""

from datetime import date, timedelta

import pytest
from vault_world import CALLER, World, example

from license_vault.clock import start_of
from license_vault.database.sessions import Database
from license_vault.errors import (
    IdempotencyKeyReusedError,
    TransitionNotAllowedError,
    VersionPendingError,
)
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.license_identifier import parse
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

S = LicenseStatus


def order(**more: object) -> dict[str, object]:
    return {"basis": "《行政许可法》第四十九条", "case_number": "BG-1", **more}


def get(world: World, identifier: str) -> LicenseRecord:
    with world.database.reading() as session:
        return Registry(session).get(identifier)


def live(world: World, license_: LicenseRecord) -> LicenseStatus | None:
    with world.database.reading() as session:
        return LiveStates(session).as_of(license_.status_uri, license_.status_index, world.now)


def violations(world: World) -> list[str]:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return [str(violation) for violation in Fsck(services).run()]


def make(world: World, license_: LicenseRecord, verb: str, key: str = "v", **more: object):
    return (
        world.versions().make(license_.identifier, VERBS[verb], order(**more), CALLER, key).license
    )


def test_a_change_seals_a_new_version_and_ends_the_old_in_one_moment(world: World) -> None:
    old = world.issuance().issue(example(), CALLER, "k").license
    world.later(days=3)
    new = make(world, old, "change", fields={"legal_representative": "孙七"})
    before = get(world, old.identifier)
    assert (before.status, new.status) == (S.SUPERSEDED, S.VALID)
    assert (before.successor, new.predecessor) == (new.identifier, old.identifier)
    first, second = parse(old.identifier), parse(new.identifier)
    assert (second.serial, second.version) == (first.serial, first.version + 1)
    assert new.status_index != old.status_index
    with world.database.reading() as session:
        kept = Registry(session).kept(new.identifier)
        events = Registry(session).events(old.identifier)
    content = LicenseOpener(world.vault).secrets(kept).content
    assert content.predecessor == old.identifier
    assert content.fields["legal_representative"] == "孙七"
    assert events[-1].kind == "changed"
    assert (live(world, old), live(world, new)) == (S.SUPERSEDED, S.VALID)
    assert violations(world) == []
    # The same order again, and the same key for another.
    again = world.versions().make(
        old.identifier,
        VERBS["change"],
        order(fields={"legal_representative": "孙七"}),
        CALLER,
        "v",
    )
    assert (again.license, again.replayed) == (new, True)
    with pytest.raises(IdempotencyKeyReusedError):
        make(world, old, "change", fields={"legal_representative": "周八"})
    with pytest.raises(TransitionNotAllowedError):
        make(world, old, "reissue", "w", case_number="BG-2")
