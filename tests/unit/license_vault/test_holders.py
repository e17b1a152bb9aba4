"""Holders, look-up MACs, check codes and status places: random, exact, never shown."""

import secrets
from collections import Counter
from dataclasses import replace

import pytest
from license_rows import holder_rows, license_row
from memory_keys import MemoryKeys
from sqlalchemy import text
from vault_world import CALLER, STATUS_URI, World, example

from license_vault import check_code
from license_vault.errors import HolderNotFoundError
from license_vault.issuing.intent import HOLDER_DOCUMENT
from license_vault.license import Holder, HolderKind
from license_vault.registry.holders import Holders, new_handle
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.registry import LicenseFilter, Registry
from license_vault.status import shards
from license_vault.status.shards import WINDOW, StatusShard, StatusShards, StatusShardWriter

PERSON = Holder(HolderKind.NATURAL_PERSON, "赵一", "111", "110101199003070011")


def test_a_mac_is_one_use_and_one_value() -> None:
    macs = LookupMacs(MemoryKeys())
    drawn = [
        macs.holder("111", "1"),
        macs.holder("11", "11"),
        macs.license_number("1"),
        macs.case("1"),
        macs.check_code("1", "1"),
        macs.idempotency_key("1", "1"),
        macs.idempotency_key("11", ""),
        macs.idempotency_key("", "11"),
    ]
    assert len(set(drawn)) == len(drawn)
    assert macs.of_holder(PERSON) == macs.holder("111", PERSON.document_number)
    assert LookupMacs(MemoryKeys()).case("1") != macs.case("1")


def test_a_check_code_has_65_bits_in_letters_nobody_mixes_up() -> None:
    assert len(set(check_code.ALPHABET)) == 32
    assert not set("IOUV") & set(check_code.ALPHABET)
    codes = {check_code.new_check_code(secrets.token_bytes) for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {13}
    letters = Counter("".join(codes))
    assert set(letters) == set(check_code.ALPHABET)
    # 812 expected of each; six standard deviations.
    assert max(letters.values()) < 812 + 6 * 28


def test_a_check_code_is_read_as_people_type_it() -> None:
    code = "0123456789ABC"
    assert check_code.grouped(code) == "0123-4567-89ABC"
    for typed in ("0123-4567-89ABC", " 0123 4567 89abc\t", "O123-4567-89abc", "oI23456789ABC"):
        assert check_code.normalised(typed) == code


def test_handles_are_random() -> None:
    handles = {new_handle(secrets.token_bytes) for _ in range(1000)}
    assert len(handles) == 1000
    assert {len(handle) for handle in handles} == {26}


def test_a_holder_has_one_vault_for_all_licenses(either_world: World) -> None:
    issuance = either_world.issuance()
    issued = [
        issuance.issue(
            example(case_number=f"C{n}", number=f"1400000020260320000{n}"), CALLER, str(n)
        )
        for n in range(2)
    ]
    assert issued[0].license.holders == issued[1].license.holders
    handle = issued[0].license.holders[0]
    with either_world.database.reading() as session:
        listed = Registry(session).page(LicenseFilter(holder=handle), 10)
        assert Holders(session).by_handle(handle).handle == handle
        with pytest.raises(HolderNotFoundError):
            Holders(session).by_handle("nobody")
    assert {found.identifier for found in listed} == {i.license.identifier for i in issued}


def test_a_holders_document_opens_under_its_own_key_only(world: World) -> None:
    license_ = world.issuance().issue(example(), CALLER, "k").license
    with world.database.reading() as session:
        record = Holders(session).by_handle(license_.holders[0])
        sealed = session.execute(text("SELECT sealed_document FROM holder")).scalar_one()
    key = world.vault.open_holder_key(record.handle, record.key_version, record.wrapped_key)
    opened = world.vault.decrypt(key.key, record.handle, HOLDER_DOCUMENT, sealed)
    assert opened == b"001 91310114MADEM0046B"


def test_places_in_a_status_list_are_drawn_at_random(world: World) -> None:
    with world.database.writing() as session:
        writer = StatusShardWriter(session)
        shard = writer.draw_place(STATUS_URI, secrets.token_bytes).shard
        assert shard.row_id is None
        assert shard.uri == f"{STATUS_URI}/{shard.name}"
        row_id = writer.begin(shard, world.now)
        places = [writer.draw_place(STATUS_URI, secrets.token_bytes) for _ in range(50)]
    assert {place.shard for place in places} == {replace(shard, row_id=row_id)}
    assert len({place.index for place in places}) > 45
    assert all(0 <= place.index < WINDOW for place in places)
    assert (shard.capacity, shard.length) == (1 << 20, WINDOW)


def test_windows_are_filled_before_the_next_is_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "WINDOW", 4)
    monkeypatch.setattr(shards, "CAPACITY", 8)
    holder_rows(world, ("h",), world.now)
    places = []
    for row_id in range(1, 10):
        with world.database.writing() as session:
            place = StatusShardWriter(session).draw_place(STATUS_URI, secrets.token_bytes)
            StatusShardWriter(session).begin(place.shard, world.now)
        license_row(world, row_id, ("h",), world.now, place=place)
        places.append((place.shard.uri, place.index))
    assert sorted(index for _, index in places[:4]) == [0, 1, 2, 3]
    assert sorted(index for _, index in places[4:8]) == [4, 5, 6, 7]
    assert len({uri for uri, _ in places[:8]}) == 1
    assert places[8][0] != places[0][0]
    with world.database.reading() as session:
        assert [shard.length for shard in StatusShards(session).all()] == [8, 4]


def test_a_list_is_left_when_lists_move_and_keeps_its_address(world: World) -> None:
    moved = "https://moved.example.gov.cn/v1/status-lists"
    with world.database.writing() as session:
        writer = StatusShardWriter(session)
        old = writer.draw_place(STATUS_URI, secrets.token_bytes).shard
        row_id = writer.begin(old, world.now)
        new = writer.draw_place(moved, secrets.token_bytes).shard
        assert (new.row_id, new.uri) == (None, f"{moved}/{new.name}")
        writer.begin(new, world.now)
        assert writer.draw_place(moved, secrets.token_bytes).shard.uri == new.uri
        assert writer.all()[0] == replace(old, row_id=row_id)


def test_a_list_is_left_before_it_is_full(world: World) -> None:
    with world.database.writing() as session:
        writer = StatusShardWriter(session)
        small = StatusShard(None, "small", f"{STATUS_URI}/small", capacity=6)
        writer.begin(small, world.now)
    issuance = world.issuance()
    issued = [
        issuance.issue(example(case_number=f"C{n}", number=f"1{n:019d}"), CALLER, str(n)).license
        for n in range(12)
    ]
    places = {(one.status_uri, one.status_index) for one in issued}
    assert len(places) == 12
    assert 1 <= sum(uri == small.uri for uri, _ in places) <= 6
    with world.database.reading() as session:
        assert len(StatusShards(session).all()) == 2
