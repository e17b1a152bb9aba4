"""What a set of settings must hold together, and what production refuses.

Pure: looks at values only, opens nothing. ``api.settings`` calls it on loading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.errors import SettingsRefusedError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from api.settings import Settings

PREFIX = "LICENSE_VAULT_"

DATABASES = ("sqlite://", "postgresql+psycopg://")
"""How the address of a database that we know begins."""

KNOWN_SECRETS = frozenset(
    {"secret", "password", "passphrase", "changeme", "change-me", "license-vault", "admin"}
    | {"minioadmin", "seaweedfs", "test", "development", "123456", "12345678"}
)
"""Values that stand in examples and lists of common passwords; refused in production."""


def refuse_unfit(settings: Settings) -> None:
    """Check what one field alone cannot show.

    Raises:
        SettingsRefusedError: with every reason.
    """
    reasons = _incomplete(settings)
    if settings.environment == "production":
        reasons += _unfit_for_production(settings)
    if reasons:
        raise SettingsRefusedError(tuple(reasons))


def _incomplete(settings: Settings) -> list[str]:
    reasons = []
    if not settings.database_url.startswith(DATABASES):
        reasons.append(
            f"{PREFIX}DATABASE__URL: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        )
    if settings.timestamp.kind == "http" and not settings.timestamp.url:
        reasons.append(f"{PREFIX}TIMESTAMP__URL: needed for timestamp.kind=http")
    if settings.store.kind == "s3" and bool(settings.store.access_key_id) != bool(
        settings.store.secret_access_key
    ):
        reasons.append(f"{PREFIX}STORE__SECRET_ACCESS_KEY: both S3 keys or neither")
    return reasons


def _unfit_for_production(settings: Settings) -> list[str]:
    reasons = []
    if settings.keys_uri.startswith(("file:", "memory:")):
        reasons.append(f"{PREFIX}KEYS__URI: software keys (软件密钥) are for development")
    if settings.store.kind == "directory":
        reasons.append(f"{PREFIX}STORE__KIND: the directory store (目录存储) is for development")
    if settings.database_url.startswith("sqlite"):
        reasons.append(f"{PREFIX}DATABASE__URL: SQLite is for development")
    if settings.timestamp.kind == "local":
        reasons.append(f"{PREFIX}TIMESTAMP__KIND: the local TSA (本地时间戳) is for development")
    if settings.issuing.unsigned_approvals == "allow":
        reasons.append(
            f"{PREFIX}ISSUING__UNSIGNED_APPROVALS: issuing without signed approvals (无审批签名) "
            "is for development"
        )
    if settings.demonstration is not None:
        reasons.append(f"{PREFIX}DEMONSTRATION: demo data (演示数据) are for development")
    reasons += [
        f"{PREFIX}{name}: http without TLS is for development"
        for name, value in _addresses(settings)
        if value and urlsplit(value).scheme == "http"
    ]
    reasons += [
        f"{PREFIX}{name}: a secret with a known value (众所周知的口令)"
        for name, value in _secrets(settings)
        if value is not None and _is_known(value.get_secret_value())
    ]
    return reasons


def _addresses(settings: Settings) -> tuple[tuple[str, str | None], ...]:
    return (
        ("PUBLIC_URL", settings.public_url),
        ("STORE__ENDPOINT_URL", settings.store.endpoint_url),
        ("TIMESTAMP__URL", settings.timestamp.url),
        ("OIDC__ISSUER", settings.oidc.issuer),
        ("OIDC__JWKS_URL", settings.oidc.jwks_url),
        ("DIRECTORY__URL", settings.directory.url),
    )


def _secrets(settings: Settings) -> tuple[tuple[str, SecretStr | None], ...]:
    return (
        ("KEYS__PASSPHRASE", settings.keys.passphrase),
        ("STORE__ACCESS_KEY_ID", settings.store.access_key_id),
        ("STORE__SECRET_ACCESS_KEY", settings.store.secret_access_key),
        ("DATABASE__URL", settings.database.url),
        ("DIRECTORY__TOKEN", settings.directory.token),
    )


def _is_known(secret: str) -> bool:
    password = urlsplit(secret).password if "://" in secret else secret
    return password is not None and (len(password) < 8 or password.lower() in KNOWN_SECRETS)
