"""``make demo`` as a newcomer runs it, on both kinds of stores, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers import free_port

from examples.local_servers import postgres_missing, weed_missing
from examples.mix import MIX
from examples.mix_over_http import apart
from examples.node import DemoFailedError
from examples.table import Table
from keys.provider_software import ScryptCost, SoftwareKeys

ROOT = Path(__file__).parent.parent.parent
ROWS = 8
PASSPHRASE = "of a test"


def demo(folder: Path, store: str) -> str:
    """Run the demo in a folder, with less stock and a share of the mix; return what it printed."""
    size = ["--mix", "0.01", "--rows", str(ROWS)]
    keys = folder / "keys"
    # A cheap passphrase derivation: the folder keeps its own cost.
    SoftwareKeys(keys, PASSPHRASE.encode(), ScryptCost(n=2**10)).create_secret_key("vault-kek")
    settings = (
        f"LICENSE_VAULT_KEYS__URI=file:{keys}",
        f"LICENSE_VAULT_KEYS__PASSPHRASE={PASSPHRASE}",
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "examples.demo", *size),
            *("--store", store, "--port", str(free_port())),
            *(part for setting in settings for part in ("--setting", setting)),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    return done.stdout


def assert_all_was_shown(folder: Path, printed: str) -> None:
    table = printed.split("What happened")[1]
    lines = [line.strip() for line in table.splitlines()]
    # Every step checks its own lines; here that none is left out, and what stays in the folder.
    assert [line[0] for line in table.splitlines() if line[:1].isdigit()] == list("0123456789")
    assert "Everything agrees." in lines
    assert table.count("无效，已被改动") == 3
    for state in ("未生效", "被替代", "暂扣", "撤销", "吊销", "注销", "转出"):
        assert f"partner: 不在有效状态：{state}。 node: 不在有效状态：{state}。" in lines
    made = folder / "demo"
    assert len(list(made.glob("*-manifest.json"))) == 10
    for name in ("business-license", "food-business", "identity-card"):
        assert (made / f"{name}.pdf").read_bytes().startswith(b"%PDF-")
        assert (made / f"{name}.ofd").read_bytes().startswith(b"PK")
    assert (made / "pages" / "business-license-1.png").exists()
    # The partner's folder holds the trust bundle and the files, no key and no database.
    assert {path.suffix for path in (made / "partner").iterdir()} == {
        ".pdf",
        ".ofd",
        ".esl",
        ".json",
    }


def test_the_demo_shows_every_step_on_the_embedded_default(tmp_path: Path) -> None:
    assert_all_was_shown(tmp_path, demo(tmp_path, "embedded"))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.s3
@pytest.mark.skipif(postgres_missing() is not None, reason=str(postgres_missing()))
@pytest.mark.skipif(weed_missing() is not None, reason=str(weed_missing()))
def test_the_demo_does_the_same_on_seaweedfs_and_postgresql(tmp_path: Path) -> None:
    assert_all_was_shown(tmp_path, demo(tmp_path, "s3"))


def test_a_line_that_comes_out_otherwise_stops_the_demo() -> None:
    table = Table()
    table.check("a license", "有效。", "有效")
    with pytest.raises(DemoFailedError, match="promised"):
        table.check("a license", "不在有效状态", "有效。")


def test_an_outcome_of_several_lines_stays_below_its_own_line() -> None:
    table = Table()
    table.check("fsck", "one\n1 violation\n")
    assert str(table).endswith("\n  fsck\n      one\n      1 violation")


def test_systems_side_by_side_do_the_whole_mix() -> None:
    parts = apart(MIX, 4)
    assert {verb: sum(part[verb] for part in parts) for verb in MIX} == dict(MIX)
