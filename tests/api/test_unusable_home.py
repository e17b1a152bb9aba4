"""A home that cannot be made or written: every command says so, in both languages, and leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from api_node import JIADING

from api.cli.main import main

ROOT = Path(__file__).parents[2]
# Root minus the right to pass over permissions, which uid 0 alone would not obey.
UNPRIVILEGED = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)
SEAL = "31011400000001"
COMMANDS = (
    "migrate",
    "ca init",
    "ca issue-seal seal.csr chain.pem",
    "ca revoke 1f",
    "ca crl",
    "ca show",
    f"seal apply {SEAL} --owner {JIADING} --basis x --by anna",
    f"seal approve {SEAL} --basis x --by bert",
    f"seal reject {SEAL} --basis x --by bert",
    f"seal request {SEAL} --out new.csr --by anna",
    f"seal make {SEAL} chain.pem --by anna",
    f"seal file {SEAL} --number 1 --by anna",
    f"seal grant {SEAL} --authority {JIADING} --by anna",
    f"seal withdraw {SEAL} --authority {JIADING} --by anna",
    f"seal suspend {SEAL} --basis x --by anna",
    f"seal resume {SEAL} --basis x --by anna",
    f"seal remake {SEAL} --basis x --by anna",
    f"seal cancel {SEAL} --number 1 --basis x --by anna",
    f"seal export {SEAL} --out seal.esl",
    "seal show",
    "role add anna manage",
    "role remove anna",
    "role show",
    "item add A --name x --mode sole",
    "item show",
    f"officer add wang --org {JIADING} --certificate chain.pem",
    "officer disable wang",
    "officer show",
    f"organisation add {JIADING} 演示局 --region 310114",
    "organisation list",
    f"client add approval --organisation {JIADING}",
    "client disable 00",
    "client list",
    "reconcile",
    "fsck",
    "audit verify",
    "key list",
    "key request status --common-name x --out key.csr",
    "key install status chain.pem",
    "trust export bundle.json",
    "trust show",
    "trust withdraw 1f",
    "trust add chain.pem",
    "serve --port 0",
    "serve --port 0 --workers 2",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from api.pem import CERTIFICATE, REQUEST, to_pem

    (tmp_path / "file").write_text("no folder")
    (tmp_path / "seal.csr").write_text(to_pem(REQUEST, (b"any",)))
    (tmp_path / "chain.pem").write_text(to_pem(CERTIFICATE, (b"any",)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(tmp_path / "file" / "home"))
    return tmp_path


@pytest.mark.parametrize("line", COMMANDS)
def test_a_home_below_a_file_is_named(
    folder: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 1
    zh, en = capsys.readouterr().err.splitlines()
    assert "无法" in zh
    assert "cannot be" in en
    assert str(folder / "file") in en


def alone(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command for which permissions count, also where the tests run as root."""
    return subprocess.run(
        [*UNPRIVILEGED, sys.executable, "-m", "api.cli.main", *arguments],
        cwd="/",
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "LICENSE_VAULT_HOME": str(home),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(("line", "mode"), [("migrate", 0o500), ("serve --port 0", 0o000)])
def test_a_home_without_permission_is_named_and_no_trace_is_printed(
    tmp_path: Path, line: str, mode: int
) -> None:
    (home := tmp_path / "home").mkdir(mode=mode)
    done = alone(home, *line.split())
    assert done.returncode == 1
    zh, en = done.stderr.splitlines()
    assert "无法" in zh
    assert str(home) in en


def test_a_database_that_may_only_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(home))
    assert main(["migrate"]) == 0
    home.chmod(0o500)
    done = alone(home, "organisation", "list")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1].startswith(f"{home} cannot be made, read or written")


def test_a_folder_that_takes_no_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(tmp_path))
    monkeypatch.setenv("LICENSE_VAULT_CERTIFICATES", str(tmp_path / "file" / "certificates"))
    (tmp_path / "file").write_text("no folder")
    assert main(["migrate"]) == 0
    assert main(["ca", "init"]) == 1
    told = capsys.readouterr().err
    assert "无法" in told
    assert str(tmp_path / "file" / "certificates") in told
