import json
import multiprocessing
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from keys import sm2
from keys.errors import (
    EnvelopeBrokenError,
    KeyCustodyError,
    KeyExistsError,
    KeyFileDamagedError,
    KeyFileUnsafeError,
    KeyNotFoundError,
    KeyUnavailableError,
    LabelInvalidError,
    WrongPassphraseError,
)
from keys.private_folder import PrivateFolder
from keys.provider import KeyProvider
from keys.provider_software import ScryptCost, SoftwareKeys
from keys.sm3 import hmac_sm3

Open = Callable[..., SoftwareKeys]
SEAL = "seal/31011500000001"


@pytest.fixture
def keys(open_folder: Open) -> SoftwareKeys:
    provider = open_folder()
    provider.create_signing_key(SEAL)
    provider.create_secret_key("vault-kek")
    return provider


def files(tmp_path: Path) -> dict[str, Path]:
    return {path.name: path for path in (tmp_path / "keys").iterdir()}


def test_it_is_a_key_provider_and_not_for_production(keys: SoftwareKeys) -> None:
    provider: KeyProvider = keys
    assert provider.for_production is False


def test_a_key_signs_the_same_after_the_folder_is_opened_again(
    keys: SoftwareKeys, open_folder: Open
) -> None:
    again = open_folder()
    point = keys.public_point(SEAL)
    assert again.public_point(SEAL) == point
    sm2.verify(point, b"m", again.sign(SEAL, b"m"))
    sm2.verify(point, b"m", keys.sign(SEAL, b"m"))


def test_secret_keys_mean_the_same_after_the_folder_is_opened_again(
    keys: SoftwareKeys, open_folder: Open
) -> None:
    again = open_folder()
    wrapped = keys.wrap("vault-kek", b"data key", b"context")
    assert again.unwrap("vault-kek", wrapped, b"context") == b"data key"
    assert again.mac("vault-kek", b"m") == keys.mac("vault-kek", b"m")
    assert again.mac("vault-kek", b"n") != keys.mac("vault-kek", b"m")


def test_what_was_wrapped_opens_only_under_its_label_and_context(keys: SoftwareKeys) -> None:
    keys.create_secret_key("token-mac")
    wrapped = keys.wrap("vault-kek", b"data key", b"context")
    for label, context in (("vault-kek", b"contexT"), ("token-mac", b"context")):
        with pytest.raises(EnvelopeBrokenError):
            keys.unwrap(label, wrapped, context)


def test_message_codes_and_wrapping_use_keys_of_their_own(tmp_path: Path) -> None:
    # With a fixed source of randomness the secret is known; neither use may be the secret itself.
    provider = SoftwareKeys(tmp_path / "keys", b"p", ScryptCost(n=16), lambda size: b"s" * size)
    provider.create_secret_key("lookup-mac")
    assert provider.mac("lookup-mac", b"m") != hmac_sm3(b"s" * 32, b"m")


def test_labels_are_listed_in_order(keys: SoftwareKeys) -> None:
    keys.create_signing_key("ca/root")
    assert keys.labels() == ("ca/root", SEAL, "vault-kek")


def test_everything_on_disk_is_closed_to_others(keys: SoftwareKeys, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path).values()}
    assert modes == {0o600}


def test_no_key_stands_on_disk_in_the_clear(keys: SoftwareKeys, tmp_path: Path) -> None:
    pkcs8 = keys._signing_key(SEAL).to_pkcs8()
    scalar = pkcs8[36:68]
    assert sm2.PrivateKey.from_scalar(int.from_bytes(scalar, "big")).public_point == (
        keys.public_point(SEAL)
    )
    on_disk = b"".join(path.read_bytes() for path in files(tmp_path).values())
    for shape in (scalar, scalar.hex().encode(), str(int.from_bytes(scalar, "big")).encode()):
        assert shape not in on_disk


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o610, 0o777])
def test_a_key_file_others_may_touch_is_refused(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path, mode: int
) -> None:
    path = files(tmp_path)["vault-kek.key.json"]
    path.chmod(mode)
    with pytest.raises(KeyFileUnsafeError) as refused:
        open_folder().mac("vault-kek", b"m")
    assert (refused.value.path, refused.value.mode) == (path, mode)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o711, 0o770])
def test_a_folder_others_may_enter_is_refused(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path, mode: int
) -> None:
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(KeyFileUnsafeError):
        open_folder()
    with pytest.raises(KeyFileUnsafeError):
        keys.create_secret_key("another")


def test_the_folders_own_file_must_be_closed_too(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path
) -> None:
    files(tmp_path)["folder.json"].chmod(0o644)
    with pytest.raises(KeyFileUnsafeError):
        open_folder()


def test_a_link_in_place_of_a_key_file_is_refused(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path
) -> None:
    path = files(tmp_path)["vault-kek.key.json"]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileUnsafeError):
        open_folder().mac("vault-kek", b"m")


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_not_a_plain_file_is_refused(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path, make: Callable[[Path, int], None]
) -> None:
    make(tmp_path / "keys" / "odd.key.json", 0o600)
    with pytest.raises(KeyCustodyError):
        open_folder().mac("odd", b"m")


def test_a_file_in_place_of_the_folder_is_refused(open_folder: Open, tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    (tmp_path / "keys").chmod(0o600)
    with pytest.raises(KeyFileUnsafeError):
        open_folder()


def test_a_wrong_passphrase_is_told_at_once(keys: SoftwareKeys, open_folder: Open) -> None:
    for wrong in (b"correct horsf", b"", b"correct horse "):
        with pytest.raises(WrongPassphraseError):
            open_folder(wrong)


def test_a_key_is_never_overwritten(keys: SoftwareKeys, open_folder: Open) -> None:
    point = keys.public_point(SEAL)
    for create in (
        keys.create_signing_key,
        keys.create_secret_key,
        open_folder().create_secret_key,
    ):
        with pytest.raises(KeyExistsError):
            create(SEAL)
    assert open_folder().public_point(SEAL) == point


def test_a_key_that_is_not_there_or_of_the_other_kind_is_not_found(keys: SoftwareKeys) -> None:
    for use in (
        lambda: keys.sign("ca/root", b"m"),
        lambda: keys.sign("vault-kek", b"m"),
        lambda: keys.public_point("vault-kek"),
        lambda: keys.mac(SEAL, b"m"),
        lambda: keys.wrap(SEAL, b"p", b"c"),
        lambda: keys.unwrap("absent", b"p", b"c"),
    ):
        with pytest.raises(KeyNotFoundError):
            use()


@pytest.mark.parametrize(
    "label",
    ["", "/", "a/", "/a", "a//b", "..", "../a", "a/../b", ".a", "a b", "A", "a_b", "a\0", "a\n",
     "印", "a" * 121, "a\\b", "~", "a/.b"],
)  # fmt: skip
def test_what_is_no_label_never_becomes_a_path(keys: SoftwareKeys, label: str) -> None:
    before = keys.labels()
    for use in (keys.create_signing_key, keys.create_secret_key, keys.public_point):
        with pytest.raises(LabelInvalidError):
            use(label)
    assert keys.labels() == before


def test_a_renamed_key_file_does_not_open(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path
) -> None:
    keys.create_secret_key("lookup-mac")
    found = files(tmp_path)
    found["lookup-mac.key.json"].unlink()
    found["vault-kek.key.json"].rename(tmp_path / "keys" / "lookup-mac.key.json")
    with pytest.raises(KeyFileDamagedError):
        open_folder().mac("lookup-mac", b"m")


def test_a_secret_passed_off_as_a_signing_key_does_not_open(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path
) -> None:
    path = files(tmp_path)["vault-kek.key.json"]
    record = json.loads(path.read_text())
    record["kind"] = "sm2"
    path.write_text(json.dumps(record))
    with pytest.raises(KeyFileDamagedError):
        open_folder().sign("vault-kek", b"m")


@pytest.mark.parametrize("name", ["folder.json", "vault-kek.key.json"])
def test_a_damaged_file_is_named_whatever_the_damage(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path, name: str
) -> None:
    path = files(tmp_path)[name]
    good = path.read_bytes()
    record = json.loads(good)
    damages = [good[:size] for size in range(0, len(good) - 2, 7)]
    damages += [b"[]", b"null", b"\xff", b"[" * 9000, b"x" * 20000]
    damages += [json.dumps({**record, key: 7}).encode() for key in record]
    for key in record:
        damages.append(json.dumps({k: v for k, v in record.items() if k != key}).encode())
    if "scrypt" in record:
        for n in (0, 3, 2**40, -2):
            damages.append(json.dumps({**record, "scrypt": {"n": n, "r": 8, "p": 1}}).encode())
    told = set()
    for damaged in damages:
        path.write_bytes(damaged)
        with pytest.raises(KeyCustodyError) as refused:
            open_folder().mac("vault-kek", b"m")
        told.add(type(refused.value))
    assert told <= {KeyFileDamagedError, WrongPassphraseError, KeyNotFoundError}


def test_keys_without_the_folders_own_file_are_damage_not_a_new_folder(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path
) -> None:
    files(tmp_path)["folder.json"].unlink()
    with pytest.raises(KeyFileDamagedError):
        open_folder()


def test_opening_a_folder_that_is_not_there_makes_nothing(
    open_folder: Open, tmp_path: Path
) -> None:
    assert open_folder().labels() == ()
    with pytest.raises(KeyNotFoundError):
        open_folder().sign(SEAL, b"m")
    assert not (tmp_path / "keys").exists()


def test_a_provider_opened_before_the_folder_was_made_finds_its_keys(open_folder: Open) -> None:
    early, other = open_folder(), open_folder(b"another")
    open_folder().create_secret_key("vault-kek")
    assert early.mac("vault-kek", b"m") == open_folder().mac("vault-kek", b"m")
    with pytest.raises(WrongPassphraseError):
        other.mac("vault-kek", b"m")


def test_a_closed_provider_has_forgotten_its_keys(keys: SoftwareKeys) -> None:
    keys.sign(SEAL, b"m")
    keys.close()
    for use in (lambda: keys.sign(SEAL, b"m"), lambda: keys.mac("vault-kek", b"m")):
        with pytest.raises(KeyUnavailableError):
            use()


def test_a_folder_that_another_makes_while_it_is_opened_is_no_damaged_one(
    open_folder: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, read = open_folder(), PrivateFolder.read

    def read_too_early(folder: PrivateFolder, name: str) -> bytes | None:
        monkeypatch.undo()
        found = read(folder, name)
        opened.create_secret_key("vault-kek")
        return found

    monkeypatch.setattr(PrivateFolder, "read", read_too_early)
    assert open_folder().mac("vault-kek", b"m") == opened.mac("vault-kek", b"m")


def test_of_many_threads_creating_one_key_one_succeeds(open_folder: Open) -> None:
    outcomes: list[str] = []

    def create() -> None:
        try:
            open_folder().create_secret_key("vault-kek")
            outcomes.append("made")
        except KeyExistsError:
            outcomes.append("exists")

    threads = [threading.Thread(target=create) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["exists"] * 11 + ["made"]
    open_folder().mac("vault-kek", b"m")


def _killed_at_link(directory: Path) -> None:
    os.link = lambda *_: os._exit(9)  # type: ignore[assignment]
    SoftwareKeys(directory, b"correct horse", ScryptCost(n=16)).create_secret_key("late")


def test_a_process_killed_while_writing_leaves_no_half_key(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path
) -> None:
    child = multiprocessing.get_context("fork").Process(
        target=_killed_at_link, args=(tmp_path / "keys",)
    )
    child.start()
    child.join()
    assert child.exitcode == 9
    assert "late" not in open_folder().labels()
    open_folder().create_secret_key("late")
    open_folder().mac("late", b"m")


def test_a_full_disk_is_named_and_leaves_nothing(
    keys: SoftwareKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(files(tmp_path))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyUnavailableError, match="No space left"):
        keys.create_secret_key("late")
    assert sorted(files(tmp_path)) == before


def test_errors_never_hold_the_passphrase(keys: SoftwareKeys, open_folder: Open) -> None:
    with pytest.raises(WrongPassphraseError) as refused:
        open_folder(b"hunter2hunter2")
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(refused.value.args)


def test_keys_are_shared_by_threads_that_ask_at_once(keys: SoftwareKeys, open_folder: Open) -> None:
    again, point = open_folder(), keys.public_point(SEAL)
    signatures: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: signatures.append(again.sign(SEAL, b"m"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(signatures)) == 8
    for signature in signatures:
        sm2.verify(point, b"m", signature)


def test_a_signing_key_file_that_holds_no_signing_key_is_damage(
    open_folder: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm2.PrivateKey, "to_pkcs8", lambda _: b"no key")
    open_folder().create_signing_key("tsa")
    with pytest.raises(KeyFileDamagedError):
        open_folder().sign("tsa", b"m")


def test_a_folder_that_cannot_be_made_or_read_is_unavailable(
    keys: SoftwareKeys, open_folder: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in ("file/keys", "x" * 300):
        with pytest.raises(KeyUnavailableError):
            open_folder(folder=folder).create_secret_key("vault-kek")

    def broken_disk(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", broken_disk)
    with pytest.raises(KeyUnavailableError, match="Input/output error"):
        keys.mac("vault-kek", b"m")
