"""The command line, from an empty folder to a verified license, without a web server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from api_node import EXAMPLES, JIADING
from pki import Pki

from api.cli.main import main, parser
from api.cli.passphrase import passphrase
from api.pem import CERTIFICATE, REVOCATION_LIST, to_pem
from api.settings import Settings
from keys.certificate import read_certificate
from keys.provider_software import ScryptCost, SoftwareKeys

ROOT = Path(__file__).parents[2]
SEAL = "31011400000001"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    """A folder set up by commands alone, with one issued license and a trust bundle."""
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("LICENSE_VAULT_HOME", str(folder / "home"))
        # A cheap passphrase derivation: the folder keeps its own cost.
        cheap = SoftwareKeys(
            folder / "home" / "keys", passphrase(Settings(home=folder / "home")), ScryptCost(2**10)
        )
        cheap.create_secret_key("vault-kek")
        for line in (
            "migrate",
            "ca init",
            f"organisation add {JIADING} 演示局 --region 310114",
            "role add anna manage",
            "role add bert manage",
            f"seal apply {SEAL} --owner {JIADING} --basis 启用 --by anna",
            f"seal approve {SEAL} --basis 同意 --by bert",
            f"seal request {SEAL} --out seal.csr --by anna",
            "ca issue-seal seal.csr chain.pem",
            f"seal make {SEAL} chain.pem --by anna",
            f"seal file {SEAL} --number BA-1 --by anna",
            f"seal grant {SEAL} --authority {JIADING} --by anna",
        ):
            assert main(line.split()) == 0, line
        (folder / "license.pdf").write_bytes(issue())
        assert main(["trust", "export", "trust-bundle.json"]) == 0
        yield folder


def issue() -> bytes:
    from api import node_wiring, wiring
    from api.settings import load_settings
    from license_vault.api_clients import Caller, Scope
    from license_vault.registry.license_record import LicenseOpener
    from license_vault.registry.registry import Registry

    settings = load_settings()
    keys = wiring.keys_of(settings)
    vault = wiring.vault_of(settings, keys)
    body = json.loads((EXAMPLES / "public-place-hygiene.json").read_text(encoding="utf-8"))
    caller = Caller("client:test", JIADING, frozenset({Scope("licenses:issue")}))
    with wiring.open_database_of(settings) as database:
        timestamper = wiring.timestamper_of(settings, keys)
        issuance = node_wiring.issuance_of(settings, database, keys, vault, timestamper)
        made = issuance.issue(body, caller, "k")
        with database.reading() as session:
            kept = Registry(session).kept(made.license.identifier)
        return LicenseOpener(vault).file(kept, made.license.form("pdf"))


def alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with nothing of ours in the environment."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli.main", *arguments],
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def elsewhere(office: Path, tmp_path: Path) -> Path:
    """An empty folder with a copy of the file and the bundle, and nothing else."""
    for name in ("license.pdf", "trust-bundle.json"):
        (tmp_path / name).write_bytes((office / name).read_bytes())
    return tmp_path


def test_a_bundle_verifies_in_an_empty_folder(elsewhere: Path) -> None:
    done = alone(elsewhere, "verify", "--trust", "trust-bundle.json", "license.pdf")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("有效")
    assert sorted(p.name for p in elsewhere.iterdir()) == ["license.pdf", "trust-bundle.json"]


def test_one_changed_byte_is_exit_1(elsewhere: Path) -> None:
    content = bytearray((elsewhere / "license.pdf").read_bytes())
    content[3000] ^= 1
    (elsewhere / "changed.pdf").write_bytes(content)
    done = alone(elsewhere, "verify", "--trust", "trust-bundle.json", "changed.pdf")
    assert done.returncode == 1
    assert done.stdout.startswith("无效")


def test_the_report_is_json_and_a_second_opinion_agrees(elsewhere: Path) -> None:
    done = alone(
        elsewhere, "verify", "--json", "--second-opinion", "--trust", "trust-bundle.json",
        "license.pdf",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "valid"


def test_of_several_files_the_worst_answers(elsewhere: Path) -> None:
    (elsewhere / "text.pdf").write_text("no PDF")
    done = alone(
        elsewhere, "verify", "--json", "--trust", "trust-bundle.json", "license.pdf", "text.pdf",
        "missing.pdf",
    )  # fmt: skip
    assert done.returncode == 4
    together = json.loads(done.stdout)
    assert [report["exit"] for report in together["reports"]] == [0, 4, 4]
    assert together["same_content"] is None


@pytest.mark.parametrize(
    "arguments",
    [["verify"], ["verify", "--at", "gestern", "license.pdf"], ["nonsense"], ["ca"], []],
)
def test_wrong_use_is_exit_64(office: Path, arguments: list[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as left:
        code = left.code
    assert code == 64


def test_a_day_before_it_began_is_exit_2(office: Path) -> None:
    arguments = ["verify", "--at", "2026-03-01", "--trust", "trust-bundle.json", "license.pdf"]
    assert main(arguments) == 2


def test_a_broken_bundle_is_refused_in_both_languages(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bundle.json").write_text("{}")
    assert main(["verify", "--trust", str(tmp_path / "bundle.json"), "license.pdf"]) == 64
    told = capsys.readouterr().err
    assert "信任包" in told
    assert "trust bundle" in told


def test_the_own_node_verifies_with_its_rows(office: Path) -> None:
    assert main(["verify", "license.pdf"]) == 0


def test_rows_objects_and_audit_agree(office: Path) -> None:
    assert main(["fsck"]) == 0
    assert main(["audit", "verify"]) == 0
    assert main(["reconcile"]) == 0


def test_a_changed_audit_entry_is_found(office: Path) -> None:
    import shutil

    from sqlalchemy import text

    from api import wiring

    copy = office.parent / "changed-home"
    shutil.copytree(office / "home", copy)
    with (
        wiring.open_database_of(Settings(home=copy)) as database,
        database.writing() as session,
    ):
        session.execute(text("UPDATE audit_entry SET actor = 'client:another'"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LICENSE_VAULT_HOME", str(copy))
        assert main(["audit", "verify"]) == 1


@pytest.mark.parametrize(
    "line", ["types check", "types list", "key list", "seal show", "organisation list", "ca show",
             "check-settings", "ca crl", "client list",
             "trust show", "role show", "item show", "officer show"]
)  # fmt: skip
def test_a_listing_command_succeeds(
    office: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 0
    assert capsys.readouterr().out


def pki_files(folder: Path) -> tuple[Pki, dict[str, Path]]:
    """A hierarchy of another CA, fresh today, in files as its operator sends them."""
    from api.wiring import clock

    pki = Pki(clock())
    files = {name: folder / name for name in ("root.cer", "ca.pem", "lists.pem", "root.pem")}
    files["root.cer"].write_bytes(pki.root)
    files["root.pem"].write_text(to_pem(CERTIFICATE, (pki.root,)))
    files["ca.pem"].write_bytes(
        "颁发机构\n".encode("gb18030") + to_pem(CERTIFICATE, (pki.seal_ca, pki.tsa_ca)).encode()
    )
    files["lists.pem"].write_text(to_pem(REVOCATION_LIST, pki.revocation_lists()))
    return pki, files


def test_trust_from_outside_is_taken_in_shown_and_withdrawn(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pki, files = pki_files(tmp_path)
    names = [str(files[name]) for name in ("lists.pem", "ca.pem", "root.cer")]
    assert main(["trust", "add", *names]) == 1
    assert f"{files['root.cer']}: a self-issued CA needs --purpose" in capsys.readouterr().err
    assert main(["trust", "add", *names, "--purpose", "seal", "--purpose", "timestamp"]) == 0
    assert capsys.readouterr().out.count("\tnew\t") == 6
    assert main(["trust", "add", str(files["root.pem"])]) == 0
    assert "held already" in capsys.readouterr().out
    serial = f"{read_certificate(pki.root).serial:x}"
    assert main(["trust", "show"]) == 0
    shown = capsys.readouterr().out
    assert f"anchor\t{serial}\tseal timestamp\t" in shown
    assert main(["trust", "withdraw", serial]) == 0
    capsys.readouterr()
    assert main(["trust", "show"]) == 0
    assert serial not in capsys.readouterr().out
    assert main(["trust", "withdraw", serial]) == 1
    assert main(["audit", "verify"]) == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no certificate", "no SM2 certificate or CRL"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "has no CERTIFICATE"),
        (b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n", "is no PEM"),
    ],
)
def test_trust_material_that_is_none_is_refused_by_name(
    office: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    told: str,
) -> None:
    (tmp_path / "sent.pem").write_bytes(content)
    assert main(["trust", "add", str(tmp_path / "sent.pem")]) == 1
    assert told in capsys.readouterr().err
    assert main(["trust", "add", str(tmp_path / "missing.pem")]) == 1
    assert str(tmp_path / "missing.pem") in capsys.readouterr().err


def test_a_program_reads_clients_as_json(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scopes = "--scope licenses:issue:* --scope licenses:read"
    assert main(f"client add 审批系统 --organisation {JIADING} {scopes} --json".split()) == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made) == {"client_id", "client_secret"}
    assert main(["client", "disable", made["client_id"]]) == 0
    capsys.readouterr()
    assert main(["client", "list", "--json"]) == 0
    printed = capsys.readouterr().out
    assert made["client_secret"] not in printed
    listed = {client["client_id"]: client for client in json.loads(printed)}
    assert listed[made["client_id"]] == {
        "client_id": made["client_id"],
        "name": "审批系统",
        "organisation": JIADING,
        "scope": "licenses:issue:* licenses:read:*",
        "state": "disabled",
    }


def test_making_the_hierarchy_again_changes_nothing(office: Path) -> None:
    before = {p.name: p.read_bytes() for p in (office / "home" / "keys").iterdir()}
    root = (office / "home" / "certificates" / "root.pem").read_bytes()
    assert main(["ca", "init"]) == 0
    assert {p.name: p.read_bytes() for p in (office / "home" / "keys").iterdir()} == before
    assert (office / "home" / "certificates" / "root.pem").read_bytes() == root


def test_production_has_no_development_hierarchy(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_ENVIRONMENT", "production")
    assert main(["ca", "init"]) == 1
    assert "LICENSE_VAULT_KEYS__URI" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"organisation add {JIADING} 演示 --region 310114", "exists"),
        ("organisation add x 演示 --region 31", "6"),
        (f"client add x --organisation {JIADING} --scope root", "scope"),
        ("ca revoke xyz", "hex"),
        ("ca revoke 1f --reason nonsense", "nothing is revoked"),
        ("ca revoke -5", "nothing is revoked"),
        ("client disable unknown", "unknown"),
    ],
)
def test_what_does_not_fit_is_refused(
    office: Path, line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 1
    assert told in capsys.readouterr().err


def test_a_revocation_that_no_list_can_hold_stops_none_of_the_next(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    revoked = office / "home" / "certificates" / "revoked.json"
    before = revoked.read_bytes() if revoked.exists() else None
    assert main(["ca", "revoke", "1f", "--reason", "nonsense"]) == 1
    assert (revoked.read_bytes() if revoked.exists() else None) == before
    assert main(["ca", "crl"]) == 0


def test_serving_waits_for_a_migrated_database(tmp_path: Path) -> None:
    from api.errors import StartRefusedError
    from api.node_wiring import wire

    with pytest.raises(StartRefusedError, match="migrate"):
        wire(Settings(home=tmp_path / "empty"))


def test_help_is_in_both_languages() -> None:
    text = parser().format_help()
    assert "核验" in text
    assert "verify" in text


def test_a_revoked_seal_certificate_is_told_to_verifiers(office: Path, tmp_path: Path) -> None:
    import shutil

    from api.pem import CERTIFICATE, from_pem
    from keys.certificate import read_certificate

    copy = tmp_path / "home"
    shutil.copytree(office / "home", copy)
    serial = read_certificate(from_pem(CERTIFICATE, (office / "chain.pem").read_text())[0]).serial
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LICENSE_VAULT_HOME", str(copy))
        assert main(["ca", "revoke", f"{serial:x}", "--reason", "keyCompromise"]) == 0
        assert main(["verify", "license.pdf"]) not in (0, 2)
        assert main(["ca", "revoke", f"{serial:x}"]) == 1
