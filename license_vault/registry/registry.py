"""Licenses in the database, read; with ``registry.writing`` all their SQL.

What comes out are values, never rows. What a license says is not in them: it is encrypted in
the license's record, for which ``kept`` gives the wrapped keys (``license_vault.vault`` opens).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import ColumnElement

from license_vault.database.lifecycle_tables import LicenseMarkRow
from license_vault.database.sessions import Reading
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
from license_vault.errors import LicenseNotFoundError
from license_vault.license import CopyDesignation, CopyKind, LicenseMark, LicenseStatus
from license_vault.registry.authorities import subtree_of
from license_vault.registry.holders import HolderRecord
from license_vault.registry.records import (
    EarlierRequest,
    EventRecord,
    FormRecord,
    KeptLicense,
    LicenseFilter,
    LicenseRecord,
    Standing,
    Uniqueness,
    WrappedKey,
)
from license_vault.vault import FORMS, object_key_of

__all__ = ["EventRecord", "FormRecord", "KeptLicense", "LicenseFilter", "LicenseRecord", "Registry"]

_LICENSE = table_of(LicenseRow)
_HOLDER = table_of(HolderRow)
_LINK = table_of(LicenseHolderRow)
_KEY = table_of(ObjectKeyRow)
_FORM = table_of(LicenseFormRow)
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


class Registry:
    """Looks licenses up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, identifier: str) -> LicenseRecord:
        """Return a license.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
        """
        found = self._records(_BY_IDENTIFIER, {"identifier": identifier})
        if not found:
            raise LicenseNotFoundError(identifier)
        return found[0]

    def page(
        self, wanted: LicenseFilter, limit: int, after: str | None = None
    ) -> tuple[LicenseRecord, ...]:
        """Return the next licenses that fit, the newest first.

        Args:
            after: the identifier that the page before ended with.
        """
        query = _LICENSES.where(*_conditions(wanted)).order_by(_LICENSE.c.id.desc()).limit(limit)
        if after is not None:
            last = select(_LICENSE.c.id).where(_LICENSE.c.identifier == after).scalar_subquery()
            query = query.where(_LICENSE.c.id < last)
        return self._records(query)

    def by_file(self, file_sm3: bytes) -> LicenseRecord | None:
        """Return the license that a sealed file is, by the file's SM3."""
        of_file = select(_FORM.c.license_id).where(_FORM.c.sm3 == file_sm3)
        found = self._records(_LICENSES.where(_LICENSE.c.id.in_(of_file)))
        return found[0] if found else None

    def kept(self, identifier: str) -> KeptLicense:
        """Return what opening a license takes.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
        """
        row = self._session.execute(_KEPT, {"identifiers": (identifier,)}).first()
        if row is None:
            raise LicenseNotFoundError(identifier)
        return self._kept((row,))[identifier]

    def kept_of(self, licenses: Sequence[LicenseRecord]) -> dict[str, KeptLicense]:
        """Return what opening several licenses takes, by their identifiers."""
        identifiers = tuple(license_.identifier for license_ in licenses)
        return self._kept(self._session.execute(_KEPT, {"identifiers": identifiers}).all())

    def object_keys(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Return the names in the store of all files that those licenses have or may get."""
        found = self._session.execute(_FIRST_HANDLES, {"identifiers": tuple(identifiers)})
        return frozenset(
            object_key_of(row.handle, row.identifier, form)
            for row in found
            for form in row.intended_forms.split(" ")
        )

    def _kept(self, rows: "Sequence[Row[*tuple[Any, ...]]]") -> dict[str, KeptLicense]:
        row_ids = tuple(row.id for row in rows)
        keys = self.wrapped_keys(row_ids)
        seals: dict[int, list[int]] = defaultdict(list)
        for link in self._session.execute(_SEALS_SET, {"row_ids": row_ids}):
            seals[link.license_id].append(link.seal_id)
        return {
            row.identifier: KeptLicense(
                row_id=row.id,
                identifier=row.identifier,
                status=LicenseStatus(row.status),
                seal_row_ids=tuple(seals[row.id]),
                number_mac=row.number_mac,
                case_mac=row.case_mac,
                check_code_mac=row.check_code_mac,
                sealed_record=row.sealed_record,
                keys=keys[row.id],
            )
            for row in rows
        }

    def wrapped_keys(self, license_row_ids: Iterable[int]) -> dict[int, tuple[WrappedKey, ...]]:
        """Return the keys of several licenses, the first holder's first."""
        rows = self._session.execute(_KEYS, {"row_ids": tuple(license_row_ids)})
        found: dict[int, list[WrappedKey]] = defaultdict(list)
        for row in rows:
            found[row.license_id].append(_wrapped_key(row))
        return defaultdict(tuple, {key: tuple(keys) for key, keys in found.items()})

    def events(self, identifier: str) -> tuple[EventRecord, ...]:
        """Return what happened to a license, in the order it was recorded."""
        rows = self._session.execute(
            select(
                _EVENT.c.id,
                _EVENT.c.recorded_at,
                _EVENT.c.effective_from,
                _EVENT.c.kind,
                _EVENT.c.status,
                _EVENT.c.actor,
                _EVENT.c.sealed_basis,
                _EVENT.c.operate_type,
            )
            .join(_LICENSE, _LICENSE.c.id == _EVENT.c.license_id)
            .where(_LICENSE.c.identifier == identifier)
            .order_by(_EVENT.c.id)
        )
        return tuple(
            EventRecord(
                row_id=row.id,
                recorded_at=row.recorded_at,
                effective_from=row.effective_from,
                kind=row.kind,
                status=LicenseStatus(row.status),
                actor=row.actor,
                sealed_basis=row.sealed_basis,
                operate_type=row.operate_type,
            )
            for row in rows
        )

    def group_of(self, license_: LicenseRecord) -> tuple[str, ...]:
        """Return the identifiers of all licenses issued in one group with it, the first first."""
        leader = license_.group_id or license_.row_id
        return tuple(self._session.execute(_GROUP, {"leader": leader}).scalars())

    def successors_of(self, row_id: int) -> tuple[str, ...]:
        """Return the identifiers spent on versions after one, also of those given up."""
        return tuple(self._session.execute(_SPENT_AFTER, {"row_id": row_id}).scalars())

    def earlier_request(self, caller: str, key_mac: bytes) -> EarlierRequest | None:
        """Return the request that came under an Idempotency-Key before, or None."""
        found = self._session.execute(_EARLIER, {"caller": caller, "key_mac": key_mac})
        row = found.first()
        if row is None:
            return None
        return EarlierRequest(row[0], row[1], LicenseStatus(row[2]), row[3])

    def unfinished(
        self, claimed_before: datetime, limit: int, after: int = 0
    ) -> tuple[tuple[int, str], ...]:
        """Return ISSUING licenses nobody has been at work on since then, the oldest first.

        Of a group only its first, with which all are finished.

        Args:
            after: the row key that the page before ended with.

        Returns:
            Row keys and identifiers.
        """
        abandoned = _LICENSE.c.claimed_at.is_(None) | (_LICENSE.c.claimed_at <= claimed_before)
        rows = self._session.execute(
            select(_LICENSE.c.id, _LICENSE.c.identifier)
            .where(_LICENSE.c.status == LicenseStatus.ISSUING.value, abandoned)
            .where(_LICENSE.c.group_id.is_(None))
            .where(_LICENSE.c.id > after)
            .order_by(_LICENSE.c.id)
            .limit(limit)
        )
        return tuple((row.id, row.identifier) for row in rows)

    def standing_against(self, wanted: Uniqueness) -> Standing:
        """Return which licenses stand against a new one: by its number, by its case."""
        values: dict[str, object] = {
            "authority_id": wanted.authority_id,
            "type_code": wanted.type_code,
            "copy_kind": str(wanted.copy.kind),
            "copy_ordinal": wanted.copy.ordinal,
            "number_mac": wanted.number_mac,
            "case_mac": wanted.case_mac,
            "first_holder_mac": wanted.first_holder_mac,
            "predecessor_id": wanted.predecessor_id or 0,
        }
        return Standing(
            self._session.execute(_BY_NUMBER, values).scalar(),
            self._session.execute(_BY_CASE, values).scalar(),
        )

    def _records(
        self, query: "Select[*tuple[Any, ...]]", values: Mapping[str, object] | None = None
    ) -> tuple[LicenseRecord, ...]:
        rows = self._session.execute(query, values).all()
        row_ids = tuple(row.id for row in rows)
        forms, handles = self._forms(row_ids), self._handles(row_ids)
        marks, after = self._marks(row_ids), self._successors(row_ids)
        return tuple(
            replace(
                _record(row, handles[row.id], forms[row.id]),
                successor=after.get(row.id),
                marks=tuple(mark for mark in LicenseMark if mark in marks[row.id]),
            )
            for row in rows
        )

    def _marks(self, row_ids: Sequence[int]) -> dict[int, set[LicenseMark]]:
        found: dict[int, set[LicenseMark]] = defaultdict(set)
        for row in self._session.execute(_STANDING_MARKS, {"row_ids": row_ids}):
            found[row.license_id].add(LicenseMark(row.mark))
        return found

    def _successors(self, row_ids: Sequence[int]) -> dict[int, str]:
        """Return the version after each, of those that were issued; the newest counts."""
        rows = self._session.execute(_SUCCESSORS, {"row_ids": row_ids})
        return {row.predecessor_id: row.identifier for row in rows}

    def _forms(self, row_ids: Sequence[int]) -> dict[int, list[FormRecord]]:
        found: dict[int, list[FormRecord]] = defaultdict(list)
        for row in self._session.execute(_FORMS, {"row_ids": row_ids}):
            found[row.license_id].append(FormRecord(*row[1:]))
        return found

    def _handles(self, row_ids: Sequence[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for row in self._session.execute(_HANDLES, {"row_ids": row_ids}):
            found[row.license_id].append(row.handle)
        return found


# Queries of every request are made once; making one anew costs as much as running it.

_LICENSES = (
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
_BY_IDENTIFIER = _LICENSES.where(_LICENSE.c.identifier == bindparam("identifier"))
_ROW_IDS: "BindParameter[Sequence[int]]" = bindparam("row_ids", expanding=True)
_GROUP = (
    select(_LICENSE.c.identifier)
    .where((_LICENSE.c.id == bindparam("leader")) | (_LICENSE.c.group_id == bindparam("leader")))
    .order_by(_LICENSE.c.id)
)
_SPENT_AFTER = select(_LICENSE.c.identifier).where(_LICENSE.c.predecessor_id == bindparam("row_id"))
_STANDING_MARKS = select(_MARK.c.license_id, _MARK.c.mark).where(
    _MARK.c.license_id.in_(_ROW_IDS), _MARK.c.until.is_(None)
)
_SUCCESSORS = (
    select(_LICENSE.c.predecessor_id, _LICENSE.c.identifier)
    .where(
        _LICENSE.c.predecessor_id.in_(_ROW_IDS),
        _LICENSE.c.status.not_in([LicenseStatus.ISSUING.value, LicenseStatus.VOID.value]),
    )
    .order_by(_LICENSE.c.id)
)
_FORMS = select(_FORM).where(_FORM.c.license_id.in_(_ROW_IDS))
_HANDLES = (
    select(_LINK.c.license_id, _HOLDER.c.handle)
    .join(_HOLDER, _HOLDER.c.id == _LINK.c.holder_id)
    .where(_LINK.c.license_id.in_(_ROW_IDS))
    .order_by(_LINK.c.position)
)
_IDENTIFIERS: "BindParameter[Sequence[str]]" = bindparam("identifiers", expanding=True)
_KEPT = select(
    _LICENSE.c.id,
    _LICENSE.c.identifier,
    _LICENSE.c.status,
    _LICENSE.c.number_mac,
    _LICENSE.c.case_mac,
    _LICENSE.c.check_code_mac,
    _LICENSE.c.sealed_record,
).where(_LICENSE.c.identifier.in_(_IDENTIFIERS))
_FIRST_HANDLES = (
    select(_LICENSE.c.identifier, _LICENSE.c.intended_forms, _HOLDER.c.handle)
    .join(_HOLDER, _HOLDER.c.id == _LICENSE.c.first_holder_id)
    .where(_LICENSE.c.identifier.in_(_IDENTIFIERS))
)
_SEALS_SET = (
    select(_SET.c.license_id, _SET.c.seal_id)
    .where(_SET.c.license_id.in_(_ROW_IDS))
    .order_by(_SET.c.position)
)
_KEYS = (
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
_EARLIER = (
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
_BY_NUMBER = _SAME_COPY.where(
    _LICENSE.c.number_mac == bindparam("number_mac"),
    _LICENSE.c.status.in_([status.value for status in HOLDING_A_NUMBER]),
    _LICENSE.c.id != bindparam("predecessor_id"),
)
_BY_CASE = _SAME_COPY.join(_HOLDER, _HOLDER.c.id == _LICENSE.c.first_holder_id).where(
    _LICENSE.c.case_mac == bindparam("case_mac"),
    _LICENSE.c.status != LicenseStatus.VOID.value,
    _HOLDER.c.lookup_mac == bindparam("first_holder_mac"),
)


def _conditions(wanted: LicenseFilter) -> tuple[ColumnElement[bool], ...]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.within is not None:
        conditions.append(_LICENSE.c.authority_id.in_(select(subtree_of(wanted.within).c.id)))
    if wanted.holder is not None:
        held = select(_LINK.c.license_id).join(_HOLDER, _HOLDER.c.id == _LINK.c.holder_id)
        conditions.append(_LICENSE.c.id.in_(held.where(_HOLDER.c.handle == wanted.holder)))
    if wanted.type_code is not None:
        conditions.append(_LICENSE.c.type_code == wanted.type_code)
    if wanted.status is not None:
        conditions.append(_LICENSE.c.status == wanted.status.value)
    if wanted.number_mac is not None:
        conditions.append(_LICENSE.c.number_mac == wanted.number_mac)
    if wanted.recorded_by is not None:
        conditions.append(_LICENSE.c.recorded_at <= wanted.recorded_by)
    if wanted.type_codes is not None:
        conditions.append(_LICENSE.c.type_code.in_(sorted(wanted.type_codes)))
    if wanted.region is not None:
        conditions.append(_LICENSE.c.region == wanted.region)
    return tuple(conditions)


def _wrapped_key(row: "Row[Any]") -> WrappedKey:
    holder = HolderRecord(
        row.id, row.handle, row.kind, row.lookup_mac, row.holder_key, row.holder_key_version
    )
    return WrappedKey(holder, row.purpose, row.key_version, row.wrapped_key)


def _record(row: "Row[Any]", handles: list[str], forms: list[FormRecord]) -> LicenseRecord:
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
