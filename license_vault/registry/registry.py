"""Licenses in the database, read; with ``registry.writing`` all their SQL.

What comes out are values, never rows. What a license says is not in them: it is encrypted in
the license's record, for which ``kept`` gives the wrapped keys (``license_vault.vault`` opens).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.engine import Row

from license_vault.database.sessions import Reading
from license_vault.database.tables import (
    LicenseEventRow,
    LicenseFormRow,
    LicenseRow,
    table_of,
)
from license_vault.errors import LicenseNotFoundError
from license_vault.license import LicenseMark, LicenseStatus, in_order
from license_vault.registry import queries
from license_vault.registry.queries import HOLDING_A_NUMBER
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
from license_vault.vault import object_key_of

__all__ = [
    "HOLDING_A_NUMBER",
    "EventRecord",
    "FormRecord",
    "KeptLicense",
    "LicenseFilter",
    "LicenseRecord",
    "Registry",
]

_LICENSE = table_of(LicenseRow)
_FORM = table_of(LicenseFormRow)
_EVENT = table_of(LicenseEventRow)


class Registry:
    """Looks licenses up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def get(self, identifier: str) -> LicenseRecord:
        """Return a license.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
        """
        found = self._records(queries.BY_IDENTIFIER, {"identifier": identifier})
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
        values = queries.values_of(wanted)
        if after is not None:
            values["after"] = after
        return self._records(queries.page_by(frozenset(values)), {**values, "most": limit})

    def by_file(self, file_sm3: bytes) -> LicenseRecord | None:
        """Return the license that a sealed file is, by the file's SM3."""
        of_file = select(_FORM.c.license_id).where(_FORM.c.sm3 == file_sm3)
        found = self._records(queries.LICENSES.where(_LICENSE.c.id.in_(of_file)))
        return found[0] if found else None

    def kept(self, identifier: str) -> KeptLicense:
        """Return what opening a license takes.

        Raises:
            LicenseNotFoundError: there is none with this identifier.
        """
        row = self._session.execute(queries.KEPT, {"identifiers": (identifier,)}).first()
        if row is None:
            raise LicenseNotFoundError(identifier)
        return self._kept((row,))[identifier]

    def kept_of(self, licenses: Sequence[LicenseRecord]) -> dict[str, KeptLicense]:
        """Return what opening several licenses takes, by their identifiers."""
        identifiers = tuple(license_.identifier for license_ in licenses)
        return self._kept(self._session.execute(queries.KEPT, {"identifiers": identifiers}).all())

    def object_keys(self, identifiers: Iterable[str]) -> frozenset[str]:
        """Return the names in the store of all files that those licenses have or may get."""
        found = self._session.execute(queries.FIRST_HANDLES, {"identifiers": tuple(identifiers)})
        return frozenset(
            object_key_of(row.handle, row.identifier, form)
            for row in found
            for form in row.intended_forms.split(" ")
        )

    def _kept(self, rows: "Sequence[Row[*tuple[Any, ...]]]") -> dict[str, KeptLicense]:
        row_ids = tuple(row.id for row in rows)
        keys = self.wrapped_keys(row_ids)
        seals: dict[int, list[int]] = defaultdict(list)
        for link in self._session.execute(queries.SEALS_SET, {"row_ids": row_ids}):
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
        rows = self._session.execute(queries.KEYS, {"row_ids": tuple(license_row_ids)})
        found: dict[int, list[WrappedKey]] = defaultdict(list)
        for row in rows:
            found[row.license_id].append(queries.wrapped_key_of(row))
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
        return tuple(self._session.execute(queries.GROUP, {"leader": leader}).scalars())

    def successors_of(self, row_id: int) -> tuple[str, ...]:
        """Return the identifiers spent on versions after one, also of those given up."""
        return tuple(self._session.execute(queries.SPENT_AFTER, {"row_id": row_id}).scalars())

    def earlier_request(self, caller: str, key_mac: bytes) -> EarlierRequest | None:
        """Return the request that came under an Idempotency-Key before, or None."""
        found = self._session.execute(queries.EARLIER, {"caller": caller, "key_mac": key_mac})
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
            self._session.execute(queries.BY_NUMBER, values).scalar(),
            self._session.execute(queries.BY_CASE, values).scalar(),
        )

    def _records(
        self, query: "Select[*tuple[Any, ...]]", values: Mapping[str, object] | None = None
    ) -> tuple[LicenseRecord, ...]:
        rows = self._session.execute(query, values).all()
        row_ids = tuple(row.id for row in rows)
        forms, beside = self._forms(row_ids), self._beside(row_ids)
        ends = self._ends_of_suspensions(rows)
        return tuple(
            replace(
                queries.record_of(row, beside[queries.HANDLE, row.id], forms[row.id]),
                successor=next(reversed(beside[queries.SUCCESSOR, row.id]), None),
                marks=in_order(map(LicenseMark, beside[queries.MARK, row.id])),
                suspended_until=ends.get(row.id),
            )
            for row in rows
        )

    def _beside(self, row_ids: Sequence[int]) -> dict[tuple[str, int], list[str]]:
        """Return handles of holders, marks that stand and issued next versions, in their order."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for what, license_id, _, said in self._session.execute(
            queries.BESIDE, {"row_ids": row_ids}
        ):
            found[what, license_id].append(said)
        return found

    def _ends_of_suspensions(self, rows: "Sequence[Row[*tuple[Any, ...]]]") -> dict[int, datetime]:
        """Return when the suspensions are over that were ordered with a last day."""
        suspended = [row.id for row in rows if row.status == LicenseStatus.SUSPENDED.value]
        if not suspended:
            return {}
        found = self._session.execute(queries.ENDS_OF_SUSPENSIONS, {"row_ids": suspended})
        return {row.license_id: row.over for row in found}

    def _forms(self, row_ids: Sequence[int]) -> dict[int, list[FormRecord]]:
        found: dict[int, list[FormRecord]] = defaultdict(list)
        for row in self._session.execute(queries.FORMS_OF, {"row_ids": row_ids}):
            found[row.license_id].append(FormRecord(*row[1:]))
        return found
