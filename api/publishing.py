"""Put certificates and revocation lists where the trust bundle is made from, and make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from license_vault.database.sessions import Database
from license_vault.status.publication import StatusPublisher
from license_vault.trust.kept_lists import TrustLists
from license_vault.trust.publication import TrustMaterial, TrustMaterialWriter
from signing.trust_bundle import PURPOSES, TrustBundle


def publish_revocation_lists(database: Database, lists: Iterable[bytes], at: datetime) -> None:
    """Tell verifiers of revocation lists (DER); of each issuer the newest counts."""
    with database.writing() as session:
        writer = TrustMaterialWriter(session)
        for der in lists:
            writer.add_crl(der, at)


def publish_authorities(
    database: Database, anchor: bytes, intermediates: Iterable[bytes], at: datetime
) -> None:
    """Tell verifiers of an anchor, for every purpose, and of CAs below it (DER)."""
    with database.writing() as session:
        writer = TrustMaterialWriter(session)
        writer.add_anchor(anchor, PURPOSES, at)
        for der in intermediates:
            writer.add_intermediate(der, at)


def publish_signers(database: Database, signers: Mapping[str, bytes], at: datetime) -> None:
    """Stand for end certificates (DER) by name, each under its role."""
    with database.writing() as session:
        writer = TrustMaterialWriter(session)
        for role, der in signers.items():
            writer.add_signer(der, role, at)


def current_bundle(
    database: Database, status: StatusPublisher, region_code: str, at: datetime
) -> TrustBundle:
    """Return the region's trust bundle as of now, with a current list of every shard."""
    lists = status.whole_files()
    with database.reading() as session:
        own = TrustLists(session).newest(region_code)
        bundle = TrustMaterial(session).bundle(region_code, lists, at)
    return bundle if own is None else replace(bundle, trust_list=own.der)
