"""A version that is due while its number is in force elsewhere: left, told once, listed."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from vault_world import CALLER, World, example

from license_vault.clock import civil_date, start_of
from license_vault.database.event_tables import OutboxRow
from license_vault.database.tables import LicenseRow, table_of
from license_vault.fsck.fsck import Fsck, FsckServices
from license_vault.license import LicenseStatus
from license_vault.lifecycle.settling import CANNOT_SETTLE
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.registry import Registry

_LICENSE, _OUTBOX = table_of(LicenseRow), table_of(OutboxRow)


def test_it_is_an_alarm_once_and_a_violation_until_somebody_acts(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    first = world.issuance().issue(example(), CALLER, "k").license
    number = str(example()["number"])
    day = civil_date(world.now) + timedelta(days=10)
    order = {
        "basis": "依据",
        "case_number": "GZ-1",
        "effective": day.isoformat(),
        "number": number[:-1] + ("0" if number[-1] != "0" else "1"),
    }
    new = world.versions().make(first.identifier, VERBS["correction"], order, CALLER, "v").license
    body = example("public-place-hygiene", case_number="C-2")
    other = world.issuance().issue(body, CALLER, "o").license
    _take_the_number(world, other.row_id, new.row_id)

    world.now = start_of(day)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            world.settling().settle(world.now)
            world.later(minutes=1)
    assert len(caplog.records) == 1
    with world.database.reading() as session:
        told = session.execute(select(_OUTBOX).where(_OUTBOX.c.kind == CANNOT_SETTLE)).all()
        assert Registry(session).get(new.identifier).status is LicenseStatus.PENDING
    assert [row.license_id for row in told] == [new.row_id]
    assert f"cannot-settle: {new.identifier} pending" in violations(world)

    world.lifecycle().act(other.identifier, VERBS["revocation"], {"basis": "依据"}, CALLER, b"r")
    world.settling().settle(world.now)
    with world.database.reading() as session:
        assert Registry(session).get(new.identifier).status is LicenseStatus.VALID
    assert not [one for one in violations(world) if one.startswith("cannot-settle")]


def _take_the_number(world: World, row_id: int, of: int) -> None:
    """Let a license have the number of another, which nobody can over the API."""
    columns = (_LICENSE.c.number_mac, _LICENSE.c.type_code, _LICENSE.c.authority_id)
    with world.database.writing() as session:
        row = session.execute(select(*columns).where(_LICENSE.c.id == of)).one()
        values = dict(zip(("number_mac", "type_code", "authority_id"), row, strict=True))
        session.change_rows(update(_LICENSE).where(_LICENSE.c.id == row_id).values(**values))


def violations(world: World) -> list[str]:
    services = FsckServices(world.database, world.store, world.vault, world.keys, world.clock)
    return [str(violation) for violation in Fsck(services).run()]
