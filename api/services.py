"""What the routes stand on: values and adapters, made once by ``api.wiring``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keys.provider import KeyProvider
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.license_types.catalogue import Catalogue
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.store.object_store import ObjectStore
from license_vault.vault import Vault

if TYPE_CHECKING:
    from api.authentication import ClaimNames
    from api.bulk_work import JobWork
    from api.case_work import CaseWork
    from api.cursors import Cursors
    from api.demonstration import Demonstration
    from api.event_work import EventWork
    from api.exchange_work import ExchangeWork
    from api.oidc import BearerTokens
    from api.oidc_login import OidcLogin
    from api.package_work import PackageWork
    from api.partner_work import PartnerWork
    from api.presenting_work import PresentingWork
    from api.receipt_sheets import DrawSheet
    from api.seals.work import SealWork
    from api.settings import LimitsSettings
    from api.verification_pictures import Pictures
    from license_vault.figures.canary import Canary
    from license_vault.holding.working_days import DisputeTerms
    from license_vault.issue_log.own_log import IssueLog
    from license_vault.issuing.issuance import Issuance
    from license_vault.issuing.manifests import ManifestIssuer
    from license_vault.library_signature import LibrarySigner
    from license_vault.lifecycle.changes import Lifecycle
    from license_vault.lifecycle.settling import Settling
    from license_vault.lifecycle.versions import Versions
    from license_vault.status.publication import StatusPublisher
    from verification.verifier import Verifier


@dataclass(frozen=True, slots=True)
class Services:
    """Everything one node has, ready for use; may be used from many threads."""

    public_url: str
    limits: LimitsSettings
    clock: Clock
    random_bytes: Callable[[int], bytes]
    keys: KeyProvider
    database: Database
    store: ObjectStore
    catalogue: Catalogue
    macs: LookupMacs
    vault: Vault
    cursors: Cursors
    token_lifetime: timedelta
    device_token_lifetime: timedelta
    claim_names: ClaimNames
    people: BearerTokens | None
    login: OidcLogin | None
    issuance: Issuance
    lifecycle: Lifecycle
    versions: Versions
    settling: Settling
    packages: PackageWork
    status: StatusPublisher
    issue_log: IssueLog
    manifests: ManifestIssuer
    presenting: PresentingWork
    region_code: str
    signer: LibrarySigner
    seals: SealWork
    cases: CaseWork
    verifier: Verifier
    pictures: Pictures
    draw_receipt: DrawSheet
    jobs: JobWork
    events: EventWork
    partners: PartnerWork
    dispute_terms: DisputeTerms
    exchange: ExchangeWork
    canary: Canary
    demonstration: Demonstration | None
    close: Callable[[], None]
