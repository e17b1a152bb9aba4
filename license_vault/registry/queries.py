"""The queries of the registry, and how their rows become values.

Made once: making a query anew costs as much as running it.
"""

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, literal, select, union_all
from sqlalchemy.engine import Row

from license_vault.database.bulk_tables import AdoptedFileRow
from license_vault.database.lifecycle_tables import LicenseMarkRow
from license_vault.database.tables import (
    HolderRow,
    IdempotencyRow,
    LicenseEventRow,
    LicenseFormRow,
    LicenseHolderRow,
    LicenseRow,
    LicenseSealRow,
    ObjectKeyRow,
    OrganisationRow,
    StatusShardRow,
    table_of,
)
from license_vault.license import CopyDesignation, CopyKind, LicenseStatus
from license_vault.registry.authorities import subtree_of
from license_vault.registry.holders import HolderRecord
from license_vault.registry.records import (
    FormRecord,
    LicenseFilter,
    LicenseRecord,
    WrappedKey,
)
from license_vault.registry.suspension_ends import ends_of_suspensions
from license_vault.vault import FORMS

_LICENSE = table_of(LicenseRow)
_HOLDER = table_of(HolderRow)
_LINK = table_of(LicenseHolderRow)
_KEY = table_of(ObjectKeyRow)
_FORM = table_of(LicenseFormRow)
_ADOPTED = table_of(AdoptedFileRow)
_SET = table_of(LicenseSealRow)
_EVENT = table_of(LicenseEventRow)
_ORG = table_of(OrganisationRow)
_SHARD = table_of(StatusShardRow)
_IDEMPOTENCY = table_of(IdempotencyRow)
_MARK = table_of(LicenseMarkRow)
_BEFORE = _LICENSE.alias("predecessor")

# ADR 0005; ISSUING and PENDING ones too, or two could be sealed of which only one can come into
# force.
HOLDING_A_NUMBER = (
    LicenseStatus.ISSUING,
    LicenseStatus.PENDING,
    LicenseStatus.VALID,
    LicenseStatus.SUSPENDED,
)

LICENSES = (
    select(
        _LICENSE,
        _ORG.c.code.label("authority_code"),
        _ORG.c.name.label("authority_name"),
        _SHARD.c.uri.label("status_uri"),
        func.coalesce(_BEFORE.c.identifier, _LICENSE.c.foreign_predecessor).label("predecessor"),
    )
    .join(_ORG, _ORG.c.id == _LICENSE.c.authority_id)
    .join(_SHARD, _SHARD.c.id == _LICENSE.c.status_shard_id)
    .outerjoin(_BEFORE, _BEFORE.c.id == _LICENSE.c.predecessor_id)
)
BY_IDENTIFIER = LICENSES.where(_LICENSE.c.identifier == bindparam("identifier"))
_ROW_IDS: "BindParameter[Sequence[int]]" = bindparam("row_ids", expanding=True)
GROUP = (
    select(_LICENSE.c.identifier)
    .where((_LICENSE.c.id == bindparam("leader")) | (_LICENSE.c.group_id == bindparam("leader")))
    .order_by(_LICENSE.c.id)
)
SPENT_AFTER = select(_LICENSE.c.identifier).where(_LICENSE.c.predecessor_id == bindparam("row_id"))
_PLAIN = ("type_code", "status", "number_mac", "region")
HANDLE, MARK, SUCCESSOR = "handle", "mark", "successor"
# What stands beside licenses, in one question: each costs its way to the database and back.
BESIDE = union_all(
    select(
        literal(HANDLE).label("what"),
        _LINK.c.license_id,
        _LINK.c.position.label("place"),
        _HOLDER.c.handle.label("said"),
    )
    .join(_HOLDER, _HOLDER.c.id == _LINK.c.holder_id)
    .where(_LINK.c.license_id.in_(_ROW_IDS)),
    select(literal(MARK), _MARK.c.license_id, _MARK.c.id, _MARK.c.mark).where(
        _MARK.c.license_id.in_(_ROW_IDS), _MARK.c.until.is_(None)
    ),
    select(
        literal(SUCCESSOR), _LICENSE.c.predecessor_id, _LICENSE.c.id, _LICENSE.c.identifier
    ).where(
        _LICENSE.c.predecessor_id.in_(_ROW_IDS),
        _LICENSE.c.status.not_in([LicenseStatus.ISSUING.value, LicenseStatus.VOID.value]),
    ),
).order_by("place")
ENDS_OF_SUSPENSIONS = ends_of_suspensions().where(
    _LICENSE.c.id.in_(_ROW_IDS), _EVENT.c.effective_from > _LICENSE.c.changed_at
)
FORMS_OF = (
    select(_FORM, _ADOPTED.c.trust_level)
    .outerjoin(
        _ADOPTED,
        (_ADOPTED.c.license_id == _FORM.c.license_id) & (_ADOPTED.c.form == _FORM.c.form),
    )
    .where(_FORM.c.license_id.in_(_ROW_IDS))
)
_IDENTIFIERS: "BindParameter[Sequence[str]]" = bindparam("identifiers", expanding=True)
KEPT = select(
    _LICENSE.c.id,
    _LICENSE.c.identifier,
    _LICENSE.c.status,
    _LICENSE.c.number_mac,
    _LICENSE.c.case_mac,
    _LICENSE.c.check_code_mac,
    _LICENSE.c.sealed_record,
).where(_LICENSE.c.identifier.in_(_IDENTIFIERS))
FIRST_HANDLES = (
    select(_LICENSE.c.identifier, _LICENSE.c.intended_forms, _HOLDER.c.handle)
    .join(_HOLDER, _HOLDER.c.id == _LICENSE.c.first_holder_id)
    .where(_LICENSE.c.identifier.in_(_IDENTIFIERS))
)
SEALS_SET = (
    select(_SET.c.license_id, _SET.c.seal_id)
    .where(_SET.c.license_id.in_(_ROW_IDS))
    .order_by(_SET.c.position)
)
KEYS = (
    select(
        _KEY.c.license_id,
        _KEY.c.purpose,
        _KEY.c.key_version,
        _KEY.c.wrapped_key,
        _HOLDER.c.id,
        _HOLDER.c.handle,
        _HOLDER.c.kind,
        _HOLDER.c.lookup_mac,
        _HOLDER.c.wrapped_key.label("holder_key"),
        _HOLDER.c.key_version.label("holder_key_version"),
    )
    .join(_HOLDER, _HOLDER.c.id == _KEY.c.holder_id)
    .join(
        _LINK, (_LINK.c.license_id == _KEY.c.license_id) & (_LINK.c.holder_id == _KEY.c.holder_id)
    )
    .where(_KEY.c.license_id.in_(_ROW_IDS))
    .order_by(_LINK.c.position)
)
EARLIER = (
    select(_LICENSE.c.identifier, _IDEMPOTENCY.c.body_sm3, _LICENSE.c.status, _LICENSE.c.claimed_at)
    .join(_LICENSE, _LICENSE.c.id == _IDEMPOTENCY.c.license_id)
    .where(
        _IDEMPOTENCY.c.caller == bindparam("caller"),
        _IDEMPOTENCY.c.key_mac == bindparam("key_mac"),
    )
)
_SAME_COPY = (
    select(_LICENSE.c.identifier)
    .where(
        _LICENSE.c.authority_id == bindparam("authority_id"),
        _LICENSE.c.type_code == bindparam("type_code"),
        _LICENSE.c.copy_kind == bindparam("copy_kind"),
        _LICENSE.c.copy_ordinal == bindparam("copy_ordinal"),
    )
    .limit(1)
)
BY_NUMBER = _SAME_COPY.where(
    _LICENSE.c.number_mac == bindparam("number_mac"),
    _LICENSE.c.status.in_([status.value for status in HOLDING_A_NUMBER]),
    _LICENSE.c.id != bindparam("predecessor_id"),
)
BY_CASE = _SAME_COPY.join(_HOLDER, _HOLDER.c.id == _LICENSE.c.first_holder_id).where(
    _LICENSE.c.case_mac == bindparam("case_mac"),
    _LICENSE.c.status != LicenseStatus.VOID.value,
    _HOLDER.c.lookup_mac == bindparam("first_holder_mac"),
)


@cache
def page_by(asked: frozenset[str]) -> "Select[*tuple[Any, ...]]":
    """Return the query of a page for the names of ``values_of``: made once for each choice."""
    within: BindParameter[str] = bindparam("within")
    held = select(_LINK.c.license_id).join(_HOLDER, _HOLDER.c.id == _LINK.c.holder_id)
    last = select(_LICENSE.c.id).where(_LICENSE.c.identifier == bindparam("after"))
    conditions = {
        **{name: _LICENSE.c[name] == bindparam(name) for name in _PLAIN},
        "within": _LICENSE.c.authority_id.in_(select(subtree_of(within).c.id)),
        "holder": _LICENSE.c.id.in_(held.where(_HOLDER.c.handle == bindparam("holder"))),
        "recorded_by": _LICENSE.c.recorded_at <= bindparam("recorded_by"),
        "type_codes": _LICENSE.c.type_code.in_(bindparam("type_codes", expanding=True)),
        "after": _LICENSE.c.id < last.scalar_subquery(),
    }
    return (
        LICENSES.where(*(conditions[name] for name in sorted(asked)))
        .order_by(_LICENSE.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def values_of(wanted: LicenseFilter) -> dict[str, object]:
    """Return what a filter asks for, by the names of ``page_by``."""
    asked = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    if wanted.status is not None:
        asked["status"] = wanted.status.value
    if wanted.type_codes is not None:
        asked["type_codes"] = sorted(wanted.type_codes)
    return {name: value for name, value in asked.items() if value is not None}


def wrapped_key_of(row: "Row[Any]") -> WrappedKey:
    """Return the wrapped key that a row of ``KEYS`` is."""
    holder = HolderRecord(
        row.id, row.handle, row.kind, row.lookup_mac, row.holder_key, row.holder_key_version
    )
    return WrappedKey(holder, row.purpose, row.key_version, row.wrapped_key)


def record_of(row: "Row[Any]", handles: list[str], forms: list[FormRecord]) -> LicenseRecord:
    """Return the license that a row of ``LICENSES`` is, without its links and marks."""
    return LicenseRecord(
        row_id=row.id,
        identifier=row.identifier,
        type_code=row.type_code,
        type_version=row.type_version,
        authority_code=row.authority_code,
        authority_name=row.authority_name,
        region=row.region,
        copy=CopyDesignation(CopyKind(row.copy_kind), row.copy_ordinal, row.copy_of),
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        status=LicenseStatus(row.status),
        status_uri=row.status_uri,
        status_index=row.status_index,
        content_id=row.content_id,
        recorded_at=row.recorded_at,
        changed_at=row.changed_at,
        holders=tuple(handles),
        intended_forms=tuple(row.intended_forms.split(" ")),
        forms=tuple(sorted(forms, key=lambda found: FORMS.index(found.form))),
        predecessor=row.predecessor,
        predecessor_id=row.predecessor_id,
        origin=row.origin,
        in_force_from=row.in_force_from,
        due_at=row.due_at,
        group_id=row.group_id,
    )
