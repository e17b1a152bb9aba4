import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.cli.passphrase import passphrase
from api.errors import SettingsRefusedError
from api.setting_names import refused_names
from api.settings import (
    DatabaseSettings,
    IssuingSettings,
    KeysSettings,
    Settings,
    StoreSettings,
    TimestampSettings,
    load_settings,
)
from api.settings_checks import refuse_unfit
from api.settings_listing import effective


def production(**changes: object) -> Settings:
    fit = {
        "environment": "production",
        "public_url": "https://licenses.example.cn",
        "database": DatabaseSettings(
            url=SecretStr("postgresql+psycopg://vault:u7Jq-4kd02-xPz@db/vault")
        ),
        "store": StoreSettings(
            kind="s3",
            endpoint_url="https://s3.example.cn",
            access_key_id=SecretStr("AK7d0cmbw2"),
            secret_access_key=SecretStr("Zr2-77eLmQpx09"),
        ),
        "keys": KeysSettings(uri="pkcs11:token=vault", passphrase=SecretStr("9f-Ww2mQ-77ax")),
        "timestamp": TimestampSettings(kind="http", url="https://tsa.example.cn"),
        "issuing": IssuingSettings(unsigned_approvals="refuse"),
    }
    return Settings(**{**fit, **changes})


def reasons(settings: Settings) -> str:
    with pytest.raises(SettingsRefusedError) as refused:
        refuse_unfit(settings)
    return "\n".join(refused.value.reasons)


def test_production_starts_with_fit_settings() -> None:
    refuse_unfit(production())


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"keys": KeysSettings(uri="file:/etc/keys")}, "KEYS__URI"),
        ({"keys": KeysSettings()}, "KEYS__URI"),
        ({"store": StoreSettings()}, "STORE__KIND"),
        ({"store": StoreSettings(kind="s3", endpoint_url="http://s3")}, "STORE__ENDPOINT_URL"),
        ({"database": DatabaseSettings()}, "DATABASE__URL"),
        (
            {"database": DatabaseSettings(url=SecretStr("postgresql+psycopg://v:secret@db/v"))},
            "DATABASE__URL",
        ),
        ({"timestamp": TimestampSettings()}, "TIMESTAMP__KIND"),
        ({"timestamp": TimestampSettings(kind="http", url="http://tsa")}, "TIMESTAMP__URL"),
        ({"public_url": "http://licenses.example.cn"}, "PUBLIC_URL"),
        ({"issuing": IssuingSettings()}, "ISSUING__UNSIGNED_APPROVALS"),
        (
            {"keys": KeysSettings(uri="pkcs11:t", passphrase=SecretStr("changeme"))},
            "KEYS__PASSPHRASE",
        ),
    ],
)
def test_production_refuses_what_suits_a_laptop(change: dict[str, object], variable: str) -> None:
    assert f"LICENSE_VAULT_{variable}:" in reasons(production(**change))


def test_every_reason_is_given_at_once() -> None:
    laptop = reasons(Settings(environment="production"))
    assert all(name in laptop for name in ("KEYS__URI", "STORE__KIND", "PUBLIC_URL", "TIMESTAMP"))


def test_a_time_stamping_address_is_needed_for_http() -> None:
    assert "TIMESTAMP__URL" in reasons(Settings(timestamp=TimestampSettings(kind="http")))


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("LICENSE_VAULT_PUBLIC_ULR", "LICENSE_VAULT_PUBLIC_URL"),
        ("LICENSE_VAULT_STORE__BUKET", "LICENSE_VAULT_STORE__BUCKET"),
        ("LICENSE_VAULT_DATABASE_URL", "LICENSE_VAULT_DATABASE__URL"),
        ("license_vault_enviroment", "LICENSE_VAULT_ENVIRONMENT"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, misspelt: str, meant: str
) -> None:
    monkeypatch.setenv(misspelt, "x")
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings()
    (reason,) = refused.value.reasons
    assert reason.startswith(f"{misspelt.upper()}:")
    assert f"the nearest is {meant})" in reason


@pytest.mark.parametrize("file", ["Makefile", ".ci/run"])
def test_what_a_run_of_the_tests_sets_keeps_no_command_from_starting(file: str) -> None:
    text = (Path(__file__).parents[3] / file).read_text()
    assert refused_names(Settings, re.findall(r"\b(\w+)=", text)) == {}


def test_a_misspelt_name_and_a_wrong_value_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_HOMME", "x")
    monkeypatch.setenv("LICENSE_VAULT_STORE", '{"buket": "x"}')
    monkeypatch.setenv("LICENSE_VAULT_TOKEN__LIFETIME_SECONDS", "soon")
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings()
    named = {reason.partition(":")[0] for reason in refused.value.reasons}
    assert named == {
        "LICENSE_VAULT_HOMME",
        "LICENSE_VAULT_STORE__BUKET",
        "LICENSE_VAULT_TOKEN__LIFETIME_SECONDS",
    }


def test_a_list_that_is_no_json_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_VAULT_CATALOGUE__DIRECTORIES", "/private/types")
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings()
    assert "catalogue" in str(refused.value)
    assert "/private/types" not in str(refused.value)


def test_a_whole_group_may_be_given_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_VAULT_STORE", '{"bucket": "another"}')
    assert load_settings().store.bucket == "another"


def test_a_refused_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_VAULT_PUBLIC_URL", "ftp://very-private-host")
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings()
    assert "very-private-host" not in str(refused.value)


def test_secrets_are_hidden_when_settings_are_printed() -> None:
    shown = str(effective(production()))
    assert "9f-Ww2mQ" not in shown
    assert "u7Jq-4kd02" not in shown
    assert "Zr2-77eLmQpx09" not in shown


def test_development_makes_one_private_passphrase(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = passphrase(settings)
    assert len(first) >= 43
    assert passphrase(settings) == first
    assert (tmp_path / "home" / "passphrase").stat().st_mode & 0o777 == 0o600


def test_production_makes_no_passphrase(tmp_path: Path) -> None:
    settings = production(home=tmp_path, keys=KeysSettings(uri="pkcs11:t"))
    with pytest.raises(SettingsRefusedError):
        passphrase(settings)
    assert not list(tmp_path.iterdir())


def test_a_passphrase_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("a long passphrase")
    path.chmod(0o640)
    with pytest.raises(SettingsRefusedError, match="0640"):
        passphrase(Settings(keys=KeysSettings(passphrase_file=path)))
