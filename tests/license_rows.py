"""Rows of licenses without a license behind them, for what only refers to them."""

from datetime import date, datetime

from sqlalchemy import func, select
from vault_world import World

from license_vault.database.sessions import Writing
from license_vault.database.tables import (
    HolderRow,
    LicenseHolderRow,
    LicenseRow,
    OrganisationRow,
    StatusShardRow,
    table_of,
)
from license_vault.license import CopyDesignation, CopyKind, LicenseStatus
from license_vault.registry.holders import HolderWriter, NewHolder
from license_vault.registry.records import LicenseRecord
from license_vault.status.shards import StatusPlace

_SHARD = table_of(StatusShardRow)
_ORG = table_of(OrganisationRow)
_HOLDER = table_of(HolderRow)


def holder_rows(world: World, handles: tuple[str, ...], at: datetime) -> None:
    """Holders with keys of their own; who they are is not in their rows."""
    with world.database.writing() as session:
        for handle in handles:
            _, wrapped = world.vault.new_holder_key(handle)
            HolderWriter(session).add(
                NewHolder(handle, "natural_person", handle.encode(), wrapped, 1, b"x", at)
            )


def license_row(
    world: World,
    row_id: int,
    holders: tuple[str, ...],
    at: datetime,
    valid_until: date | None = None,
    place: StatusPlace | None = None,
) -> LicenseRecord:
    """A license as its row says it; nothing in the row opens.

    Args:
        place: in a list that has begun; None: in one of ten places.
    """
    identifier = f"1.2.156.3005.2.{row_id:018d}"
    mac = b"%32d" % row_id
    with world.database.writing() as session:
        if session.execute(select(_SHARD.c.id)).first() is None:
            session.add_row(_SHARD, name="n", uri="u", capacity=10, opened_at=at)
        row = LicenseRow(
            id=row_id,
            identifier=identifier,
            type_code="T",
            type_version="v1",
            authority_id=session.execute(select(func.min(_ORG.c.id))).scalar_one(),
            region="310114",
            first_holder_id=_holder_id(session, holders[0]),
            number_mac=mac,
            case_mac=mac,
            copy_kind="正本",
            copy_ordinal=1,
            copy_of=1,
            issued_on=at.date(),
            valid_from=at.date(),
            valid_until=valid_until,
            status="valid",
            status_shard_id=_shard_id(session, place),
            status_index=row_id if place is None else place.index,
            check_code_mac=mac,
            content_id="c",
            sealed_record=mac,
            recorded_at=at,
            changed_at=at,
        )
        session.add_row(table_of(LicenseRow), **row.model_dump())
        for position, handle in enumerate(holders):
            session.add_row(
                table_of(LicenseHolderRow),
                license_id=row_id,
                holder_id=_holder_id(session, handle),
                position=position,
            )
    return LicenseRecord(
        row_id=row_id,
        identifier=identifier,
        type_code="T",
        type_version="v1",
        authority_code="A",
        authority_name="某局",
        region="310114",
        copy=CopyDesignation(CopyKind.ORIGINAL),
        issued_on=at.date(),
        valid_from=at.date(),
        valid_until=valid_until,
        status=LicenseStatus.VALID,
        status_uri="u",
        status_index=row_id,
        content_id="c",
        recorded_at=at,
        changed_at=at,
        holders=holders,
        intended_forms=("pdf",),
        forms=(),
    )


def _shard_id(session: Writing, place: StatusPlace | None) -> int:
    named = select(_SHARD.c.id)
    if place is not None:
        named = named.where(_SHARD.c.uri == place.shard.uri)
    return int(session.execute(named).scalar_one())


def _holder_id(session: Writing, handle: str) -> int:
    found = session.execute(select(_HOLDER.c.id).where(_HOLDER.c.handle == handle))
    return int(found.scalar_one())
