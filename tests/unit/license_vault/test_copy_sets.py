"""正本 with its 副本: issued as one group, revalidated by one order, renewed together."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from vault_world import CALLER, World, example

from license_vault.clock import civil_date
from license_vault.errors import NumberInForceError
from license_vault.issuing.issuance import IssuedLicense
from license_vault.license import LicenseContent, LicenseStatus
from license_vault.packages.errors import NoDuplicatesError
from license_vault.packages.set_revalidation import SetRevalidation
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry

VALID, SUPERSEDED = LicenseStatus.VALID, LicenseStatus.SUPERSEDED


def body(world: World, **changes: object) -> dict[str, Any]:
    asked = example("medical-institution-duplicate", **changes)
    asked.pop("copy")
    asked["fields"] = {k: v for k, v in asked["fields"].items() if k != "revalidations"}
    asked["issued_on"] = asked["valid_from"] = civil_date(world.now).isoformat()
    asked["valid_until"] = (civil_date(world.now) + timedelta(days=700)).isoformat()
    return asked


def issued(world: World, **changes: object) -> tuple[IssuedLicense, ...]:
    first = world.issuance().issue(body(world, **changes), CALLER, secrets.token_hex(8))
    return (first, *first.others)


def content(world: World, identifier: str) -> LicenseContent:
    with world.database.reading() as session:
        kept = Registry(session).kept(identifier)
    return LicenseOpener(world.vault).secrets(kept).content


def status(world: World, identifier: str) -> LicenseStatus:
    with world.database.reading() as session:
        return Registry(session).get(identifier).status


def revalidate(world: World, identifier: str, key: str, **more: object) -> IssuedLicense:
    today = civil_date(world.now)
    order = {
        "basis": "《医疗机构管理条例》第二十二条",
        "case_number": f"JY-{key}",
        "record": {
            "year": str(today.year),
            "result": "合格",
            "by": "演示机关",
            "on": today.isoformat(),
        },
        **more,
    }
    sets = SetRevalidation(world.issuance(), world.versions(), world.settling())
    return sets.make(identifier, order, CALLER, key)


def test_a_set_is_issued_revalidated_and_renewed_as_a_whole(world: World) -> None:
    original, first, second = issued(world, duplicates=2)
    copies = [content(world, one.license.identifier).copy for one in (original, first, second)]
    assert [(one.kind.value, one.ordinal, one.of) for one in copies] == [
        ("正本", 1, 1),
        ("副本", 1, 2),
        ("副本", 2, 2),
    ]
    with pytest.raises(NumberInForceError):
        issued(world, duplicates=1, case_number="另一个办件")

    # The yearly 校验: the record goes on the 副本, the 正本 stays.
    made = revalidate(world, original.license.identifier, "y1")
    again = revalidate(world, original.license.identifier, "y1")
    new = [made.license.identifier, *(one.license.identifier for one in made.others)]
    assert again.replayed
    assert again.license.identifier == new[0]
    assert len(new) == 2
    assert [len(content(world, one).fields["revalidations"]) for one in new] == [1, 1]
    assert [status(world, one.license.identifier) for one in (original, first, second)] == [
        VALID,
        SUPERSEDED,
        SUPERSEDED,
    ]

    # With a new period all are renewed, also the 正本; any copy may be named.
    world.later(days=365)
    until = (civil_date(world.now) + timedelta(days=900)).isoformat()
    renewed = revalidate(world, new[1], "y2", valid_until=until)
    everyone = [renewed.license, *(one.license for one in renewed.others)]
    assert [one.copy.kind.value for one in everyone] == ["正本", "副本", "副本"]
    said = [content(world, one.identifier) for one in everyone]
    assert {one.valid_until.isoformat() for one in said if one.valid_until} == {until}
    assert [len(one.fields.get("revalidations", ())) for one in said] == [0, 2, 2]
    assert status(world, original.license.identifier) is SUPERSEDED


def test_a_license_alone_is_no_set(world: World) -> None:
    (alone,) = issued(world)
    with pytest.raises(NoDuplicatesError):
        revalidate(world, alone.license.identifier, "y1")
