"""What reaches partner regions and pulls from them, made once for a node."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from license_vault.events.addresses import AddressRules
from license_vault.partners.circuits import CircuitRules, Circuits
from license_vault.partners.network_web import NetworkWeb, WebLimits
from license_vault.partners.partners import Partners

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from api.settings import Settings
    from license_vault.database.sessions import Database
    from license_vault.partners.web import Origin, Web


@dataclass(frozen=True, slots=True)
class PartnerWork:
    """How partners are reached."""

    web: Web


def partner_web_of(settings: Settings, allowed: Callable[[], Collection[Origin]]) -> Web:
    """Return what calls partners over the network: only those allowed, each with its circuit.

    Args:
        allowed: gives the origins that may be called; of a node those of its accepted partners
            (``allow_list_of``), of a command the one that was typed.
    """
    partners = settings.partners
    schemes = {"https"} if settings.environment == "production" else {"https", "http"}
    rules = AddressRules(frozenset(schemes), tuple(partners.networks))
    network = NetworkWeb(rules, allowed, WebLimits(partners.read_seconds, partners.call_seconds))
    circuits = CircuitRules(partners.circuit_failures, partners.circuit_seconds)
    return Circuits(network, circuits, time.monotonic)


def allow_list_of(database: Database) -> Callable[[], Collection[Origin]]:
    """Return what tells whom a node may call: its accepted partners, as they are at each call."""

    def allowed() -> Collection[Origin]:
        with database.reading() as session:
            return Partners(session).origins()

    return allowed


def partner_work(settings: Settings, database: Database, web: Web | None) -> PartnerWork:
    """Return everything about partners; ``web`` stands in for the network in tests."""
    return PartnerWork(web or partner_web_of(settings, allow_list_of(database)))
