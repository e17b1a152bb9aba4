"""What an operator mistypes or has not started yet is answered in words, never with a trace."""

import errno
import getpass
import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.cli import bulk as cli_bulk
from api.cli.console import USAGE, operator
from api.cli.main import main
from api.cli.passphrase import passphrase
from api.errors import SettingsRefusedError
from api.settings import Settings, load_settings
from license_vault.bulk.jobs import JobState
from license_vault.errors import (
    OrganisationExistsError,
    OrganisationUnknownError,
    PathUnusableError,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "serve --port 99999",
        "serve --workers 0",
        "reconcile --older-than -5",
        "reconcile --older-than 99999999999999",
        "trust build --days 99999999999",
        "trust root init --key a --threshold 1 --years 9999999999",
        "access list --limit 99999999999999999999",
        "exchange list --limit -1",
    ],
)
def test_a_number_out_of_bounds_is_wrong_use(
    home: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(line.split())
    assert left.value.code == USAGE
    told = capsys.readouterr().err
    assert "整数" in told
    assert "a whole number from" in told


def test_a_file_that_is_there_already_is_named_as_such(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.cli.console import write_new
    from api.errors import CommandRefusedError

    (home / "seal.csr").write_text("kept")
    with pytest.raises(CommandRefusedError) as refused:
        write_new("seal.csr", "other")
    assert "已存在" in refused.value.message_zh
    assert "is there already" in refused.value.message_en
    assert (home / "seal.csr").read_text() == "kept"


def test_a_user_without_a_name_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert operator().startswith("operator:uid-")


@pytest.mark.parametrize("line", ["audit verify", "job list"])
def test_a_database_that_does_not_answer_is_told(
    home: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(
        "LICENSE_VAULT_DATABASE__URL", "postgresql+psycopg://vault:hidden-one@127.0.0.1:1/vault"
    )
    assert main(line.split()) == 1
    told = capsys.readouterr().err
    assert "数据库" in told
    assert "the database is not available" in told
    assert "refused" in told, "why it does not answer"
    assert "hidden-one" not in told


def test_a_full_disk_keeps_nobody_from_the_keys_that_are_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    settings = Settings(home=home / "home")
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", full)
        with pytest.raises(PathUnusableError):
            passphrase(settings)
    assert list((home / "home").iterdir()) == []
    made = passphrase(settings)
    monkeypatch.setattr(os, "open", full)
    assert passphrase(settings) == made


@pytest.mark.parametrize("url", ["notaurl", "mysql://u:hidden-one@h/d", "postgresql://u@h/d"])
def test_an_address_of_no_known_database_is_refused_with_the_settings(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_DATABASE__URL", url)
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings()
    (reason,) = refused.value.reasons
    assert reason.startswith("LICENSE_VAULT_DATABASE__URL:")
    assert "hidden-one" not in reason


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OrganisationUnknownError("X1"), "没有机构 X1。"),
        (OrganisationExistsError("X1"), "机构 X1 已在册。"),
    ],
)
def test_both_languages_say_the_same_of_an_organisation(
    error: Exception,
    told: str,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("api.wiring.open_database_of", refuse)
    assert main(["organisation", "add", "X1", "X", "--region", "310114"]) == 1
    zh, en = capsys.readouterr().err.splitlines()
    assert told in zh
    assert "X1" in en


def test_a_terminal_without_chinese_shows_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", plain)
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    plain.flush()
    assert b"\\u6838\\u9a8c" in plain.buffer.getvalue()


def test_a_reader_that_went_away_is_no_fault_of_a_path(home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "check-settings"],
        cwd=home,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_interrupted_import_tells_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    progress = SimpleNamespace(reached=None, until_over=interrupted)
    monkeypatch.setattr("api.cli.bulk_progress.Progress", lambda *_: progress)
    work = SimpleNamespace(close=lambda: None)
    services = SimpleNamespace(jobs=SimpleNamespace(watched=lambda _: work))
    job = SimpleNamespace(name="j1", state=JobState.RUNNING)
    with pytest.raises(KeyboardInterrupt):
        cli_bulk._work_on(cast("Any", services), cast("Any", job), None)
    zh, en = capsys.readouterr().err.splitlines()
    assert all("j1" in line and "--resume" in line for line in (zh, en))


def test_refused_rows_are_their_owners_and_go_when_there_are_none(tmp_path: Path) -> None:
    errors = tmp_path / "stock.errors.ndjson"
    errors.write_text("of before")
    errors.chmod(0o644)
    assert cli_bulk._write_errors(errors, iter([{"row": 1}])) == 1
    assert json.loads(errors.read_text()) == {"row": 1}
    assert stat.S_IMODE(errors.stat().st_mode) == 0o600
    assert cli_bulk._write_errors(errors, iter(())) == 0
    assert not errors.exists()


def test_an_input_that_cannot_be_read_leaves_no_file_of_refused_rows(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, object]]:
        raise ValueError("unreadable")
        yield {}

    with pytest.raises(ValueError, match="unreadable"):
        cli_bulk._write_errors(tmp_path / "e.ndjson", broken())
    assert list(tmp_path.iterdir()) == []
