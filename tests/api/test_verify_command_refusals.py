"""What ``license-vault verify`` says of what it cannot judge; 1 is kept for altered files."""

from pathlib import Path

import pytest

from api.cli.main import main

EMPTY_BUNDLE = (
    '{"schema":"license-vault/trust-bundle/1","region":"310120",'
    '"issued_at":"2026-01-01T00:00:00Z","anchors":[],"intermediates":[],"crls":[],'
    '"authorities":[],"status_lists":[]}'
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "license.pdf").write_bytes(b"%PDF-1.7\n")
    return tmp_path


def test_without_a_bundle_and_a_node_the_way_out_is_named_and_nothing_is_made(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "license.pdf"]) == 64
    assert "--trust" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["license.pdf"]


@pytest.mark.parametrize("what", [["license.pdf"], ["--qr", "x"]])
def test_a_file_to_hold_a_receipt_to_is_not_passed_over_where_there_is_no_receipt(
    here: Path, what: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "bundle.json").write_text(EMPTY_BUNDLE)
    assert main(["verify", "--trust", "bundle.json", *what, "--file", "license.pdf"]) == 64
    told = capsys.readouterr()
    assert "核验回执" in told.err
    assert told.out == ""


@pytest.mark.parametrize("content", [None, "", "{}", "not json"])
def test_a_bundle_that_cannot_be_used_is_wrong_use(here: Path, content: str | None) -> None:
    if content is not None:
        (here / "bundle.json").write_text(content)
    assert main(["verify", "--trust", "bundle.json", "license.pdf"]) == 64


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的。"),
        (b"hello", "不是 PDF、OFD、JSON 或印章文件。"),
        (bytes(33 << 20), "文件太大"),
    ],
)
def test_a_file_that_is_refused_is_told_why(
    here: Path, content: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "bundle.json").write_text(EMPTY_BUNDLE)
    (here / "license.pdf").write_bytes(content)
    assert main(["verify", "--trust", "bundle.json", "license.pdf"]) == 4
    assert sentence in capsys.readouterr().out
