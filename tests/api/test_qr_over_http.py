"""The QR code of a real license: read off its picture, judged offline, shown by the page."""

import json
import re
from pathlib import Path

import pytest
import zxingcpp
from api_node import Node
from pdf_pages import picture_of

from api.cli.main import main
from signing.qr_claims import read_qr_text
from verification import policy


@pytest.fixture(scope="module")
def scanned(node: Node, issued: dict) -> str:
    """What a scanner reads at 150 dpi."""
    file = node.client.get(
        f"/v1/licenses/{issued['identifier']}/file?form=pdf", headers=node.auth("jiading")
    )
    (found,) = zxingcpp.read_barcodes(picture_of(file.content, 150 / 72))
    return found.text


@pytest.fixture(scope="module")
def bundle(node: Node, issued: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = tmp_path_factory.mktemp("trust") / "trust-bundle.json"
    kept.write_bytes(node.client.get("/v1/trust-bundle").content)
    return kept


def test_the_code_names_the_license_and_nobody(node: Node, issued: dict, scanned: str) -> None:
    code = read_qr_text(scanned)
    assert code.address == node.settings.public_url
    assert code.claims.identifier == issued["identifier"]
    assert code.claims.check_code == issued["check_code"].replace("-", "")
    assert code.claims.valid_from.isoformat() == issued["valid_from"]


def test_a_checker_without_network_finds_it_in_force(
    bundle: Path, scanned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--trust", str(bundle), "--json", "--qr", scanned]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "valid"
    assert {"qr-signed", "qr-names-only", "in-force"} <= {one["code"] for one in report["checks"]}
    assert main(["verify", "--trust", str(bundle), "--qr", scanned]) == 0
    assert "二维码真实" in capsys.readouterr().out


def test_the_policy_that_is_asked_for_judges_a_code_too(
    bundle: Path, scanned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], policy.load_policy
    monkeypatch.setattr(policy, "load_policy", lambda name: asked.append(name) or real(name))
    main(["verify", "--trust", str(bundle), "--policy", "strict", "--qr", scanned])
    assert asked == ["strict"]


def test_a_changed_code_and_another_text_are_told_apart(
    bundle: Path, scanned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at = scanned.index("#") + 120
    letter = "B" if scanned[at] == "A" else "A"
    assert main(
        ["verify", "--trust", str(bundle), "--qr", scanned[:at] + letter + scanned[at + 1 :]]
    ) in {1, 4}
    assert main(["verify", "--trust", str(bundle), "--qr", "https://example.com/"]) == 4
    assert main(["verify", "--trust", str(bundle), "--qr", scanned, "file.pdf"]) == 64
    assert main(["verify", "--trust", str(bundle)]) == 64
    assert "qr-not-ours" in capsys.readouterr().out


def test_the_keys_of_codes_are_published(node: Node, scanned: str) -> None:
    answer = node.client.get("/v1/qr-keys")
    (key,) = answer.json()["keys"]
    assert key["region"] == read_qr_text(scanned).claims.region == node.settings.region.code
    assert key["key_id"] == read_qr_text(scanned).claims.key_id.hex()
    tag = answer.headers["etag"]
    assert node.client.get("/v1/qr-keys", headers={"If-None-Match": tag}).status_code == 304


def test_the_page_brings_the_keys_and_its_scripts_along(node: Node) -> None:
    page = node.client.get("/verify")
    held = re.search(r'<script id="qr-keys" type="application/json">(.*?)</script>', page.text)
    assert held is not None
    assert json.loads(held[1])["keys"] == node.client.get("/v1/qr-keys").json()["keys"]
    for path in re.findall(r'<script src="([^"]+)"', page.text):
        assert node.client.get(path).status_code == 200
    assert "<noscript>" in page.text
    worker = node.client.get("/verify-offline.js")
    assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    for path in re.findall(r'"(/[^"]+)",', worker.text):
        assert node.client.get(path).status_code == 200
