"""From settings to the parts of a node: the only file that chooses adapters.

Commands take single parts; ``node_wiring`` puts them together for a web worker.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from api.certificate_folder import CertificateFolder
from api.cli.passphrase import passphrase
from api.development_authority import DevelopmentAuthority
from api.errors import CommandRefusedError, SettingsRefusedError, StartRefusedError
from api.log_sources import OwnLogSource
from api.own_node import LiveStatus, OwnTrust
from api.seals.work import maker_of
from api.settings import Settings
from api.settings_checks import PREFIX
from api.start_checks import prove_schema
from keys.provider import KeyProvider
from keys.provider_software import SoftwareKeys
from keys.provider_uri import open_keys
from license_vault.clock import system_clock
from license_vault.database.sessions import Database, open_database
from license_vault.face.fonts import HANAZONO, Fonts
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue
from license_vault.seals.acts import SealServices
from license_vault.status.publication import PublishingRules, StatusPublisher
from license_vault.store.directory import DirectoryStore
from license_vault.store.object_store import ListingStore
from license_vault.vault import Vault
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.timestamps.http import HttpTimestamper
from signing.timestamps.local import LocalTimestamper
from signing.timestamps.token import Timestamper
from verification.sources import Sources

random_bytes = secrets.token_bytes
clock = system_clock


# --- single parts, as the commands need them ---------------------------------------------------


def database_of(settings: Settings) -> Database:
    """Open the database."""
    return open_database(settings.database_url, settings.database.pool_size)


@contextmanager
def open_database_of(settings: Settings) -> Iterator[Database]:
    """Open the database for one command, of the schema this code needs, and close it again."""
    database = database_of(settings)
    try:
        prove_schema(database)
        yield database
    finally:
        database.close()


def signing_key(keys: KeyProvider, label: str) -> bytes:
    """Return the public point of a signing key; software keys make one that is missing."""
    if isinstance(keys, SoftwareKeys) and label not in keys.labels():
        return keys.create_signing_key(label)
    return keys.public_point(label)


def key_labels(keys: KeyProvider) -> tuple[str, ...]:
    """Return the labels of all keys, if their keeper tells them."""
    return keys.labels() if isinstance(keys, SoftwareKeys) else ()


def vault_of(settings: Settings, keys: KeyProvider) -> Vault:
    """Open the vault: keys and store together."""
    return Vault(keys, store_of(settings), random_bytes)


def keys_of(settings: Settings) -> KeyProvider:
    """Open the keys.

    Raises:
        StartRefusedError: production, and they are not fit for it.
    """
    keys = open_keys(settings.keys_uri, passphrase(settings))
    if settings.environment == "production" and not keys.for_production:
        raise StartRefusedError("生产环境不使用软件密钥。", "Software keys are for development.")
    return keys


def store_of(settings: Settings) -> ListingStore:
    """Open the object store."""
    wanted = settings.store
    if wanted.kind == "directory":
        return DirectoryStore(settings.store_directory)
    # Here, not above: the AWS library takes long to load, and few commands need a store.
    from license_vault.store.s3 import S3Settings, S3Store

    access, secret = wanted.access_key_id, wanted.secret_access_key
    return S3Store(
        S3Settings(
            bucket=wanted.bucket,
            endpoint_url=wanted.endpoint_url,
            access_key_id=access.get_secret_value() if access else None,
            secret_access_key=secret.get_secret_value() if secret else None,
            region=wanted.s3_region,
        )
    )


def catalogue_of(settings: Settings) -> Catalogue:
    """Open the catalogue: the types that come along, then the operator's."""
    return Catalogue((SHIPPED_TYPES, *settings.catalogue.directories))


def catalogue_in(directories: Sequence[str]) -> Catalogue:
    """Open a catalogue of these folders only."""
    return Catalogue(tuple(map(Path, directories)))


def certificates_of(settings: Settings) -> CertificateFolder:
    """Return the folder of this node's own certificates."""
    return CertificateFolder(settings.certificate_directory)


def development_authority_of(settings: Settings, keys: KeyProvider) -> DevelopmentAuthority:
    """Return the development hierarchy.

    Raises:
        CommandRefusedError: this is production, or the keys cannot be made here.
    """
    if settings.environment == "production" or not isinstance(keys, SoftwareKeys):
        raise CommandRefusedError(
            "开发 CA 不用于生产环境；请向持牌 CA 申请证书。",
            "The development CA is not for production; ask a licensed CA for certificates.",
        )
    lifetime = timedelta(seconds=settings.publication.revocation_list_lifetime_seconds)
    return DevelopmentAuthority(keys, certificates_of(settings), clock, random_bytes, lifetime)


def timestamper_of(settings: Settings, keys: KeyProvider) -> Timestamper:
    """Return who says when a seal was made."""
    wanted = settings.timestamp
    if wanted.kind == "http":
        try:
            return HttpTimestamper(
                wanted.url or "", random_bytes, wanted.timeout_seconds, wanted.max_token_bytes
            )
        except ValueError as error:
            raise SettingsRefusedError((f"{PREFIX}TIMESTAMP__URL: {error}",)) from error
    certificate, *chain = certificates_of(settings).chain("tsa")
    identity = SigningIdentity(certificate, tuple(chain))
    return LocalTimestamper(keys, "tsa", identity, clock, random_bytes)


def status_base_uri(settings: Settings) -> str:
    """Return what the names of new status lists are put behind; each keeps what it began with."""
    return f"{settings.public_url}/v1/status-lists"


def sources_of(settings: Settings, database: Database) -> Sources:
    """Return where this region's own nodes know trust and state from: the live rows."""
    trust = OwnTrust(database, settings.region.code, clock)
    live = LiveStatus(database, clock)
    log = OwnLogSource(database, settings.region.code, clock)
    return Sources(trust, live, live, log)


def status_publisher_of(
    settings: Settings, database: Database, keys: KeyProvider
) -> StatusPublisher:
    """Return who signs the status lists."""
    folder = certificates_of(settings)
    wanted = settings.publication
    rules = PublishingRules(
        timedelta(seconds=wanted.status_list_lifetime_seconds),
        timedelta(seconds=wanted.status_list_spacing_seconds),
    )
    return StatusPublisher(database, keys, lambda: folder.chain("status")[0], rules, clock)


def fonts_of(settings: Settings) -> Fonts:
    """Return the fonts that faces and seals are drawn with."""
    return _fonts(settings.catalogue.rare_fonts or HANAZONO)


@cache
def _fonts(rare: Path) -> Fonts:
    return Fonts(rare)


def seal_services_of(
    settings: Settings, database: Database, keys: KeyProvider, vault: Vault
) -> SealServices:
    """Return what the life of seals is run with: keys, pictures, the maker of seals."""
    return SealServices(
        database=database,
        keys=keys,
        vault=vault,
        maker=maker_of(keys, certificates_of(settings), fonts_of(settings)),
        make_key=partial(signing_key, keys),
        clock=clock,
        random_bytes=random_bytes,
    )
