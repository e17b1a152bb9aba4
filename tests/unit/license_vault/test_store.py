"""What every object store promises, on a folder and on SeaweedFS."""

import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from servers import free_port

from license_vault.errors import (
    ObjectExistsError,
    ObjectKeyInvalidError,
    StoreOverwritesError,
    StoreUnavailableError,
)
from license_vault.store.directory import DirectoryStore
from license_vault.store.object_store import PROBE_KEY, ListingStore, prove_conditional_put
from license_vault.store.s3 import S3Settings, S3Store

KEY = "holder/1.2.156.3005.2.A.B.C.001.0/pdf"
OCTETS = "application/octet-stream"


def test_what_was_put_is_found(either_store: ListingStore) -> None:
    data = secrets.token_bytes(100_000)
    either_store.put_new(KEY, data, OCTETS)
    assert either_store.find(KEY) == data
    assert list(either_store.all_keys()) == [KEY]


def test_nothing_is_found_where_nothing_was_put(either_store: ListingStore) -> None:
    assert either_store.find(KEY) is None
    assert list(either_store.all_keys()) == []


def test_the_same_bytes_may_be_put_again(either_store: ListingStore) -> None:
    either_store.put_new(KEY, b"once", OCTETS)
    either_store.put_new(KEY, b"once", OCTETS)
    assert either_store.find(KEY) == b"once"


def test_a_second_writer_with_other_bytes_is_refused(either_store: ListingStore) -> None:
    either_store.put_new(KEY, b"first", OCTETS)
    with pytest.raises(ObjectExistsError):
        either_store.put_new(KEY, b"second", OCTETS)
    assert either_store.find(KEY) == b"first"


def test_of_many_writers_at_once_one_wins(either_store: ListingStore) -> None:
    def put(number: int) -> bool:
        try:
            either_store.put_new(KEY, b"writer %d" % number, OCTETS)
        except ObjectExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(put, range(8)))
    assert won.count(True) == 1
    assert either_store.find(KEY) == b"writer %d" % won.index(True)


def test_an_empty_object_is_not_no_object(either_store: ListingStore) -> None:
    either_store.put_new(KEY, b"", OCTETS)
    assert either_store.find(KEY) == b""


@pytest.mark.parametrize(
    "key", ["", "../x", "a/../b", "/etc/passwd", "a//b", ".hidden", "a/.b", "é", "a" * 600, "a\0"]
)
def test_a_key_that_could_lead_elsewhere_is_refused(tmp_path: Path, key: str) -> None:
    store = DirectoryStore(tmp_path)
    with pytest.raises(ObjectKeyInvalidError):
        store.put_new(key, b"", OCTETS)
    with pytest.raises(ObjectKeyInvalidError):
        store.find(key)


def test_the_store_proves_that_the_first_writer_wins(either_store: ListingStore) -> None:
    prove_conditional_put(either_store, secrets.token_bytes)
    prove_conditional_put(either_store, secrets.token_bytes)
    assert list(either_store.all_keys()) == [PROBE_KEY]


class _Overwriting(DirectoryStore):
    """A store that takes the condition and overwrites all the same."""

    def put_new(self, key: str, data: bytes, media_type: str) -> None:
        path = self._root / key
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


class _Lying(_Overwriting):
    """A store that overwrites and says that it refused."""

    def put_new(self, key: str, data: bytes, media_type: str) -> None:
        taken = self.find(key) is not None
        super().put_new(key, data, media_type)
        if taken:
            raise ObjectExistsError(key)


@pytest.mark.parametrize("kind", [_Overwriting, _Lying])
def test_a_store_that_overwrites_is_found_out(tmp_path: Path, kind: type[DirectoryStore]) -> None:
    with pytest.raises(StoreOverwritesError):
        prove_conditional_put(kind(tmp_path), secrets.token_bytes)


def test_folders_and_files_are_for_their_owner_only(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "objects")
    store.put_new(KEY, b"secret", OCTETS)
    for path in (tmp_path / "objects").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_file_is_synced_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, order = DirectoryStore(tmp_path), []
    sync, link = os.fsync, os.link

    def note_sync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        order.append(kind)
        sync(descriptor)

    def note_link(source: Path, target: Path) -> None:
        order.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_link)
    store.put_new("folder/name", b"data", OCTETS)
    assert order == ["folder", "file", "link", "folder"]


def test_a_half_written_file_is_no_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DirectoryStore(tmp_path)

    def fail(_descriptor: int) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreUnavailableError):
        store.put_new("name", b"data", OCTETS)
    assert store.find("name") is None
    assert list(store.all_keys()) == []


@pytest.mark.s3
def test_a_server_that_is_not_there_is_named(s3_settings: S3Settings) -> None:
    gone = replace(
        s3_settings,
        endpoint_url=f"http://127.0.0.1:{free_port()}",
        attempts=2,
        connect_timeout_seconds=0.5,
    )
    with pytest.raises(StoreUnavailableError):
        S3Store(gone).put_new(KEY, b"", OCTETS)
    with pytest.raises(StoreUnavailableError):
        S3Store(gone).find(KEY)
    with pytest.raises(StoreUnavailableError):
        list(S3Store(gone).all_keys())


@pytest.mark.s3
@pytest.mark.parametrize("change", [{"bucket": "no-such-bucket"}, {"secret_access_key": "wrong"}])
def test_a_bucket_or_key_that_is_wrong_is_not_an_absent_object(
    s3_settings: S3Settings, change: dict[str, str]
) -> None:
    store = S3Store(replace(s3_settings, **change))  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailableError):
        store.find(KEY)
