"""Commands about seals, roles, items and officers: from an application to .esl, and refusals."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_node import JIADING, NAMES, build_node
from pki import BoxGlyphs, Period, Pki

from api.cli.main import main
from api.pem import CERTIFICATE, REQUEST, from_pem, to_pem
from keys.certificate_authority import SEAL, Subject, read_request
from signing.picture.seal_image import picture_png
from signing.picture.seal_picture import SealPicture
from signing.ses.seal import read_ses_seal

IN_USE = "31011400000001"
CODE = "31011400000007"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seals") / "home"
    build_node(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of a node with two managers, anna and bert, and one seal in use."""
    shutil.copytree(made, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(tmp_path / "home"))
    yield tmp_path
    assert main(["audit", "verify"]) == 0


def run(*lines: str) -> None:
    for line in lines:
        assert main(line.split()) == 0, line


def life(capsys: pytest.CaptureFixture[str], code: str) -> list[list[str]]:
    """What `seal show CODE` tells of acts: action, who, details."""
    capsys.readouterr()
    run(f"seal show {code}")
    lines = capsys.readouterr().out.splitlines()
    return [line.split("\t")[1:] for line in lines[lines.index("at\tact\tby\tdetails") + 1 :]]


APPROVED = (
    f"seal apply {CODE} --owner {JIADING} --lower 电子证照专用章 --basis 启用 --by anna",
    f"seal approve {CODE} --basis 同意 --by bert",
)
MADE = (
    *APPROVED,
    f"seal request {CODE} --out seal.csr --by anna",
    "ca issue-seal seal.csr chain.pem",
    f"seal make {CODE} chain.pem --by anna",
)


def test_a_seal_is_taken_through_its_life_by_commands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*MADE, f"seal file {CODE} --number BA-7 --by anna")
    assert "Seal 31011400000007 is now: active." in capsys.readouterr().out
    run(f"seal export {CODE} --out seal.esl")
    seal = read_ses_seal((folder / "seal.esl").read_bytes())
    assert (seal.es_id, seal.name) == (CODE, f"{NAMES[JIADING][0]}电子证照专用章")
    run(
        f"seal suspend {CODE} --basis 盘点 --by anna",
        f"seal resume {CODE} --basis 完毕 --by anna",
        f"seal remake {CODE} --basis 更名 --name 新名 --ring 新的名称 --by anna",
        f"seal request {CODE} --new-key --out new.csr --by bert",
        "ca issue-seal new.csr new.pem",
        f"seal make {CODE} new.pem --by bert",
        f"seal file {CODE} --number BA-8 --by anna",
        f"seal cancel {CODE} --number ZX-8 --basis 撤并 --by anna",
    )
    done = [act[:2] for act in life(capsys, CODE)]
    assert [action for action, _ in done] == [
        "seal.applied", "seal.approved", "seal.certificate-requested", "seal.made", "seal.filed",
        "seal.suspended", "seal.resumed", "seal.remaking", "seal.certificate-requested",
        "seal.made", "seal.filed", "seal.cancelled",
    ]  # fmt: skip
    assert {who for _, who in done} == {"officer:anna", "officer:bert"}
    old, new = (
        read_request(from_pem(REQUEST, (folder / name).read_text())[0])
        for name in ("seal.csr", "new.csr")
    )
    assert old[0] == new[0]
    assert old[1] != new[1]


@pytest.mark.parametrize(
    ("before", "line", "told", "refused"),
    [
        ((), f"seal apply {IN_USE} --owner {JIADING} --basis x --by anna", "exists",
         ("seal.applied", "SealExistsError")),
        ((), f"seal apply 12 --owner {JIADING} --basis x --by anna", "code", None),
        ((), f"seal apply {CODE} --owner nobody --basis x --by anna", "nobody", None),
        (APPROVED[:1], f"seal approve {CODE} --basis x --by anna", "before",
         ("seal.approved", "SamePersonError")),
        (APPROVED[:1], f"seal approve {CODE} --basis x --by carl", "role manage",
         ("seal.approved", "SealRoleMissingError")),
        (APPROVED[:1], f"seal request {CODE} --out x.csr --by anna", "applied",
         ("seal.certificate-requested", "SealStateError")),
        ((), f"seal file {IN_USE} --number 2 --by anna", "active",
         ("seal.filed", "SealStateError")),
        ((), f"seal suspend {CODE} --basis x --by anna", "no seal", ("seal.suspended",
         "SealUnknownError")),
        ((), f"seal withdraw {IN_USE} --authority {JIADING} --type T9 --by anna", "no such grant",
         None),
        (APPROVED, f"seal export {CODE} --out x.esl", "not been made", None),
        ((), "role add anna use", "has the role manage", None),
        ((), "role add 王 use", "names no person", None),
        ((), "role remove carl", "no role", None),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_and_on_record(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    before: tuple[str, ...],
    line: str,
    told: str,
    refused: tuple[str, str] | None,
) -> None:
    run(*before)
    capsys.readouterr()
    assert main(line.split()) == 1
    captured = capsys.readouterr().err
    assert told in captured
    if refused is not None:
        code = line.split()[2]
        # A seal that is not there has no life to show; its refusals are on the chain all the same.
        if "SealUnknownError" in refused:
            run(*APPROVED[:1])
        matching = [act for act in life(capsys, code) if act[0] == f"{refused[0]}.refused"]
        assert f"error={refused[1]}" in matching[-1][2]


def test_a_chain_of_another_root_or_none_makes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*APPROVED, f"seal request {CODE} --out seal.csr --by anna")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LICENSE_VAULT_HOME", str(folder / "other"))
        run("migrate", "ca init", "ca issue-seal seal.csr foreign.pem")
    capsys.readouterr()
    assert main(f"seal make {CODE} foreign.pem --by anna".split()) == 1
    assert "certificate-untrusted" in capsys.readouterr().err
    assert main(f"seal make {CODE} seal.csr --by anna".split()) == 1
    assert "CERTIFICATE" in capsys.readouterr().err


def test_an_uploaded_picture_is_checked_before_anything_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    png = picture_png(SealPicture("round", "演示局"), BoxGlyphs())
    (folder / "good.png").write_bytes(png)
    (folder / "bad.png").write_bytes(b"\xff\xd8\xff\xe0 a photograph")
    line = f"seal apply {CODE} --owner {JIADING} --basis x --by anna --picture"
    for picture, told in (
        ("bad.png --width 40 --height 40", "picture-not-png"),
        ("good.png --width 40 --height 20", "picture-proportions-differ"),
        ("good.png --width 400 --height 400", "400 × 400 mm"),
        ("good.png", "--width"),
        ("missing.png --width 40 --height 40", "missing.png"),
    ):
        assert main([*line.split(), *picture.split()]) == 1
        assert told in capsys.readouterr().err
    run(f"{line} good.png --width 40 --height 40")


def test_an_elliptic_seal_is_applied_for(folder: Path) -> None:
    run(
        f"seal apply {CODE} --owner {JIADING} --shape ellipse --kind invoice --basis x --by anna",
        *MADE[1:],
        f"seal export {CODE} --out seal.esl",
    )
    seal = read_ses_seal((folder / "seal.esl").read_bytes())
    assert (seal.picture.width_mm, seal.picture.height_mm, seal.kind) == (45, 30, 3)


def test_roles_are_given_taken_back_and_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("role add carl audit", "role remove carl", "role add carl use")
    capsys.readouterr()
    run("role show")
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"{who}\t{role}\t{_today()}"
        for who, role in (("anna", "manage"), ("bert", "manage"), ("carl", "use"))
    ]


def _today() -> str:
    from api.wiring import clock

    return clock().date().isoformat()


def test_items_and_officers_are_registered_by_commands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.wiring import clock

    pki = Pki(clock())
    names = ("wang", "li")
    for name in names:
        der = pki.certify(f"officer/{name}", SEAL, Subject(name), "ca/seal", Period())
        (folder / f"{name}.pem").write_text(to_pem(CERTIFICATE, (der,)))
    run(
        "item add 000120 --name 公共场所卫生许可 --mode two-step",
        f"officer add wang --org {JIADING} --certificate wang.pem",
        f"officer add li --org {JIADING} --certificate li.pem",
        "officer disable li",
    )
    for line, told in (
        ("item add 000120 --name 又一 --mode sole", "exists"),
        (f"officer add wang --org {JIADING} --certificate wang.pem", "exists"),
        (f"officer add zhao --org {JIADING} --certificate wang.pem", "key-of-another"),
        ("officer disable li", "no officer li"),
        (f"officer add zhao --org {JIADING} --certificate missing.pem", "missing.pem"),
    ):
        capsys.readouterr()
        assert main(line.split()) == 1
        assert told in capsys.readouterr().err
    run("item show", "officer show")
    out = capsys.readouterr().out
    assert "000120\ttwo-step\t一审一核\t公共场所卫生许可" in out
    assert f"wang\t{JIADING}\tactive\t" in out
    assert f"li\t{JIADING}\tdisabled\t" in out


def test_a_seal_is_verified_by_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(f"seal export {IN_USE} --out seal.esl")
    capsys.readouterr()
    run("seal verify seal.esl")
    assert capsys.readouterr().out.startswith("电子印章属实")
    data = bytearray((folder / "seal.esl").read_bytes())
    data[-5] ^= 1
    (folder / "changed.esl").write_bytes(data)
    assert main(["seal", "verify", "changed.esl"]) == 1


def test_a_refusal_is_told_in_chinese_first(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(f"seal file {IN_USE} --number 2 --by anna".split()) == 1
    # A test before may have set this process's log up as the service's: lines of JSON.
    lines = capsys.readouterr().err.splitlines()
    told = [line for line in lines if not line.startswith("{")]
    assert told[0] == "命令未完成：印章现为“启用”，不能办理“备案”。"
    assert told[1].startswith("The command was not completed: seal")
