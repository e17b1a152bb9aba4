"""``license-vault render``: a picture a page, and a word for all that is not in it."""

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest
from documents import drawn_pdf, sealed_pdf
from drawn_pages import document_with
from ofd_documents import sealed_ofd
from ofd_forge import PAGE, put
from PIL import Image

from api.cli.main import main
from api.cli.render_words import NO_PICTURE, NOT_DRAWN

SIGNING = Path(__file__).parents[2] / "signing"
IMAGE = '<ofd:ImageObject ID="25" ResourceID="4" Boundary="150 20 30 40"/>'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def size_of(file: Path) -> tuple[int, int]:
    return Image.open(BytesIO(file.read_bytes())).size


def test_an_ofd_of_ours_is_drawn_whole(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "license.ofd").write_bytes(sealed_ofd())
    assert main(["render", "license.ofd", "--out", "pages", "--dpi", "96"]) == 0
    assert [file.name for file in (here / "pages").iterdir()] == ["license-1.png"]
    assert size_of(here / "pages" / "license-1.png") == pytest.approx((1123, 794), abs=1)
    assert capsys.readouterr().out == ("已写入 pages/license-1.png\nWritten: pages/license-1.png\n")


def test_every_page_of_a_pdf_is_drawn(here: Path) -> None:
    (here / "license.pdf").write_bytes(drawn_pdf(pages=3))
    assert main(["render", "license.pdf", "--dpi", "72"]) == 0
    assert sorted(file.name for file in here.glob("*.png")) == [
        "license-1.png", "license-2.png", "license-3.png",
    ]  # fmt: skip
    assert size_of(here / "license-2.png") == (596, 842)


def test_a_seal_in_a_pdf_is_seen(here: Path) -> None:
    (here / "license.pdf").write_bytes(sealed_pdf())
    assert main(["render", "license.pdf", "--dpi", "72"]) == 0
    colours = Image.open(here / "license-1.png").convert("RGB").getcolors(100_000) or []
    assert any(red > 180 and green < 60 for _, (red, green, _) in colours)


def test_what_is_not_drawn_is_listed_in_both_languages(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jbig2 = put("/Doc_0/Res/photo.png", b"\x97JB2\r\n\x1a\n")
    (here / "foreign.ofd").write_bytes(document_with(jbig2, body=IMAGE))
    assert main(["render", "foreign.ofd"]) == 0
    said = capsys.readouterr().out
    assert "图像格式不支持" in said
    assert f"{PAGE}#25 /Doc_0/Res/photo.png" in said
    assert "[picture-kind]" in said


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document-unreadable: form-unknown"),
        (b"hello", "document-unreadable: form-unknown"),
        (b"PK\x03\x04 and no more", "document-unreadable: package-"),
        (b"%PDF-1.7 and no more", "page-unreadable"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_told_why(
    here: Path, content: bytes, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "some.file").write_bytes(content)
    assert main(["render", "some.file"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("第 1 页：")
    assert code in said
    assert not list(here.glob("*.png"))


def test_a_page_with_too_many_dots_names_the_way_out(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "license.ofd").write_bytes(sealed_ofd(name="business-license"))
    assert main(["render", "license.ofd", "--dpi", "600"]) == 1
    assert "--dpi" in capsys.readouterr().err


@pytest.mark.parametrize("dpi", ["0", "35", "601", "-1"])
def test_an_absurd_resolution_is_wrong_use(here: Path, dpi: str) -> None:
    (here / "license.pdf").write_bytes(drawn_pdf())
    assert main(["render", "license.pdf", f"--dpi={dpi}"]) == 64


def test_a_file_that_is_there_is_not_replaced(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "license.pdf").write_bytes(drawn_pdf())
    (here / "license-1.png").write_bytes(b"somebody's")
    assert main(["render", "license.pdf"]) == 1
    assert "--out" in capsys.readouterr().err
    assert (here / "license-1.png").read_bytes() == b"somebody's"


def test_a_file_that_is_not_there_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "nothing.ofd"]) == 1
    assert "nothing.ofd" in capsys.readouterr().err


def codes_of(module: str) -> set[str]:
    """The codes that a module notes: first arguments of ``add``, ``problem`` and ``deviation``."""
    tree = ast.parse((SIGNING / module).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("add", "problem", "deviation")
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    noted = set[str]()
    for module in (
        "ofd/page.py", "ofd/text.py", "ofd/paint.py", "ofd/drawing.py", "ofd/seal_drawing.py",
        "ofd/rendering.py",
    ):  # fmt: skip
        noted |= codes_of(module)
    raised = set(
        re.findall(r'"(picture-[a-z-]+)"', (SIGNING / "ofd/raster_pictures.py").read_text())
    )
    assert noted | raised | {f"seal-{code}" for code in raised} | {"more-not-drawn"} == set(
        NOT_DRAWN
    )


def test_every_reason_for_no_picture_has_a_sentence() -> None:
    raised = {"document-unreadable", "reader-limit", "reader-crashed", "reader-timeout"}
    for module in ("ofd/page_canvas.py", "pdf/rendering.py"):
        raised |= set(re.findall(r'"(page-[a-z-]+)"', (SIGNING / module).read_text()))
    assert raised | {"too-many-pages"} == set(NO_PICTURE)
