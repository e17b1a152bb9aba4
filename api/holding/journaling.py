"""Every read of a license goes into its holders' journals before its answer leaves.

A program's or an officer's read carries its use; a person who acts for a holder is named by the
mandate. The holder's own looking is not recorded, the own downloads are: the first is the receipt
of the license (送达).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from license_vault.access.use import Use
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.errors import RowConflictError
from license_vault.holding.deliveries import DOWNLOAD, Deliveries, DeliveryOrder, DeliveryWriter
from license_vault.holding.journal import (
    DOWNLOADED,
    SHOWN,
    Journal,
    JournalAct,
    JournalReader,
)
from license_vault.registry.holders import Holders
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

if TYPE_CHECKING:
    from api.services import Services

_OWN = "holder:"
PREVIEW = ("preview",)
# Whoever types an order looks at its face again and again: within an hour that is one look.
_ONE_LOOK = timedelta(hours=1)
_LATEST = 10


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads licenses, as journals name them; ``use`` None: the holder, or for the holder."""

    actor: str
    use: Use | None


def record_shown(
    services: Services,
    reader: Reader,
    licenses: Sequence[LicenseRecord],
    fields: tuple[str, ...] = (),
) -> None:
    """Record that somebody is shown what is known of licenses; the holder's own look is not.

    Args:
        fields: what of them was shown, as "history" or "evidence"; empty: what the route shows.
    """
    if not licenses or reader.actor.startswith(_OWN):
        return
    act = JournalAct(SHOWN, reader.use, fields, services.clock(), actor=reader.actor)
    with services.database.writing() as session:
        Journal(session, services.vault).record_all(licenses, act)


def record_looked(services: Services, reader: Reader, license_: LicenseRecord) -> None:
    """Record that somebody sees what a license says while they work at an order to it.

    Once an hour for one use; whoever was shown the license for that use is not recorded again.
    """
    since = services.clock() - _ONE_LOOK
    with services.database.reading() as session:
        holder = Holders(session).by_handle(license_.holders[0])
        journal = JournalReader(session, services.vault)
        latest = journal.page(holder, _LATEST, of_license=license_.identifier)
    seen = (
        (entry.act.action, entry.act.actor, entry.act.use) == (SHOWN, reader.actor, reader.use)
        and entry.act.fields in ((), PREVIEW)
        and entry.act.at > since
        for entry in latest
    )
    if not any(seen):
        record_shown(services, reader, (license_,), PREVIEW)


def record_download(services: Services, reader: Reader, license_: LicenseRecord, form: str) -> None:
    """Record that a sealed file is handed out; to holder or agent the first time: the receipt."""
    at = services.clock()
    act = JournalAct(DOWNLOADED, reader.use, (), at, result=form, actor=reader.actor)
    with services.database.reading() as session:
        received = Deliveries(session, services.vault).is_received(license_.row_id)
    if reader.use is None and not received and _first_download(services, reader, license_, act):
        return
    with services.database.writing() as session:
        Journal(session, services.vault).record(license_, act)


def _first_download(
    services: Services, reader: Reader, license_: LicenseRecord, act: JournalAct
) -> bool:
    """Record download and receipt together; False if another download was the first."""
    try:
        with services.database.writing() as session:
            _receive(services, session, reader, license_, act)
            Journal(session, services.vault).record(license_, act)
            told = Act(reader.actor, "license.received", license_.identifier, {}, act.at)
            AuditWriter(session).append(told)
    except RowConflictError:
        return False
    return True


def _receive(
    services: Services, session: Writing, reader: Reader, license_: LicenseRecord, act: JournalAct
) -> None:
    kept = Registry(session).kept(license_.identifier)
    order = DeliveryOrder(DOWNLOAD, act.at, recipient=reader.actor)
    writer = DeliveryWriter(session, services.vault, services.random_bytes)
    writer.record(kept, order, reader.actor, act.at)
