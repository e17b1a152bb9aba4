"""One source for each value (一数一源): which license a value came from, and if it still holds.

When a license is issued of an item with a definition, each field that says what a license of its
holder says is recorded with that license and path, in the transaction of the intent. When the
source has a newer version that says otherwise, the copy is stale: listed, with the 变更 that would
put it right. Nothing is changed by itself. All SQL about copied fields.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.engine import Row

from license_vault.cases.gathering import in_force
from license_vault.cases.item_definition import ItemDefinition, value_at
from license_vault.cases.needs import ItemNeeds
from license_vault.cases.prefill import printed
from license_vault.database.case_tables import CopiedFieldRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.database.tables import LicenseRow
from license_vault.license import LicenseStatus
from license_vault.registry.authorities import subtree_of
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.vault import Vault

if TYPE_CHECKING:
    from license_vault.issuing.intent import Work
    from license_vault.issuing.plan import Plan

PAGE: Final = 200
_STANDS: Final = (LicenseStatus.VALID.value, LicenseStatus.SUSPENDED.value)

_COPIED = table_of(CopiedFieldRow)
_LICENSE = table_of(LicenseRow)
_NEXT = _LICENSE.alias("next")

_AFTER = select(_LICENSE.c.id, _LICENSE.c.identifier, _LICENSE.c.status).where(
    _LICENSE.c.predecessor_id == bindparam("row_id"),
    _LICENSE.c.status.not_in((LicenseStatus.ISSUING.value, LicenseStatus.VOID.value)),
)
_BY_ROW = select(_LICENSE.c.id, _LICENSE.c.identifier, _LICENSE.c.status).where(
    _LICENSE.c.id == bindparam("row_id")
)
_MOVED = update(_COPIED).where(_COPIED.c.seen_id == bindparam("row_id")).values(moved=True)
_SOURCE_MOVED = exists(
    select(_NEXT.c.id)
    .where(_NEXT.c.predecessor_id == _COPIED.c.seen_id, _NEXT.c.status.in_(_STANDS))
    .correlate(_COPIED)
)


@dataclass(frozen=True, slots=True)
class StaleField:
    """A value that the source says otherwise by now."""

    path: str
    value: object = field(repr=False)
    source: str
    source_path: str
    source_value: object = field(repr=False)
    stale_since: datetime


@dataclass(frozen=True, slots=True)
class StaleLicense:
    """A license in force with values that their sources say otherwise."""

    license: LicenseRecord
    fields: tuple[StaleField, ...]
    holder_names: tuple[str, ...] = field(repr=False)

    def proposed_change(self) -> dict[str, Any]:
        """Return members of the 变更 that would put it right; who asks adds case and officer."""
        fields = {
            stale.path.removeprefix("/fields/"): stale.source_value
            for stale in self.fields
            if stale.path.startswith("/fields/")
        }
        names = list(self.holder_names)
        for stale in self.fields:
            if stale.path.startswith("/holders/") and stale.path.endswith("/name"):
                names[int(stale.path.split("/")[2])] = str(stale.source_value)
        sources = "、".join(dict.fromkeys(stale.source for stale in self.fields))
        changed = {"fields": fields} if fields else {}
        renamed = (
            {"holders": [{"name": name} for name in names]}
            if names != list(self.holder_names)
            else {}
        )
        return {"basis": f"一数一源：来源证照 {sources} 已变更", **changed, **renamed}


class CopiedFields:
    """Records which values of licenses were copied; an effect of issuing."""

    def __init__(self, vault: Vault) -> None:
        self._opener = LicenseOpener(vault)

    def at_intent(self, session: Writing, plan: "Plan", work: "Work") -> None:
        """Record, with the intent, which values another license of the holders has too.

        What was copied from the version before it is to be looked at again.
        """
        if plan.succession.predecessor_id is not None:
            session.change_rows(_MOVED, {"row_id": plan.succession.predecessor_id})
        found = ItemNeeds(session).find(work.secrets.item_code) if work.secrets.item_code else None
        if found is None or not any(each.fills for each in found.item.form):
            return
        claims = json.loads(work.secrets.claims)
        sources = list(self._sources(session, plan.holder_macs, found.item))
        rows = [
            {
                "license_id": work.row_id,
                "path": path,
                "source_id": source.row_id,
                "source_path": source_path,
                "seen_id": source.row_id,
                "moved": False,
                "stale_since": None,
                "recorded_at": work.at,
            }
            for path, source, source_path in _copies(found.item, claims, sources)
        ]
        if rows:
            session.add_rows(_COPIED, rows)

    def at_issue(self, session: Writing, work: "Work", at: datetime) -> None:
        """Do nothing more: what was copied is on record since the intent."""

    def _sources(
        self, session: Reading, holder_macs: tuple[bytes, ...], item: ItemDefinition
    ) -> Iterator[tuple[LicenseRecord, Mapping[str, Any]]]:
        records = [record for _, record in in_force(session, holder_macs, item.types)]
        kept = Registry(session).kept_of(records) if records else {}
        for record in records:
            yield record, json.loads(self._opener.secrets(kept[record.identifier]).claims)


def _copies(
    item: ItemDefinition,
    claims: Mapping[str, Any],
    sources: list[tuple[LicenseRecord, Mapping[str, Any]]],
) -> Iterator[tuple[str, LicenseRecord, str]]:
    """Yield the path of each copied value, its source, and the path there; one for each path."""
    done: set[str] = set()
    for form_field in item.form:
        path = form_field.fills
        own = printed(value_at(claims, path)) if path else None
        if path is None or own is None or path in done:
            continue
        wanted = [(s.type_code, s.path) for s in form_field.sources if s.type_code]
        for type_code, source_path in wanted:
            matches = [
                record
                for record, said in sources
                if record.type_code == type_code and printed(value_at(said, source_path)) == own
            ]
            if matches:
                done.add(path)
                yield path, matches[0], source_path
                break


class StaleCopies:
    """Finds licenses whose sources say otherwise, in a session that its opener commits."""

    def __init__(self, session: Writing, vault: Vault) -> None:
        self._session = session
        self._registry = Registry(session)
        self._opener = LicenseOpener(vault)

    def look(self, at: datetime, limit: int = PAGE) -> int:
        """Compare copies whose source has moved on since they were looked at; return how many.

        Safe to repeat and to run on any node; whoever is first has done it.
        """
        rows = self._session.execute(
            select(_COPIED)
            .where(_COPIED.c.moved, _SOURCE_MOVED)
            .order_by(_COPIED.c.id)
            .limit(limit)
        ).all()
        for row in rows:
            source, copy = self._standing(row.seen_id), self._standing(row.license_id)
            if source is None:
                continue
            stale = copy is not None and self._differ(row, source, copy)
            since = (row.stale_since or at) if stale else None
            self._put(row.id, seen_id=source.row_id, stale_since=since)
        return len(rows)

    def stale(self, within: str, limit: int) -> tuple[StaleLicense, ...]:
        """Return licenses of an organisation's subtree with stale values, longest stale first.

        What was put right meanwhile, or is no more in force, leaves the list for good.
        """
        rows = self._session.execute(
            select(_COPIED)
            .join(_LICENSE, _LICENSE.c.id == _COPIED.c.license_id)
            .where(_COPIED.c.stale_since.is_not(None))
            .where(_LICENSE.c.authority_id.in_(select(subtree_of(within).c.id)))
            .order_by(_COPIED.c.stale_since, _COPIED.c.id)
            .limit(limit)
        ).all()
        found: dict[str, tuple[LicenseRecord, dict[str, StaleField]]] = {}
        for row in rows:
            copy, source = self._standing(row.license_id), self._standing(row.seen_id)
            stale = None if copy is None or source is None else self._stale(row, source, copy)
            if copy is None or stale is None:
                self._clear(row.id)
                continue
            found.setdefault(copy.identifier, (copy, {}))[1][row.path] = stale
        return tuple(
            StaleLicense(record, tuple(fields.values()), self._names(record))
            for record, fields in found.values()
        )

    def _standing(self, row_id: int) -> LicenseRecord | None:
        """Return the newest version after a license that is in force or suspended, or itself."""
        newest, row = None, self._session.execute(_BY_ROW, {"row_id": row_id}).first()
        while row is not None:
            newest = row if row.status in _STANDS else newest
            row = self._session.execute(_AFTER, {"row_id": row.id}).first()
        return None if newest is None else self._registry.get(newest.identifier)

    def _differ(self, row: "Row[Any]", source: LicenseRecord, copy: LicenseRecord) -> bool:
        return self._stale(row, source, copy) is not None

    def _stale(
        self, row: "Row[Any]", source: LicenseRecord, copy: LicenseRecord
    ) -> StaleField | None:
        says = value_at(self._claims(source), row.source_path)
        has = value_at(self._claims(copy), row.path)
        if printed(says) == printed(has):
            return None
        since = row.stale_since or source.changed_at
        return StaleField(row.path, has, source.identifier, row.source_path, says, since)

    def _claims(self, record: LicenseRecord) -> Mapping[str, Any]:
        kept = self._registry.kept(record.identifier)
        claims: Mapping[str, Any] = json.loads(self._opener.secrets(kept).claims)
        return claims

    def _names(self, record: LicenseRecord) -> tuple[str, ...]:
        return tuple(holder["name"] for holder in self._claims(record)["holders"])

    def _put(self, row_id: int, *, seen_id: int, stale_since: datetime | None) -> None:
        self._session.change_rows(
            update(_COPIED)
            .where(_COPIED.c.id == row_id)
            .values(seen_id=seen_id, stale_since=stale_since, moved=False)
        )

    def _clear(self, row_id: int) -> None:
        cleared = update(_COPIED).where(_COPIED.c.id == row_id).values(stale_since=None)
        self._session.change_rows(cleared)
