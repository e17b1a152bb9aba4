"""A whole node: everything a web worker needs, made and proven; and what issues licenses.

Apart from ``wiring``, for presses, sealing and parsers take seconds to load, and most commands need
none of them. What is made here is closed here.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from api import receipt_sheets
from api.bulk_work import job_work
from api.case_work import CaseWork, case_work, judgement_by, sheet_drawing
from api.cursors import Cursors
from api.decisions import Decisions
from api.demonstration import read_demonstration
from api.development_authority import SECRET_LABELS
from api.event_work import EventServices, event_work
from api.exchange_work import AcceptedPartners, ExchangeWork, exchange_work
from api.figure_work import canary_of
from api.own_node import final_check_by
from api.package_work import PackageServices, PackageWork, package_work
from api.partner_work import PartnerServices, PartnerWork, partner_work, regional_sources
from api.people_wiring import claim_names_of, login_of, people_of
from api.presenting_work import PresentingWork, presenting_work
from api.publishing import publish_revocation_lists
from api.seals.work import seal_work
from api.services import Services
from api.settings import Settings
from api.start_checks import prove_engine, prove_keys, prove_schema, prove_store
from api.verification_pictures import Pictures
from api.wiring import (
    catalogue_of,
    certificates_of,
    clock,
    database_of,
    development_authority_of,
    fonts_of,
    keys_of,
    random_bytes,
    seal_services_of,
    sources_of,
    status_base_uri,
    status_publisher_of,
    store_of,
    timestamper_of,
)
from keys.errors import KeyExistsError
from keys.provider import KeyProvider
from keys.provider_software import SoftwareKeys
from license_vault.cases.case_gate import CaseGate
from license_vault.cases.case_services import CaseServices
from license_vault.cases.copied_fields import CopiedFields
from license_vault.copies.drawing import CopyDrawing
from license_vault.database.sessions import Database
from license_vault.exchange.services import ExchangeServices, Quotas
from license_vault.face.license_drawing import LicenseDrawing
from license_vault.face.ofd import OfdPress
from license_vault.face.pdf import PdfPress
from license_vault.face.qr_content import SignedQrText
from license_vault.holding.working_days import DisputeTerms, WorkCalendar
from license_vault.issue_log.own_log import IssueLog
from license_vault.issuing.form_making import JsonForm, OfdForm, PdfForm
from license_vault.issuing.issuance import Issuance
from license_vault.issuing.manifests import SYSTEM_LABEL, ManifestIssuer
from license_vault.issuing.plan import IssuanceServices, no_checkpoint
from license_vault.issuing.request_approvals import UnsignedApprovals
from license_vault.issuing.side_by_side import SideBySide
from license_vault.library_signature import LibrarySigner
from license_vault.lifecycle.changes import Lifecycle, LifecycleServices
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.versions import Versions
from license_vault.packages.effects import PackageEffects
from license_vault.partners.web import Web
from license_vault.presenting.kept import PresentingServices
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.store.object_store import ObjectStore
from license_vault.vault import JSON, OFD, PDF, Vault
from signing.sealed_json.sealing import JsonSealer
from signing.sealing import Sealer
from signing.timestamps.token import Timestamper
from verification.parser_process import ParserLimits, ParserPool
from verification.policy import load_policy
from verification.reading import read_document
from verification.verifier import Verifier

_log = logging.getLogger("license_vault.start")

# Threads of one worker that make and deposit forms; each issue adds its own to them.
FORMS_AT_ONCE = 16


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
    signer = signer_of(settings, keys, timestamper)
    qr_text = SignedQrText(settings.public_url, settings.region.code, signer)
    drawing = LicenseDrawing(fonts, PdfPress(fonts).draw, OfdPress(fonts).draw, qr_text)
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
            effects=(CaseGate(), CopiedFields(vault), PackageEffects(LicenseOpener(vault))),
        )
    )


def manifests_of(settings: Settings, keys: KeyProvider, timestamper: Timestamper) -> ManifestIssuer:
    """Return who signs manifests: the library itself, with its own key."""
    folder = certificates_of(settings)
    return ManifestIssuer(keys, lambda: folder.chain(SYSTEM_LABEL), timestamper.timestamp)


def signer_of(settings: Settings, keys: KeyProvider, timestamper: Timestamper) -> LibrarySigner:
    """Return the license library's own signature: receipts and purpose-bound copies."""
    folder = certificates_of(settings)
    return LibrarySigner(keys, lambda: folder.chain(SYSTEM_LABEL), timestamper)


def presenting_of(
    settings: Settings, keys: KeyProvider, database: Database, vault: Vault, signer: LibrarySigner
) -> PresentingWork:
    """Return what presents licenses by codes, and makes purpose-bound copies."""
    return presenting_work(
        PresentingServices(database, vault, keys, LookupMacs(keys), signer, clock, random_bytes),
        _copy_drawing(settings),
    )


def _copy_drawing(settings: Settings) -> CopyDrawing:
    fonts = fonts_of(settings)
    return CopyDrawing(fonts, PdfPress(fonts).draw)


def cases_of(
    settings: Settings, keys: KeyProvider, database: Database, vault: Vault, verifier: Verifier
) -> CaseWork:
    """Return what works on items and cases; ``verifier`` parses uploads in another process."""
    services = CaseServices(
        database=database,
        keys=keys,
        vault=vault,
        judge=judgement_by(verifier, Decisions(database, settings.region.code)),
        draw_sheet=sheet_drawing(fonts_of(settings), clock),
        clock=clock,
        random_bytes=random_bytes,
        region=settings.region.code,
    )
    return case_work(services, catalogue_of(settings).for_issuing)


def wire(settings: Settings, web: Web | None = None) -> Services:
    """Make everything a web worker needs; refuse to start rather than break a promise.

    Args:
        web: what reaches partner regions; unset: the network.

    Raises:
        StartRefusedError: something that is promised could not be shown.
        KeyCustodyError, LicenseVaultError, VerificationError: as their parts raise them.
    """
    with ExitStack() as parts:
        services = _wire(settings, parts, web)
        # Nothing went wrong: what was opened stays open until the services are closed.
        services = replace(services, close=parts.pop_all().close)
    _log.info("ready", extra={"fields": {"environment": settings.environment}})
    return services


@dataclass(frozen=True, slots=True)
class _Ground:
    """What everything of a node stands on: opened, and shown to work."""

    keys: KeyProvider
    database: Database
    store: ObjectStore
    vault: Vault
    timestamper: Timestamper
    macs: LookupMacs
    signer: LibrarySigner


def _wire(settings: Settings, parts: ExitStack, web: Web | None) -> Services:
    ground = _ground(settings, parts)
    keys, database, vault = ground.keys, ground.database, ground.vault
    pool = _parsers(settings)
    parts.callback(pool.close)
    pictures = Pictures(require_isolation=settings.environment == "production")
    parts.callback(pictures.close)
    own = sources_of(settings, database)
    partners = partner_work(settings, PartnerServices(database, own, clock, ground.signer, web))
    parts.callback(partners.close)
    sources = regional_sources(settings, database, own, clock, partners)
    verifier = Verifier(sources, pool.parse, load_policy("default"), clock)
    issuance = issuance_of(settings, database, keys, vault, ground.timestamper)
    settling = Settling(database, vault)
    versions = Versions(issuance, settling)
    jobs = job_work(settings, issuance, versions, verifier)
    parts.callback(jobs.close)
    presenting = presenting_of(settings, keys, database, vault, ground.signer)
    people = people_of(settings)
    return Services(
        public_url=settings.public_url,
        limits=settings.limits,
        clock=clock,
        random_bytes=random_bytes,
        keys=keys,
        database=database,
        store=ground.store,
        catalogue=catalogue_of(settings),
        macs=ground.macs,
        vault=vault,
        dispute_terms=_dispute_terms(settings),
        cursors=Cursors(lambda message: keys.mac("token-mac", message)),
        token_lifetime=timedelta(seconds=settings.token.lifetime_seconds),
        device_token_lifetime=timedelta(seconds=settings.token.device_lifetime_seconds),
        claim_names=claim_names_of(settings),
        people=people,
        login=login_of(settings, people),
        issuance=issuance,
        packages=_packages(settings, ground, versions, settling, issuance),
        manifests=manifests_of(settings, keys, ground.timestamper),
        presenting=presenting,
        lifecycle=_lifecycle(issuance, settling),
        versions=versions,
        settling=settling,
        status=status_publisher_of(settings, database, keys),
        issue_log=IssueLog(database, settings.region.code, ground.signer, clock),
        region_code=settings.region.code,
        signer=ground.signer,
        seals=seal_work(
            seal_services_of(settings, database, keys, vault),
            verifier,
            lambda keys: Sealer(keys, ground.timestamper, fonts_of(settings), clock),
        ),
        verifier=verifier,
        pictures=pictures,
        draw_receipt=receipt_sheets.sheet_drawing(
            fonts_of(settings), PdfPress(fonts_of(settings)).draw
        ),
        cases=cases_of(settings, keys, database, vault, verifier),
        events=event_work(
            settings,
            EventServices(database, keys, vault, ground.signer, clock, random_bytes),
        ),
        jobs=jobs,
        partners=partners,
        exchange=_exchange(settings, ground, presenting, partners),
        canary=canary_of(
            database, _copy_drawing(settings), ground.signer, verifier, (clock, random_bytes)
        ),
        demonstration=read_demonstration(settings.demonstration),
        close=parts.close,
    )


def _ground(settings: Settings, parts: ExitStack) -> _Ground:
    """Open keys, database and store, each shown to work before the next is opened."""
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
    timestamper = timestamper_of(settings, keys)
    return _Ground(
        keys=keys,
        database=database,
        store=store,
        vault=Vault(keys, store, random_bytes),
        timestamper=timestamper,
        macs=LookupMacs(keys),
        signer=signer_of(settings, keys, timestamper),
    )


def _parsers(settings: Settings) -> ParserPool:
    return ParserPool(
        settings.verification.parser_processes,
        ParserLimits(wall_seconds=settings.verification.parser_timeout_seconds),
        require_isolation=settings.environment == "production",
        preloaded=("signing.pdf.differences",),
    )


def _exchange(
    settings: Settings, ground: _Ground, presenting: PresentingWork, partners: PartnerWork
) -> ExchangeWork:
    services = ExchangeServices(
        region=settings.region.code,
        database=ground.database,
        keys=ground.keys,
        vault=ground.vault,
        macs=ground.macs,
        signer=ground.signer,
        partners=AcceptedPartners(ground.database),
        web=partners.web,
        clock=clock,
        random_bytes=random_bytes,
        quotas=Quotas(settings.exchange.per_minute, settings.exchange.per_day),
    )
    return exchange_work(services, presenting, _dispute_terms(settings).due_after)


def _packages(
    settings: Settings,
    ground: _Ground,
    versions: Versions,
    settling: Settling,
    issuance: Issuance,
) -> PackageWork:
    return package_work(
        PackageServices(
            database=ground.database,
            keys=ground.keys,
            vault=ground.vault,
            clock=clock,
            random_bytes=random_bytes,
            largest_evidence=settings.limits.max_document_bytes,
            macs=ground.macs,
            issuance=issuance,
            versions=versions,
            settling=settling,
        )
    )


def _lifecycle(issuance: Issuance, settling: Settling) -> Lifecycle:
    """Return what changes licenses, on what issues them."""
    of = issuance.services
    return Lifecycle(
        LifecycleServices(
            database=of.database,
            vault=of.vault,
            keys=of.keys,
            catalogue=of.catalogue,
            clock=of.clock,
            settling=settling,
            checkpoint=no_checkpoint,
        )
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


def _dispute_terms(settings: Settings) -> DisputeTerms:
    disputes = settings.disputes
    calendar = WorkCalendar(frozenset(disputes.holidays), frozenset(disputes.worked_days))
    return DisputeTerms(disputes.working_days, calendar)
