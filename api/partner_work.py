"""What reaches partner regions and pulls from them, made once for a node."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from api.background_tasks import Task
from api.log_sources import RegionalLogSource, accepted_certificates
from api.partner_statements import document_judge
from api.regional_sources import RegionalLists, RegionalStatus, RegionalTrust
from license_vault.events.addresses import AddressRules
from license_vault.events.pinned import CallLimits
from license_vault.issue_log.countersigning import Countersigner
from license_vault.partners.circuits import CircuitRules, Circuits
from license_vault.partners.network_web import NetworkWeb
from license_vault.partners.partners import Partners
from license_vault.partners.pull import Pull
from license_vault.partners.pull_log import LogPull
from license_vault.partners.pull_revocations import RevocationPull
from license_vault.partners.pull_sharing import KIND_OF, SharingPull
from license_vault.partners.pull_sightings import SightingPull
from license_vault.partners.pull_status import StatusPull
from license_vault.partners.pull_trust import TrustPull
from license_vault.partners.refreshing import Refreshing
from license_vault.partners.revocations import PartnerRevocationLists
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part
from verification.exchange_judgement import signer_refusal
from verification.list_signer import problem_of_signer
from verification.policy import load_policy
from verification.sources import Sources, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from api.settings import Settings
    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from license_vault.library_signature import LibrarySigner
    from license_vault.partners.pull import PartPull
    from license_vault.partners.web import Origin, Web
    from signing.sealed_json.statement import SignedStatement
    from signing.status_file import StatusFileHead


@dataclass(frozen=True, slots=True)
class PartnerWork:
    """How partners are reached, what is pulled from them, and what is known of them so."""

    web: Web
    pull: Pull
    lists: RegionalLists
    refreshing: Refreshing
    every: timedelta

    def tasks(self) -> tuple[Task, ...]:
        """Return what is to be done all the time."""
        return (Task("partners", self.every, self.pull.run),)

    def close(self) -> None:
        """Begin no more calls."""
        self.pull.close()
        self.refreshing.close()


def partner_web_of(settings: Settings, allowed: Callable[[], Collection[Origin]]) -> Web:
    """Return what calls partners over the network: only those allowed, each with its circuit.

    Args:
        allowed: gives the origins that may be called; of a node those of its accepted partners
            (``allow_list_of``), of a command the one that was typed.
    """
    partners = settings.partners
    schemes = {"https"} if settings.environment == "production" else {"https", "http"}
    rules = AddressRules(frozenset(schemes), tuple(partners.networks))
    network = NetworkWeb(rules, allowed, CallLimits(partners.read_seconds, partners.call_seconds))
    circuits = CircuitRules(partners.circuit_failures, partners.circuit_seconds)
    return Circuits(network, circuits, time.monotonic)


def allow_list_of(database: Database) -> Callable[[], Collection[Origin]]:
    """Return what tells whom a node may call: its accepted partners, as they are at each call."""

    def allowed() -> Collection[Origin]:
        with database.reading() as session:
            return Partners(session).origins()

    return allowed


@dataclass(frozen=True, slots=True)
class PartnerServices:
    """What it is made of.

    ``own`` is where trust and state of our own are known from. Without a ``signer`` nothing is
    countersigned. ``web`` stands in for the network in tests.
    """

    database: Database
    own: Sources
    clock: Clock
    signer: LibrarySigner | None = None
    web: Web | None = None


def partner_work(settings: Settings, made_of: PartnerServices) -> PartnerWork:
    """Return everything about partners, made once for a node."""
    database, region = made_of.database, settings.region.code
    web = made_of.web or partner_web_of(settings, allow_list_of(database))
    lists = RegionalLists(database)
    trust = RegionalTrust(database, made_of.own.trust, lists, region)
    certificates = accepted_certificates(database)
    services = PullServices(
        database=database,
        web=web,
        region=region,
        clock=made_of.clock,
        check_signer=_signer_check(trust, lists),
        check_statement=_statement_check(database, certificates),
        system_certificates=certificates,
    )
    status = StatusPull(services)
    pull = Pull(services, _parts(services, status, made_of.signer))
    wait = settings.partners.status_wait_seconds
    refreshing = Refreshing(services, status, pull.note_failure, wait)
    every = timedelta(seconds=settings.partners.pull_seconds)
    return PartnerWork(web, pull, lists, refreshing, every)


def _parts(
    services: PullServices, status: StatusPull, signer: LibrarySigner | None
) -> dict[Part, PartPull]:
    countersigner = None
    if signer is not None:
        countersigner = Countersigner(services.database, services.region, signer)
    judge = document_judge(services.database, services.region, services.clock)
    return {
        Part.TRUST_LIST: TrustPull(services).pull,
        Part.SIGHTINGS: SightingPull(services).pull,
        Part.REVOCATION_LISTS: RevocationPull(services).pull,
        Part.STATUS_LISTS: status.pull,
        Part.ISSUE_LOG: LogPull(services, countersigner).pull,
        **{part: SharingPull(services, part, judge).pull for part in KIND_OF},
    }


def regional_sources(
    settings: Settings, database: Database, own: Sources, clock: Clock, work: PartnerWork
) -> Sources:
    """Return where a node knows trust and state from: own live rows, partners' lists as kept."""
    region = settings.region.code
    max_age = timedelta(seconds=settings.partners.status_max_age_seconds)
    trust = RegionalTrust(database, own.trust, work.lists, region)
    return Sources(
        trust,
        RegionalStatus(database, own.status, work.refreshing.refresh, clock, max_age),
        own.files,
        None if own.log is None else RegionalLogSource(database, own.log, work.lists, region),
        trust,
    )


def _signer_check(
    trust: RegionalTrust, lists: RegionalLists
) -> Callable[[str, StatusFileHead, datetime], str | None]:
    policy = load_policy("default")

    def check(region: str, head: StatusFileHead, now: datetime) -> str | None:
        found = lists.all().get(region)
        if found is None:
            return "no-trust-list"
        evidence = trust.of_list(found, None)
        if isinstance(evidence, Unreachable):
            return "no-trust-list"
        return problem_of_signer(head, evidence, policy, now)

    return check


def _statement_check(
    database: Database, certificates: Callable[[str], Sequence[bytes]]
) -> Callable[[str, SignedStatement, datetime], str | None]:
    def check(region: str, statement: SignedStatement, now: datetime) -> str | None:
        with database.reading() as session:
            revocations = PartnerRevocationLists(session).of(region)
        return signer_refusal(statement, certificates(region), revocations, now)

    return check
