"""Encryption for holders: what opens where, and what a changed object is called."""

import secrets
from pathlib import Path

import pytest
from memory_keys import MemoryKeys

from keys.errors import EnvelopeBrokenError
from license_vault.errors import ObjectDamagedError, ObjectMissingError
from license_vault.store.directory import DirectoryStore
from license_vault.vault import PDF, RECORD, Deposited, StoredFile, Vault, object_key_of

IDENTIFIER = "1.2.156.3005.2.A.B.C.001.0"
SECRET = "张三".encode()
DATA = secrets.token_bytes(50_000)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(MemoryKeys(), DirectoryStore(tmp_path / "objects"), secrets.token_bytes)


def _stored(found: Deposited) -> StoredFile:
    return StoredFile(found.object_key, PDF, found.sm3, found.sha256, found.ciphertext_sm3)


def test_a_holder_opens_what_was_wrapped_for_it(vault: Vault) -> None:
    holder, wrapped = vault.new_holder_key("one")
    key = vault.new_key()
    for_holder = vault.wrap_key(holder, IDENTIFIER, PDF, key)
    opened = vault.open_holder_key("one", holder.version, wrapped)
    assert vault.unwrap_key(opened, IDENTIFIER, PDF, for_holder) == key


def test_a_wrapped_key_opens_nowhere_else(vault: Vault) -> None:
    holder, _ = vault.new_holder_key("one")
    other, _ = vault.new_holder_key("two")
    wrapped = vault.wrap_key(holder, IDENTIFIER, PDF, vault.new_key())
    for who, what, why in (
        (other, IDENTIFIER, PDF),
        (holder, IDENTIFIER + "X", PDF),
        (holder, IDENTIFIER, RECORD),
    ):
        with pytest.raises(EnvelopeBrokenError):
            vault.unwrap_key(who, what, why, wrapped)


@pytest.mark.parametrize(("handle", "version"), [("two", 1), ("one", 2)])
def test_a_holders_key_opens_in_its_own_row_only(vault: Vault, handle: str, version: int) -> None:
    _, wrapped = vault.new_holder_key("one")
    with pytest.raises(EnvelopeBrokenError):
        vault.open_holder_key(handle, version, wrapped)


def test_a_file_comes_back_as_it_was_put(vault: Vault) -> None:
    key, name = vault.new_key(), object_key_of("one", IDENTIFIER, PDF)
    found = vault.deposit(name, PDF, key, DATA)
    assert found.data == DATA
    assert vault.open_file(_stored(found), key) == DATA


def test_the_store_sees_ciphertext_only(vault: Vault, tmp_path: Path) -> None:
    vault.deposit(object_key_of("one", IDENTIFIER, PDF), PDF, vault.new_key(), SECRET * 1000)
    for path in (tmp_path / "objects").rglob("*"):
        assert path.is_dir() or SECRET not in path.read_bytes()


def test_the_first_file_stays_and_its_digests_are_told(vault: Vault) -> None:
    key, name = vault.new_key(), object_key_of("one", IDENTIFIER, PDF)
    first = vault.deposit(name, PDF, key, b"first")
    second = vault.deposit(name, PDF, key, b"second")
    assert second == first
    assert vault.find_deposited(name, PDF, key) == first


def test_nothing_deposited_is_none(vault: Vault) -> None:
    assert vault.find_deposited(object_key_of("one", IDENTIFIER, PDF), PDF, vault.new_key()) is None


@pytest.mark.parametrize("position", [0, 1, 5, 13, 1000, -1])
def test_any_changed_byte_of_an_object_is_found(
    vault: Vault, tmp_path: Path, position: int
) -> None:
    key, name = vault.new_key(), object_key_of("one", IDENTIFIER, PDF)
    found = vault.deposit(name, PDF, key, DATA)
    path = tmp_path / "objects" / name
    changed = bytearray(path.read_bytes())
    changed[position] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ObjectDamagedError) as caught:
        vault.open_file(_stored(found), key)
    assert caught.value.part == "ciphertext"
    with pytest.raises(ObjectDamagedError) as caught:
        vault.find_deposited(name, PDF, key)
    assert caught.value.part == "envelope"


def test_an_object_of_another_license_is_found_out(vault: Vault, tmp_path: Path) -> None:
    key = vault.new_key()
    one, two = (object_key_of("one", f"{IDENTIFIER}{i}", PDF) for i in (1, 2))
    first, second = vault.deposit(one, PDF, key, b"one"), vault.deposit(two, PDF, key, b"two")
    (tmp_path / "objects" / one).write_bytes((tmp_path / "objects" / two).read_bytes())
    swapped = StoredFile(one, PDF, first.sm3, first.sha256, second.ciphertext_sm3)
    with pytest.raises(ObjectDamagedError) as caught:
        vault.open_file(swapped, key)
    assert caught.value.part == "envelope"


def test_a_row_that_names_another_digest_is_found_out(vault: Vault) -> None:
    key = vault.new_key()
    found = vault.deposit(object_key_of("one", IDENTIFIER, PDF), PDF, key, DATA)
    wrong = StoredFile(found.object_key, PDF, bytes(32), found.sha256, found.ciphertext_sm3)
    with pytest.raises(ObjectDamagedError) as caught:
        vault.open_file(wrong, key)
    assert caught.value.part == "content"


def test_an_object_that_is_gone_is_named(vault: Vault, tmp_path: Path) -> None:
    key = vault.new_key()
    found = vault.deposit(object_key_of("one", IDENTIFIER, PDF), PDF, key, DATA)
    (tmp_path / "objects" / found.object_key).unlink()
    with pytest.raises(ObjectMissingError):
        vault.open_file(_stored(found), key)


def test_keys_do_not_show_in_texts(vault: Vault) -> None:
    holder, _ = vault.new_holder_key("one")
    assert holder.key.hex() not in repr(holder)
    assert repr(holder.key) not in repr(holder)
