"""What the key port counts: every signature of a seal's key, whoever asked for it."""

import multiprocessing
import os
import signal
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from keys.errors import (
    KeyFileDamagedError,
    KeyFileUnsafeError,
    KeyNotFoundError,
    KeyUnavailableError,
    LabelInvalidError,
)
from keys.provider_software import ScryptCost, SoftwareKeys
from keys.sm3 import sm3

Open = Callable[..., SoftwareKeys]
SEAL = "seal/31011500000001"
LOG = "seal__31011500000001.uses"


@pytest.fixture
def keys(open_folder: Open) -> SoftwareKeys:
    provider = open_folder()
    provider.create_signing_key(SEAL)
    provider.create_signing_key("status")
    return provider


def test_every_signature_of_a_seal_is_counted_by_what_was_signed(keys: SoftwareKeys) -> None:
    assert keys.uses(SEAL) == ()
    for message in (b"one", b"two", b"one"):
        keys.sign(SEAL, message)
    assert keys.uses(SEAL) == (sm3(b"one"), sm3(b"two"), sm3(b"one"))


def test_the_count_goes_on_when_the_folder_is_opened_again(
    keys: SoftwareKeys, open_folder: Open
) -> None:
    keys.sign(SEAL, b"one")
    keys.close()
    again = open_folder()
    again.sign(SEAL, b"two")
    assert again.uses(SEAL) == (sm3(b"one"), sm3(b"two"))


def test_what_is_not_a_seals_is_not_kept(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.sign("status", b"list")
    assert keys.uses("status") == ()
    assert not list((tmp_path / "keys").glob("*.uses"))


def test_a_signature_that_fails_for_want_of_a_key_is_not_counted(keys: SoftwareKeys) -> None:
    with pytest.raises(KeyNotFoundError):
        keys.sign("seal/31011500000002", b"one")
    assert keys.uses("seal/31011500000002") == ()


def test_no_path_can_be_asked_for(keys: SoftwareKeys) -> None:
    with pytest.raises(LabelInvalidError):
        keys.uses("../keys/seal")


def test_the_log_is_closed_to_others_and_is_no_key(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.sign(SEAL, b"one")
    assert stat.S_IMODE((tmp_path / "keys" / LOG).stat().st_mode) == 0o600
    assert keys.labels() == (SEAL, "status")


@pytest.mark.parametrize("mode", [0o640, 0o606])
def test_with_a_log_that_others_may_touch_nothing_is_signed(
    keys: SoftwareKeys, tmp_path: Path, mode: int
) -> None:
    keys.sign(SEAL, b"one")
    (tmp_path / "keys" / LOG).chmod(mode)
    with pytest.raises(KeyFileUnsafeError):
        keys.sign(SEAL, b"two")
    with pytest.raises(KeyFileUnsafeError):
        keys.uses(SEAL)


def test_a_link_in_place_of_the_log_is_refused(keys: SoftwareKeys, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch(mode=0o600)
    (tmp_path / "keys" / LOG).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileUnsafeError):
        keys.sign(SEAL, b"one")


def test_a_log_that_was_cut_within_a_record_is_damage(keys: SoftwareKeys, tmp_path: Path) -> None:
    keys.sign(SEAL, b"one")
    path = tmp_path / "keys" / LOG
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(KeyFileDamagedError):
        keys.uses(SEAL)


@pytest.mark.parametrize("written", [None, 7], ids=["nothing-written", "a-part-written"])
def test_what_cannot_be_counted_is_not_signed(
    keys: SoftwareKeys, monkeypatch: pytest.MonkeyPatch, written: int | None
) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        if written is None:
            raise OSError(28, "No space left on device")
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(KeyUnavailableError):
            keys.sign(SEAL, b"one")
    assert keys.uses(SEAL) == ()


def _sign_many(directory: Path, name: int, times: int) -> None:
    keys = SoftwareKeys(directory, b"correct horse", ScryptCost(n=2**4))
    for number in range(times):
        keys.sign(SEAL, f"{name}/{number}".encode())


def test_of_processes_that_sign_at_once_every_signature_is_counted(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    fork = multiprocessing.get_context("fork")
    children = [
        fork.Process(target=_sign_many, args=(tmp_path / "keys", name, 200)) for name in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    wanted = Counter(sm3(f"{name}/{n}".encode()) for name in range(4) for n in range(200))
    assert Counter(keys.uses(SEAL)) == wanted


def _sign_until_killed(directory: Path, told: int) -> None:
    keys = SoftwareKeys(directory, b"correct horse", ScryptCost(n=2**4))
    for number in range(10**6):
        keys.sign(SEAL, str(number).encode())
        os.write(told, b".")


def test_a_process_killed_while_signing_leaves_whole_records(
    keys: SoftwareKeys, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    child = multiprocessing.get_context("fork").Process(
        target=_sign_until_killed, args=(tmp_path / "keys", writing)
    )
    child.start()
    told = sum(len(os.read(reading, 1)) for _ in range(50))
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    os.close(writing)
    told += len(os.read(reading, 10**6))
    counted = keys.uses(SEAL)
    # At most one was counted and not answered any more.
    assert len(counted) in (told, told + 1)
    assert counted == tuple(sm3(str(number).encode()) for number in range(len(counted)))
    keys.sign(SEAL, b"after")
    assert keys.uses(SEAL)[-1] == sm3(b"after")
