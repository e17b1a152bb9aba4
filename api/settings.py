"""Every setting, with its unit, its default and why it is there.

The only module that reads the environment. Packages below get plain values. A
default works on a laptop, with everything under ``./var/license-vault``; what
only suits a laptop is refused when ``environment`` is ``production``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import (
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from api.errors import SettingsRefusedError
from api.setting_names import refused_names
from api.settings_checks import PREFIX, refuse_unfit
from api.settings_groups import ExchangeSettings, PartnersSettings, SettingsGroup


class DatabaseSettings(SettingsGroup):
    """Where rows are kept."""

    url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy address: sqlite:///… or postgresql+psycopg://…; "
        "unset: a SQLite file in home",
    )
    pool_size: int = Field(
        default=5, ge=1, le=100, description="connections per worker process (PostgreSQL)"
    )


class StoreSettings(SettingsGroup):
    """Where sealed, encrypted files are kept."""

    kind: Literal["directory", "s3"] = Field(
        default="directory", description="directory (not in production) or s3"
    )
    directory: Path | None = Field(
        default=None, description="folder of the directory store; unset: in home"
    )
    bucket: str = Field(default="license-vault", description="bucket of the S3 store")
    endpoint_url: str | None = Field(
        default=None, description="address of the S3 store; unset: AWS"
    )
    s3_region: str = Field(
        default="us-east-1", description="region name that S3 requests are signed for"
    )
    access_key_id: SecretStr | None = Field(default=None, description="S3 access key")
    secret_access_key: SecretStr | None = Field(default=None, description="S3 secret key")


class KeysSettings(SettingsGroup):
    """Where keys are, and what opens them."""

    uri: str | None = Field(
        default=None, description="file:FOLDER (not in production); unset: a folder in home"
    )
    passphrase: SecretStr | None = Field(
        default=None, description="opens the key folder; development generates a file if unset"
    )
    passphrase_file: Path | None = Field(
        default=None, description="file with the passphrase, mode 0600; read if passphrase is unset"
    )


class TimestampSettings(SettingsGroup):
    """Who says when a seal was made."""

    kind: Literal["local", "http"] = Field(
        default="local", description="local (not in production) or http: a TSA of RFC 3161 with SM3"
    )
    url: str | None = Field(default=None, description="address of the TSA")
    timeout_seconds: float = Field(default=5.0, gt=0, le=60, description="longest wait for a token")
    max_token_bytes: int = Field(default=8192, ge=1024, description="larger tokens are refused")


class OidcSettings(SettingsGroup):
    """Whom officers and holders log in with."""

    issuer: str | None = Field(
        default=None,
        description="issuer of the bearer tokens; unset: no officer or holder can log in",
    )
    audience: str = Field(default="license-vault", description="what `aud` must contain")
    jwks_url: str | None = Field(default=None, description="keys of the issuer; unset: ISSUER/jwks")
    client_id: str | None = Field(
        default=None, description="as whom the pages log people in; unset: AUDIENCE"
    )
    client_secret: SecretStr | None = Field(
        default=None, description="secret of the pages' client, where the issuer gave one"
    )
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "EdDSA"], ...] = Field(
        default=("RS256",),
        description="signature algorithms accepted, as a JSON list; never HMAC or none",
    )
    role_claim: str = Field(
        default="roles",
        description="claim that says license-officer or license-holder, or one of seal-manager, "
        "seal-user and seal-auditor; a text or a list",
    )
    organisation_claim: str = Field(
        default="organisation", description="claim with the code of an officer's organisation"
    )
    document_type_claim: str = Field(
        default="document_type",
        description="claim with the kind of a holder's document, as GB/T 36903 has it",
    )
    document_number_claim: str = Field(
        default="document_number", description="claim with the number of a holder's document"
    )
    jwks_cache_seconds: int = Field(
        default=300, ge=10, description="how long fetched keys are kept"
    )
    jwks_pause_seconds: int = Field(
        default=30,
        ge=1,
        description="shortest time between two fetches, whatever key a token names",
    )
    fetch_timeout_seconds: float = Field(
        default=3.0, gt=0, le=30, description="longest wait for the keys"
    )
    leeway_seconds: int = Field(
        default=30, ge=0, le=300, description="clock difference that is forgiven"
    )
    max_lifetime_seconds: int = Field(
        default=86400, ge=60, description="tokens that live longer are refused"
    )


class TokenSettings(SettingsGroup):
    """The tokens we give to API clients."""

    lifetime_seconds: int = Field(
        default=3600, ge=60, le=86400, description="how long a token is good for"
    )
    device_lifetime_seconds: int = Field(
        default=43200, ge=60, le=86400, description="the same of a device: one shift"
    )


class RegionSettings(SettingsGroup):
    """Which region this node answers for."""

    code: str = Field(
        default="310120", pattern=r"^\d{6}$", description="GB/T 2260 code of the region"
    )


class VerificationSettings(SettingsGroup):
    """How uploaded files are judged."""

    parser_processes: int = Field(
        default=2, ge=1, le=16, description="parser processes kept ready in each worker"
    )
    parser_timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="a file that takes longer is given up"
    )


class IssuingSettings(SettingsGroup):
    """What issuing asks of a request besides the caller's right."""

    unsigned_approvals: Literal["allow", "refuse"] = Field(
        default="allow",
        description="requests whose item is not registered, so that no officer signs: allow (not "
        "in production) or refuse; a registered item always demands its approvals",
    )


class PublicationSettings(SettingsGroup):
    """The signed lists that others verify with."""

    status_list_lifetime_seconds: int = Field(
        default=86400, ge=600, description="from issue to nextUpdate of a status list"
    )
    status_list_spacing_seconds: int = Field(
        default=10,
        ge=0,
        le=60,
        description="how long a publication of a status list stands before it is made anew",
    )
    revocation_list_lifetime_seconds: int = Field(
        default=604800, ge=3600, description="from thisUpdate to nextUpdate of a development CRL"
    )


class CatalogueSettings(SettingsGroup):
    """License types beside the ones that come along."""

    directories: tuple[Path, ...] = Field(
        default=(), description="further folders of license types, as a JSON list"
    )
    rare_fonts: Path | None = Field(
        default=None,
        description="folder with HanaMinA.ttf and HanaMinB.ttf; unset: where Debian puts them",
    )


class JobsSettings(SettingsGroup):
    """How bulk jobs are run."""

    database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy address of the tables that DBOS keeps of workflows; unset: in the "
        "same PostgreSQL (schema dbos), or in a file beside SQLite's",
    )
    rows_at_once: int = Field(
        default=2, ge=1, le=64, description="rows of a job that one executor does side by side"
    )


class WebhookSettings(SettingsGroup):
    """How subscribers are told."""

    networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="networks that a subscriber's address may be in although they are not open to "
        'the Internet, as a JSON list: ["10.2.0.0/16"]',
    )
    timeout_seconds: float = Field(
        default=5.0, gt=0, le=30, description="longest wait for a subscriber"
    )


class DirectorySettings(SettingsGroup):
    """The upper directory that every license is reported to (归集)."""

    url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s#]+$",
        description="address that takes batches; unset: nothing is reported, and all stays due",
    )
    token: SecretStr | None = Field(
        default=None, description="bearer token by which the directory knows this node"
    )
    timeout_seconds: float = Field(
        default=15.0, gt=0, le=60, description="longest wait for the directory"
    )


class DisputeSettings(SettingsGroup):
    """How long an authority has to answer a dispute (异议)."""

    working_days: int = Field(default=15, ge=1, le=60, description="working days for an answer")
    holidays: tuple[date, ...] = Field(
        default=(), description="weekdays that are public holidays, as a JSON list of dates"
    )
    worked_days: tuple[date, ...] = Field(
        default=(), description="weekend days that are worked instead (调休), as a JSON list"
    )


class LimitsSettings(SettingsGroup):
    """What one request may cost."""

    max_document_bytes: int = Field(
        default=20 * 1024 * 1024, ge=1024, description="largest file to verify"
    )
    max_rows_bytes: int = Field(
        default=512 * 1024 * 1024, ge=1024, description="largest file of rows sent to /v1/jobs"
    )
    max_request_bytes: int = Field(default=1024 * 1024, ge=1024, description="largest other body")
    max_json_depth: int = Field(
        default=32, ge=4, le=200, description="deepest nesting of a JSON body"
    )
    idle_seconds: int = Field(
        default=30, ge=1, description="a kept connection without a request is closed after this"
    )
    concurrent_requests: int = Field(
        default=200, ge=1, description="requests at once in one worker; more are answered 503"
    )


class Settings(BaseSettings):
    """All settings of one node; variables are LICENSE_VAULT_… with __ between the parts."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        case_sensitive=False,
    )

    environment: Literal["development", "production"] = Field(
        default="development", description="production refuses everything that only suits a laptop"
    )
    home: Path = Field(
        default=Path("var/license-vault"),
        description="folder of everything that has no setting of its own",
    )
    public_url: str = Field(
        default="http://localhost:8000",
        pattern=r"^https?://[^\s/?#]+$",
        description="address under which others reach this node, no slash at the end; "
        "goes into every QR code",
    )
    certificates: Path | None = Field(
        default=None,
        description="folder with this node's own certificates, status.pem and (local TSA) tsa.pem; "
        "unset: in home",
    )
    demonstration: Path | None = Field(
        default=None,
        description="folder with start-page.json and the sample files that the start page then "
        "offers, with demo people to log in as (not in production); `make demo` writes it",
    )
    database: DatabaseSettings = DatabaseSettings()
    store: StoreSettings = StoreSettings()
    keys: KeysSettings = KeysSettings()
    timestamp: TimestampSettings = TimestampSettings()
    oidc: OidcSettings = OidcSettings()
    token: TokenSettings = TokenSettings()
    region: RegionSettings = RegionSettings()
    verification: VerificationSettings = VerificationSettings()
    issuing: IssuingSettings = IssuingSettings()
    publication: PublicationSettings = PublicationSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    jobs: JobsSettings = JobsSettings()
    webhooks: WebhookSettings = WebhookSettings()
    partners: PartnersSettings = PartnersSettings()
    exchange: ExchangeSettings = ExchangeSettings()
    directory: DirectorySettings = DirectorySettings()
    disputes: DisputeSettings = DisputeSettings()
    limits: LimitsSettings = LimitsSettings()

    @property
    def database_url(self) -> str:
        """Return the address of the database, the embedded one if none is set."""
        if self.database.url is not None:
            return self.database.url.get_secret_value()
        return f"sqlite:///{self.home / 'license-vault.sqlite3'}"

    @property
    def store_directory(self) -> Path:
        """Return the folder of the directory store."""
        return self.store.directory or self.home / "objects"

    @property
    def certificate_directory(self) -> Path:
        """Return the folder of this node's own certificates."""
        return self.certificates or self.home / "certificates"

    @property
    def keys_uri(self) -> str:
        """Return the address of the keys."""
        return self.keys.uri or f"file:{self.home / 'keys'}"

    @property
    def jwks_url(self) -> str | None:
        """Return where the keys of the OIDC issuer are fetched from."""
        if self.oidc.issuer is None:
            return None
        return self.oidc.jwks_url or f"{self.oidc.issuer.rstrip('/')}/jwks"


def load_settings() -> Settings:
    """Return the settings of this process's environment.

    Raises:
        SettingsRefusedError: a variable has a name we do not know, a value cannot be
            read, or is not fit for production; all reasons at once.
    """
    unknown = refused_names(Settings, EnvSettingsSource(Settings).env_vars)
    try:
        settings = Settings()
    except (ValidationError, SettingsError) as error:
        raise SettingsRefusedError((*unknown.values(), *_reasons(error, unknown))) from error
    if unknown:
        raise SettingsRefusedError(tuple(unknown.values()))
    refuse_unfit(settings)
    return settings


def _reasons(error: ValidationError | SettingsError, told: Collection[str]) -> tuple[str, ...]:
    if isinstance(error, SettingsError):
        # A list that is no JSON: the message names the setting and not its value.
        return (f"{PREFIX}…: {error}",)
    # Never the value: it may be a secret.
    reasons = (
        (f"{PREFIX}{'__'.join(str(part) for part in item['loc']).upper()}", item["msg"])
        for item in error.errors(include_input=False, include_url=False)
    )
    return tuple(f"{name}: {message}" for name, message in reasons if name not in told)
