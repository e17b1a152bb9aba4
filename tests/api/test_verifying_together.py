"""Several files over HTTP, on the page and at the command line: one license or not."""

import json
from pathlib import Path

import pytest
from api_node import Node

from api.cli.main import main


@pytest.fixture(scope="module")
def files(node: Node, issued: dict) -> dict[str, bytes]:
    """Every file of one license, and its manifest."""
    path = f"/v1/licenses/{issued['identifier']}"
    forms = ("pdf", "ofd", "json")
    found = {
        form: node.client.get(f"{path}/file", params={"form": form}, headers=node.auth("jiading"))
        for form in forms
    }
    found["manifest"] = node.client.get(f"{path}/manifest", headers=node.auth("jiading"))
    assert {answer.status_code for answer in found.values()} == {200}, found
    return {name: answer.content for name, answer in found.items()}


def send(node: Node, *contents: bytes):
    parts = [("file", (f"{at}.bin", content)) for at, content in enumerate(contents)]
    return node.client.post("/v1/verifications", files=parts)


@pytest.mark.parametrize("form", ["pdf", "ofd", "json"])
def test_each_form_is_valid(node: Node, files: dict[str, bytes], form: str) -> None:
    report = send(node, files[form]).json()
    assert (report["verdict"], report["document"]["form"]) == ("valid", form)


def test_the_forms_and_the_manifest_of_a_license_agree(node: Node, files: dict[str, bytes]) -> None:
    answer = send(node, *files.values())
    assert answer.status_code == 200, answer.text
    together = answer.json()
    assert together["schema"] == "license-vault/together/1"
    assert together["same_content"] is True
    assert [report["verdict"] for report in together["reports"]] == ["valid"] * 3
    (manifest,) = together["manifests"]
    assert manifest["verdict"] == "valid", manifest
    assert manifest["sentence"]["zh"] == "文件清单属实，所给文件都在其中。"
    (alone,) = send(node, files["manifest"]).json()["manifests"]
    assert "没有给出所列的文件" in alone["sentence"]["zh"]


def test_the_manifest_of_another_license_does_not_agree(
    node: Node, files: dict[str, bytes]
) -> None:
    other = node.issue(body=node.body()).json()
    path = f"/v1/licenses/{other['identifier']}/manifest"
    manifest = node.client.get(path, headers=node.auth("jiading")).content
    together = send(node, files["pdf"], manifest).json()
    assert together["manifests"][0]["verdict"] == "altered"


def test_a_number_with_its_code_answers_about_the_original_form(node: Node, issued: dict) -> None:
    form = {"identifier": issued["identifier"], "check_code": issued["check_code"]}
    report = node.client.post("/v1/verifications", data=form).json()
    assert (report["verdict"], report["document"]["form"]) == ("valid", "ofd")
    assert report["marks"] == []


def test_more_files_than_a_license_has_are_refused(node: Node, files: dict[str, bytes]) -> None:
    answer = send(node, *[files["json"]] * 9)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-request"


def test_the_page_shows_every_verdict_and_whether_they_are_one_license(
    node: Node, files: dict[str, bytes]
) -> None:
    parts = [("file", (name, content)) for name, content in files.items()]
    page = node.client.post("/verify", files=parts)
    assert page.status_code == 200
    assert page.text.count('class="verdict good"') == 4
    assert 'class="together"' in page.text
    alone = node.client.post("/verify", files=[("file", ("x.ofd", files["ofd"]))])
    assert alone.text.count('class="verdict') >= 1
    assert 'class="together"' not in alone.text


@pytest.fixture
def here(
    node: Node, files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "bundle.json").write_bytes(node.client.get("/v1/trust-bundle").content)
    return tmp_path


def verify(*arguments: str) -> int:
    return main(["verify", "--trust", "bundle.json", *arguments])


def test_the_command_tells_of_each_file_and_of_all(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("pdf", "ofd", "json", "manifest") == 0
    shown = capsys.readouterr().out
    assert shown.count("有效") >= 4
    assert "同一份证照" in shown


def test_the_command_gives_the_same_json_as_the_service(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify("--json", "pdf", "ofd", "manifest") == 0
    together = json.loads(capsys.readouterr().out)
    assert together["same_content"] is True
    assert [report["file"] for report in together["reports"]] == ["pdf", "ofd"]
    assert [manifest["file"] for manifest in together["manifests"]] == ["manifest"]


def test_a_changed_manifest_is_exit_1(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = (here / "manifest").read_bytes()
    at = manifest.index(b'"sm3":"') + len(b'"sm3":"')
    other = b"0" if manifest[at : at + 1] != b"0" else b"1"
    (here / "manifest").write_bytes(manifest[:at] + other + manifest[at + 1 :])
    assert verify("pdf", "manifest") == 1
    assert "清单" in capsys.readouterr().out
