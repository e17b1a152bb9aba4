"""What the routes and background tasks about events stand on: webhooks and the upper directory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.background_tasks import Task
from license_vault.directory.batches import LONGEST_ANSWER
from license_vault.directory.reporting import DirectoryAddress, Reporting, ReportingServices
from license_vault.events.addresses import AddressRules, resolve_by_system
from license_vault.events.posting import post_with_limits
from license_vault.events.spreading import Spreading
from license_vault.events.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.settings import Settings
    from keys.provider import KeyProvider
    from license_vault.clock import Clock
    from license_vault.database.sessions import Database
    from license_vault.library_signature import LibrarySigner
    from license_vault.vault import Vault

_ANYWHERE = tuple(map(ip_network, ("0.0.0.0/0", "::/0")))


@dataclass(frozen=True, slots=True)
class EventServices:
    """What it is made of."""

    database: Database
    keys: KeyProvider
    vault: Vault
    signer: LibrarySigner
    clock: Clock
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class EventWork:
    """Everything about events; ``reporting`` is None where no upper directory is set."""

    rules: AddressRules
    spreading: Spreading
    telling: Telling
    reporting: Reporting | None

    def tasks(self) -> tuple[Task, ...]:
        """Return what is to be done all the time."""
        tasks = [
            Task("outbox", timedelta(seconds=2), self.spreading.run),
            Task("webhooks", timedelta(seconds=2), self.telling.run),
        ]
        if self.reporting is not None:
            tasks.append(Task("directory", timedelta(seconds=10), self.reporting.run))
        return tuple(tasks)


def event_work(settings: Settings, services: EventServices) -> EventWork:
    """Return it, made once for a node."""
    rules = rules_of(settings)
    return EventWork(
        rules,
        Spreading(services.database, services.keys, services.clock, services.random_bytes),
        Telling(
            services.database,
            services.keys,
            services.clock,
            post_with_limits(rules, settings.webhooks.timeout_seconds),
        ),
        _reporting(settings, services),
    )


def rules_of(settings: Settings) -> AddressRules:
    """Return which addresses a subscriber may name."""
    schemes = {"https"} if settings.environment == "production" else {"https", "http"}
    return AddressRules(frozenset(schemes), tuple(settings.webhooks.networks))


def _reporting(settings: Settings, services: EventServices) -> Reporting | None:
    directory = settings.directory
    if directory.url is None:
        return None
    # The operators named this address: it may well be in their own network.
    rules = AddressRules(frozenset({urlsplit(directory.url).scheme}), _ANYWHERE)
    post = post_with_limits(rules, directory.timeout_seconds, LONGEST_ANSWER, resolve_by_system)
    token = directory.token.get_secret_value() if directory.token else None
    return Reporting(
        ReportingServices(
            services.database,
            services.vault,
            services.signer,
            services.clock,
            services.random_bytes,
            post,
        ),
        DirectoryAddress(directory.url, token, settings.region.code),
    )
