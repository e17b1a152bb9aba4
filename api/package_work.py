"""What the routes about several at once stand on: evidence, conditions, parts, packages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keys.provider import KeyProvider
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.issuing.issuance import Issuance
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.versions import Versions
from license_vault.packages.conditions import ConditionKeeping
from license_vault.packages.evidence import EvidenceServices, EvidenceStore
from license_vault.packages.member_life import MemberServices
from license_vault.packages.packages import PackageIssuing
from license_vault.packages.part_life import PartLife
from license_vault.packages.set_revalidation import SetRevalidation
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.vault import Vault


@dataclass(frozen=True, slots=True)
class PackageWork:
    """Everything about several at once, over the same services."""

    evidence: EvidenceStore
    issuing: PackageIssuing
    conditions: ConditionKeeping
    parts: PartLife
    sets: SetRevalidation


@dataclass(frozen=True, slots=True)
class PackageServices:
    """What it is made of; ``largest_evidence`` in bytes."""

    database: Database
    keys: KeyProvider
    vault: Vault
    clock: Clock
    random_bytes: Callable[[int], bytes]
    largest_evidence: int
    macs: LookupMacs
    issuance: Issuance
    versions: Versions
    settling: Settling


def package_work(services: PackageServices) -> PackageWork:
    """Return it, made once for a node."""
    evidence = EvidenceServices(
        services.database,
        services.keys,
        services.vault,
        services.clock,
        services.random_bytes,
        services.largest_evidence,
    )
    members = MemberServices(
        services.database,
        services.vault,
        services.clock,
        services.settling,
        services.issuance.services.checkpoint,
    )
    return PackageWork(
        EvidenceStore(evidence),
        PackageIssuing(services.issuance, services.macs),
        ConditionKeeping(members),
        PartLife(members),
        SetRevalidation(services.issuance, services.versions, services.settling),
    )
