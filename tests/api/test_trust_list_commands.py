"""The commands about trust lists, as operators of two regions run them one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api import partner_work
from api.cli.main import main
from api.cli.passphrase import passphrase
from api.settings import Settings, load_settings
from api.wiring import open_database_of
from keys.provider_software import ScryptCost, SoftwareKeys
from license_vault.partners.web import Fetched, Unreachable
from license_vault.trust.kept_lists import TrustLists

A, B = "310000", "320000"
A_URL = "http://a.regions.example"
Run = Callable[..., int]


@dataclass
class Operators:
    """Two nodes, each a folder; ``a(...)`` and ``b(...)`` run a command there."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    off: bool = False
    files: dict[str, bytes] = field(default_factory=dict)

    def at(self, name: str) -> None:
        self.monkeypatch.setenv("LICENSE_VAULT_HOME", str(self.folder / name))
        self.monkeypatch.setenv("LICENSE_VAULT_REGION__CODE", {"a": A, "b": B}[name])
        self.monkeypatch.setenv("LICENSE_VAULT_PUBLIC_URL", f"http://{name}.regions.example")

    def a(self, line: str) -> int:
        self.at("a")
        return main(line.split())

    def b(self, line: str) -> int:
        self.at("b")
        return main(line.split())

    def told(self) -> str:
        return self.capsys.readouterr().out

    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.told().splitlines() if "\t" in line]

    def publish(self) -> None:
        """Put what A's routes would answer where B's commands fetch it."""
        self.at("a")
        with open_database_of(load_settings()) as database, database.reading() as session:
            lists = TrustLists(session)
            kept, root = lists.newest(A), lists.newest_root(A)
        assert kept is not None
        assert root is not None
        self.files[f"{A_URL}/v1/trust-lists/{A}"] = kept.der
        self.files[f"{A_URL}/v1/trust-roots/{A}/{root.root.version}"] = root.der

    def get(self, url: str, **_: object) -> Fetched | Unreachable:
        if self.off:
            return Unreachable("no-answer")
        found = self.files.get(url)
        return Fetched(404, b"") if found is None else Fetched(200, found)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operators")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("a", "b"):
            patch.setenv("LICENSE_VAULT_HOME", str(folder / name))
            # A cheap passphrase derivation: the folder keeps its own cost.
            word = passphrase(Settings(home=folder / name))
            SoftwareKeys(folder / name / "keys", word, ScryptCost(2**10)).create_secret_key(
                "vault-kek"
            )
            assert main(["migrate"]) == 0
            assert main(["ca", "init"]) == 0
    return folder


@pytest.fixture
def operators(
    homes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operators:
    made = Operators(homes, monkeypatch, capsys)
    monkeypatch.setattr(partner_work, "partner_web_of", lambda *_: made)
    return made


def test_a_region_is_accepted_by_two_people_and_its_keys_roll(operators: Operators) -> None:
    """The whole way; each step stands on the one before."""
    _root_and_list(operators)
    fingerprint = _fetched(operators)
    _approved(operators, fingerprint)
    _rolled(operators)
    _withdrawn(operators)


def _root_and_list(run: Operators) -> None:
    assert run.a("trust build") == 1, "there is no root yet"
    assert run.a("trust root roll --key zhao --threshold 1") == 1
    assert run.a("trust root init --key zhao --key qian --key sun --threshold 2") == 0
    assert run.a("trust root init --key zhao --threshold 1") == 1
    assert run.a("trust sign --key zhao") == 1, "there is no draft"
    assert run.a("trust build --days 30") == 0
    run.told()
    assert run.a("trust sign --key zhao") == 0
    assert "1/2" in run.told()
    assert run.a("trust sign --key zhao") == 0
    assert "1/2" in run.told(), "one key is one signature"
    assert run.a("trust sign --key nobody") == 1
    assert run.a("trust sign --key qian") == 0
    assert "2/2" in run.told()
    assert run.a("trust show") == 0
    assert [row[:2] for row in run.rows() if row[0] == A] == [[A, "1"]]
    run.publish()


def _fetched(run: Operators) -> str:
    assert run.b(f"trust pull {A_URL} --region {B}") == 1, "our own region"
    run.off = True
    assert run.b(f"trust pull {A_URL} --region {A}") == 1
    run.off = False
    run.told()
    assert run.b(f"trust pull {A_URL}/ --region {A}") == 0
    fingerprint = run.rows()[1][3]
    assert run.b(f"trust diff {A}") == 0
    assert "anchor" in run.told()
    return fingerprint


def _approved(run: Operators, fingerprint: str) -> None:
    assert run.b("role add li manage") == 0
    typed = f"trust approve {A} --fingerprint {fingerprint}"
    assert run.b(f"trust approve {A} --fingerprint {'0' * 64} --as wang") == 1
    assert run.b(f"{typed} --as li") == 1, "who manages seals does not decide whom we trust"
    assert run.b(f"{typed} --as ?") == 1
    run.told()
    assert run.b(f"{typed} --as wang") == 0
    assert run.b(f"{typed} --as wang") == 0
    assert "accepted" not in run.told()
    assert run.b(f"{typed} --as zhou") == 0
    assert "is accepted (wang, zhou)" in run.told()
    assert run.b("trust regions") == 0
    row = run.rows()[1]
    assert (row[0], row[1], row[7], row[-1]) == (A, "1", "wang zhou", fingerprint)
    assert run.b(f"trust resolve {A} --fingerprint {fingerprint} --as wang") == 1, "no split"
    assert run.b("audit verify") == 0


def _rolled(run: Operators) -> None:
    assert run.a("trust root roll --key li --key qian --key sun --threshold 2") == 0
    assert run.a("trust build") == 0
    assert run.a("trust sign --key zhao") == 1, "no key of the new root"
    assert run.a("trust sign --key li --key sun") == 0
    run.told()
    assert run.a(f"trust diff {A}") == 0
    assert "0 differences" in run.told()
    assert run.a("audit verify") == 0


def _withdrawn(run: Operators) -> None:
    """A signer that is stood for no more stays in the list, with the reason."""
    assert run.a("trust show") == 0
    serial = next(row[1] for row in run.rows() if row[0] == "signer" and row[2] == "system")
    assert run.a(f"trust withdraw {serial} --since yesterday") == 1
    assert run.a(f"trust withdraw {serial} --why key-replaced") == 0
    assert run.a("trust build") == 0
    run.told()
    assert run.a(f"trust diff {A}") == 0
    (change,) = run.rows()[1:]
    assert (change[0], change[1], change[4]) == ("withdrawn", "system", "key-replaced")


def test_what_is_no_national_root_is_none(operators: Operators, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    assert operators.b(f"trust add --national {wrong}") == 1
