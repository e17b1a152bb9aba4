"""From settings to a working node: the only file that names adapters.

``wire`` makes everything a web worker needs and proves at start-up what it
promises; commands take single parts. What is made here is closed here.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from api.authentication import ClaimNames
from api.certificate_folder import CertificateFolder
from api.cursors import Cursors
from api.development_authority import SECRET_LABELS, DevelopmentAuthority
from api.errors import CommandRefusedError, SettingsRefusedError, StartRefusedError
from api.oidc import BearerTokens, IssuerKeys, TokenRules, fetch_with_limits
from api.own_node import LiveStatus, OwnTrust, final_check_by
from api.passphrase import passphrase
from api.publishing import publish_revocation_lists
from api.seal_work import maker_of, seal_work
from api.services import Services
from api.settings import Settings
from api.settings_checks import PREFIX
from api.start_checks import prove_engine, prove_keys, prove_schema, prove_store
from keys.errors import KeyExistsError
from keys.provider import KeyProvider
from keys.provider_software import SoftwareKeys
from keys.provider_uri import open_keys
from license_vault.clock import system_clock
from license_vault.database import Database, open_database
from license_vault.face_ofd import OfdPress
from license_vault.face_pdf import PdfPress
from license_vault.fonts import HANAZONO, Fonts
from license_vault.form_making import JsonForm, OfdForm, PdfForm
from license_vault.issuance import Issuance
from license_vault.issuance_plan import IssuanceServices, no_checkpoint
from license_vault.license_drawing import LicenseDrawing
from license_vault.license_types import SHIPPED_TYPES, Catalogue
from license_vault.lifecycle import Lifecycle, LifecycleServices
from license_vault.lookup_macs import LookupMacs
from license_vault.manifests import SYSTEM_LABEL, ManifestIssuer
from license_vault.object_store import ListingStore
from license_vault.object_store_directory import DirectoryStore
from license_vault.object_store_s3 import S3Settings, S3Store
from license_vault.request_approvals import UnsignedApprovals
from license_vault.seal_acts import SealServices
from license_vault.side_by_side import SideBySide
from license_vault.status_publication import StatusPublisher
from license_vault.vault import JSON, OFD, PDF, Vault
from signing.cms_writer import SigningIdentity
from signing.json_sealing import JsonSealer
from signing.sealing import Sealer
from signing.timestamp import Timestamper
from signing.timestamp_http import HttpTimestamper
from signing.timestamp_local import LocalTimestamper
from verification.parser_process import ParserLimits, ParserPool
from verification.policy import load_policy
from verification.reading import read_document
from verification.sources import Sources
from verification.verifier import Verifier

_log = logging.getLogger("license_vault.start")

# Threads of one worker that make and deposit forms; each issue adds its own to them.
FORMS_AT_ONCE = 16

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
    return Sources(trust, LiveStatus(database, clock))


def status_publisher_of(
    settings: Settings, database: Database, keys: KeyProvider
) -> StatusPublisher:
    """Return who signs the status lists."""
    folder = certificates_of(settings)
    lifetime = timedelta(seconds=settings.publication.status_list_lifetime_seconds)
    return StatusPublisher(
        database,
        keys,
        lambda: folder.chain("status")[0],
        lifetime,
        clock,
    )


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


def issuance_of(
    settings: Settings,
    database: Database,
    keys: KeyProvider,
    vault: Vault,
    timestamper: Timestamper,
) -> Issuance:
    """Return what issues licenses: fonts, press, seals, and our own verifier as final check."""
    fonts = fonts_of(settings)
    sealer, json_sealer = Sealer(keys, timestamper, fonts, clock), JsonSealer(keys, timestamper)
    drawing = LicenseDrawing(
        fonts, PdfPress(fonts).draw, OfdPress(fonts).draw, f"{settings.public_url}/verify"
    )
    # The final check parses in this process: the file is our own (ADR 0023).
    verifier = Verifier(
        sources_of(settings, database), read_document, load_policy("final_check"), clock
    )
    return Issuance(
        IssuanceServices(
            database=database,
            keys=keys,
            vault=vault,
            catalogue=catalogue_of(settings),
            drawing=drawing,
            make_form={
                PDF: PdfForm(drawing.draw, sealer.seal_pdf),
                OFD: OfdForm(drawing.draw_ofd, sealer.seal_ofd),
                JSON: JsonForm(json_sealer.seal_json),
            },
            final_check=final_check_by(verifier),
            status_base_uri=status_base_uri(settings),
            clock=clock,
            random_bytes=random_bytes,
            unsigned_approvals=UnsignedApprovals(settings.issuing.unsigned_approvals),
            doing=SideBySide(FORMS_AT_ONCE),
        )
    )


def manifests_of(settings: Settings, keys: KeyProvider, timestamper: Timestamper) -> ManifestIssuer:
    """Return who signs manifests: the library itself, with its own key."""
    folder = certificates_of(settings)
    return ManifestIssuer(keys, lambda: folder.chain(SYSTEM_LABEL), timestamper.timestamp)


# --- the whole node ----------------------------------------------------------------------------


def wire(settings: Settings) -> Services:
    """Make everything a web worker needs; refuse to start rather than break a promise.

    Raises:
        StartRefusedError: something that is promised could not be shown.
        KeyCustodyError, LicenseVaultError, VerificationError: as their parts raise them.
    """
    with ExitStack() as parts:
        services = _wire(settings, parts)
        # Nothing went wrong: what was opened stays open until the services are closed.
        services = replace(services, close=parts.pop_all().close)
    _log.info("ready", extra={"fields": {"environment": settings.environment}})
    return services


def _wire(settings: Settings, parts: ExitStack) -> Services:
    prove_engine()
    keys = keys_of(settings)
    if isinstance(keys, SoftwareKeys):
        parts.callback(keys.close)
        _make_secret_keys(keys)
    database = database_of(settings)
    parts.callback(database.close)
    prove_schema(database)
    prove_keys(keys, certificates_of(settings))
    _refresh_revocation_lists(settings, keys, database)
    store = store_of(settings)
    prove_store(store, random_bytes)
    vault = Vault(keys, store, random_bytes)
    timestamper = timestamper_of(settings, keys)
    pool = ParserPool(
        settings.verification.parser_processes,
        ParserLimits(wall_seconds=settings.verification.parser_timeout_seconds),
        require_isolation=settings.environment == "production",
    )
    parts.callback(pool.close)
    verifier = Verifier(sources_of(settings, database), pool.parse, load_policy("default"), clock)
    return Services(
        public_url=settings.public_url,
        limits=settings.limits,
        clock=clock,
        random_bytes=random_bytes,
        keys=keys,
        database=database,
        store=store,
        catalogue=catalogue_of(settings),
        macs=LookupMacs(keys),
        vault=vault,
        cursors=Cursors(lambda message: keys.mac("token-mac", message)),
        token_lifetime=timedelta(seconds=settings.token.lifetime_seconds),
        claim_names=_claim_names(settings),
        people=_people(settings),
        issuance=issuance_of(settings, database, keys, vault, timestamper),
        manifests=manifests_of(settings, keys, timestamper),
        lifecycle=Lifecycle(LifecycleServices(database, vault, clock, no_checkpoint)),
        status=status_publisher_of(settings, database, keys),
        region_code=settings.region.code,
        seals=seal_work(
            seal_services_of(settings, database, keys, vault),
            verifier,
            lambda keys: Sealer(keys, timestamper, fonts_of(settings), clock),
        ),
        verifier=verifier,
        close=parts.close,
    )


def _make_secret_keys(keys: SoftwareKeys) -> None:
    present = set(keys.labels())
    for label in SECRET_LABELS:
        if label not in present:
            # Another worker that starts at the same moment may be first.
            with suppress(KeyExistsError):
                keys.create_secret_key(label)


def _refresh_revocation_lists(settings: Settings, keys: KeyProvider, database: Database) -> None:
    """Sign the development CRLs again before they run out; production gets them from its CA."""
    if settings.environment == "production" or not certificates_of(settings).has("root"):
        return
    authority = development_authority_of(settings, keys)
    if authority.lists_are_ageing():
        publish_revocation_lists(database, authority.sign_revocation_lists(), clock())


def _claim_names(settings: Settings) -> ClaimNames:
    oidc = settings.oidc
    return ClaimNames(
        oidc.role_claim,
        oidc.organisation_claim,
        oidc.document_type_claim,
        oidc.document_number_claim,
    )


def _people(settings: Settings) -> BearerTokens | None:
    oidc, url = settings.oidc, settings.jwks_url
    if oidc.issuer is None or url is None:
        return None
    rules = TokenRules(
        oidc.issuer,
        oidc.audience,
        oidc.algorithms,
        oidc.leeway_seconds,
        oidc.max_lifetime_seconds,
    )
    fetch = fetch_with_limits(oidc.fetch_timeout_seconds)
    keys = IssuerKeys(url, fetch, clock, oidc.jwks_cache_seconds, oidc.jwks_pause_seconds)
    return BearerTokens(rules, keys, clock)
