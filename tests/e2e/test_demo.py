"""``make demo`` as a newcomer runs it, on both kinds of stores, in a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers import free_port

from examples import holder
from examples.demo import EXAMPLES, ApprovalSystem, Node, set_up
from examples.local_servers import postgres_missing, weed_missing

ROOT = Path(__file__).parent.parent.parent
TYPES = (
    "business-license",
    "constructor-registration",
    "medical-institution",
    "public-place-hygiene",
)


def demo(folder: Path, store: str) -> str:
    """Run the demo in a folder; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "examples.demo", "--store", store, "--port", str(free_port())],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def table(printed: str) -> str:
    return printed.split("What happened")[1]


def assert_main_job(folder: Path, printed: str) -> None:
    rows = table(printed)
    verdicts = [line.strip() for line in rows.splitlines()]
    # The original of each type and the seal by itself; the PDF is a signature without a seal.
    assert verdicts.count("有效。") == len(TYPES) + 1
    assert verdicts.count("有效（签名而无 GB/T 38540 电子印章）。") == 1
    assert verdicts.count("这些文件是同一份证照：照面数据相同。") == 1
    assert rows.count("无效，已被改动") == 2
    assert "不在有效状态：注销" in rows
    assert "Everything agrees." in printed
    for name in TYPES:
        assert (folder / "demo" / f"{name}.pdf").read_bytes().startswith(b"%PDF-")
        assert (folder / "demo" / f"{name}.ofd").read_bytes().startswith(b"PK")
    assert (folder / "demo" / "pages" / "business-license-1.png").exists()
    # The partner's folder holds the trust bundle and the files, no key and no database.
    held = {path.suffix for path in (folder / "demo" / "partner").iterdir()}
    assert held == {".pdf", ".ofd", ".esl", ".json"}


def test_the_demo_issues_verifies_refuses_and_cancels_on_the_embedded_default(
    tmp_path: Path,
) -> None:
    assert_main_job(tmp_path, demo(tmp_path, "embedded"))


@pytest.mark.postgres
@pytest.mark.s3
@pytest.mark.skipif(postgres_missing() is not None, reason=str(postgres_missing()))
@pytest.mark.skipif(weed_missing() is not None, reason=str(weed_missing()))
def test_the_demo_does_the_same_on_seaweedfs_and_postgresql(tmp_path: Path) -> None:
    assert_main_job(tmp_path, demo(tmp_path, "s3"))


def test_a_holder_logs_in_and_downloads_what_is_theirs(tmp_path: Path) -> None:
    node = Node(tmp_path / "node", free_port(), {})
    node.home.mkdir()
    client = set_up(node)
    body = json.loads((EXAMPLES / "constructor-registration.json").read_text())
    others = json.loads((EXAMPLES / "business-license.json").read_text())
    with node.serving():
        system = ApprovalSystem(node, *client)
        identifier = system.issue(body)["identifier"]
        system.issue(others)
        kept = {form: system.download(identifier, form) for form in ("ofd", "pdf")}
    assert holder.run(free_port(), demo=tmp_path, home=node.home) == 1
    for form, data in kept.items():
        assert (tmp_path / "holder" / f"{identifier}.{form}").read_bytes() == data
