"""The issue log over HTTP and at the command line: checkpoints, tiles, proofs beside files."""

import json
from pathlib import Path

import pytest
from api_node import FOR_A_USE, Node
from issue_logs import countersigned, library

from api.cli.main import main
from api.publishing import current_bundle
from signing.issue_log import read_checkpoint
from signing.issue_proof import IssueProof, read_proof, read_witnessed
from signing.merkle import hashes_in, nodes_of, root
from signing.trust_bundle import write_trust_bundle

LOG = "/v1/issue-log"


@pytest.fixture(scope="module")
def files(node: Node) -> dict[str, bytes]:
    """A license, the proof of it, and a trust bundle."""
    made = node.issue(body=node.body()).json()
    path = f"/v1/licenses/{made['identifier']}"
    early = node.client.get(f"{path}/proof", headers=node.auth("jiading"))
    # The node's own task may just have made a checkpoint.
    assert early.status_code in (200, 409), early.text
    node.services.issue_log.checkpoint()
    proof = node.client.get(f"{path}/proof", headers=node.auth("jiading"))
    file = node.client.get(f"{path}/file", params={"form": "json"}, headers=node.auth("jiading"))
    assert (proof.status_code, file.status_code) == (200, 200), proof.text
    assert "proof.json" in proof.headers["content-disposition"]
    services = node.services
    bundle = current_bundle(
        services.database, services.status, services.region_code, services.clock()
    )
    return {
        "identifier": made["identifier"].encode(),
        "license.json": file.content,
        "proof.json": proof.content,
        "trust.json": write_trust_bundle(bundle),
    }


@pytest.fixture(scope="module")
def proof(files: dict[str, bytes]) -> IssueProof:
    return read_proof(files["proof.json"])


def test_anybody_fetches_checkpoint_and_tiles_and_comes_to_the_same_root(
    node: Node, files: dict[str, bytes], proof: IssueProof
) -> None:
    answer = node.client.get(f"{LOG}/checkpoints/{proof.holding.checkpoint.content.size}")
    held = read_witnessed(answer.content).checkpoint.content
    assert held == proof.holding.checkpoint.content
    assert (held.region, held.size > proof.index) == (node.services.region_code, True)
    tiles = [
        node.client.get(f"{LOG}/tiles/0/{number}").content for number in range(held.size // 256 + 1)
    ]
    leaves = hashes_in(b"".join(tiles))[: held.size]
    assert root(nodes_of(leaves), held.size) == held.root
    assert [entry.uri for entry in held.status_lists] or held.size > 0


def test_unchanged_parts_are_not_sent_again(node: Node, files: dict[str, bytes]) -> None:
    for path in ("tiles/0/0", f"proofs/{json.loads(files['proof.json'])['content_id']}"):
        first = node.client.get(f"{LOG}/{path}")
        again = node.client.get(f"{LOG}/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code) == (200, 304)
    newest = node.client.get(f"{LOG}/checkpoint")
    assert newest.status_code == 200
    assert "max-age=5" in newest.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("checkpoints/4294967296", "page-not-found"),
        ("checkpoints/4294967297", "invalid-request"),
        ("tiles/1/0", "page-not-found"),
        ("tiles/24/7", "page-not-found"),
        ("tiles/0/-1", "invalid-request"),
        ("proofs/xyz", "page-not-found"),
        (f"proofs/{'0' * 64}", "not-in-issue-log"),
    ],
)
def test_what_is_not_there_is_told(
    node: Node, files: dict[str, bytes], path: str, code: str
) -> None:
    assert node.client.get(f"{LOG}/{path}").json()["code"] == code


def test_a_proof_is_read_by_whom_the_license_may_be(node: Node, files: dict[str, bytes]) -> None:
    path = f"/v1/licenses/{files['identifier'].decode()}/proof"
    token = {"Authorization": node.auth("jiading")["Authorization"]}
    assert node.client.get(path, headers=token).json()["code"] == "use-required"
    assert node.client.get(path, headers=node.auth("fengxian")).status_code == 403
    assert node.client.get(path, headers=FOR_A_USE).status_code == 401


def test_a_license_is_verified_together_with_its_proof(node: Node, files: dict[str, bytes]) -> None:
    parts = [("file", (name, files[name])) for name in ("license.json", "proof.json")]
    report = node.client.post("/v1/verifications", files=parts).json()
    (line,) = (check for check in report["checks"] if check["check"] == "log")
    assert (report["verdict"], line["outcome"]) == ("valid", "passed"), line
    assert report["log"]["proof"] is True
    alone = node.client.post("/v1/verifications", files=parts[:1]).json()
    assert alone["log"]["proof"] is False
    refused = node.client.post("/v1/verifications", files=parts[1:])
    assert refused.json()["errors"][0]["code"] == "proof-without-file", refused.text


def test_a_countersignature_of_nobody_known_is_refused(node: Node, proof: IssueProof) -> None:
    now = node.services.clock()
    unknown = countersigned(proof.holding.checkpoint, "320000", now, library()).signed.der
    for data, reason in ((unknown, "signer-unknown"), (b"", "countersignature-der-truncated")):
        answer = node.client.post(f"{LOG}/countersignatures", content=data)
        assert (answer.status_code, answer.json()["code"]) == (422, "countersignature-refused")
        assert reason in answer.text


def test_the_command_line_checks_proofs_without_a_node(
    files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("license.json", "proof.json", "trust.json"):
        Path(name).write_bytes(files[name])
    assert main(["log", "check", "proof.json"]) == 0
    assert "countersigned\t-" in capsys.readouterr().out
    assert main(["verify", "--json", "license.json", "proof.json", "--trust", "trust.json"]) == 0
    told = capsys.readouterr().out
    assert '"logged' in told
    assert main(["log", "check", "license.json"]) == 1
    assert main(["log", "check", "nothing.json"]) == 1
    broken = json.loads(files["proof.json"])
    broken["index"] = str(int(broken["index"]) + 1)
    Path("broken.json").write_text(json.dumps(broken, separators=(",", ":")), "utf-8")
    assert main(["log", "check", "broken.json"]) == 1


def test_the_command_line_shows_the_log_and_writes_proofs(
    node: Node,
    files: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(node.settings.home))
    assert main(["log", "show"]) == 0
    assert node.services.region_code in capsys.readouterr().out
    out = tmp_path / "proof.json"
    assert main(["log", "prove", files["identifier"].decode(), "--out", str(out)]) == 0
    assert read_proof(out.read_bytes()).index == read_proof(files["proof.json"]).index
    assert main(["log", "prove", files["identifier"].decode()]) == 0
    assert main(["log", "prove", "1.2.156.3005.2.0"]) == 1


def test_a_checkpoint_is_small(proof: IssueProof) -> None:
    data = proof.holding.checkpoint.signed.der
    assert read_checkpoint(data).content.size > 0
    assert len(data) < 2048
