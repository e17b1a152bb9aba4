"""What items need, in the database: their definitions, put and looked up. All SQL about them.

A definition is never changed: putting another one adds a version, and a case keeps the one it
was opened under.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, bindparam, select

from license_vault.approvals.items import ApprovalItem, ApprovalItems, ApprovalItemWriter
from license_vault.cases.errors import ItemUnknownError
from license_vault.cases.item_definition import ItemDefinition, read_item_definition
from license_vault.database.approval_tables import ApprovalItemRow
from license_vault.database.case_tables import ItemDefinitionRow, ItemResultRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import FieldInvalidError, FieldProblem

_ITEM = table_of(ApprovalItemRow)
_DEFINITION = table_of(ItemDefinitionRow)
_RESULT = table_of(ItemResultRow)

_VERSIONS = select(
    _DEFINITION.c.id, _DEFINITION.c.version, _DEFINITION.c.document, _DEFINITION.c.put_at
)
_NEWEST = (
    _VERSIONS.join(_ITEM, _ITEM.c.id == _DEFINITION.c.item_id)
    .where(_ITEM.c.code == bindparam("code"))
    .order_by(_DEFINITION.c.version.desc())
    .limit(1)
)
_BY_ROW = _VERSIONS.where(_DEFINITION.c.id == bindparam("row_id"))


@dataclass(frozen=True, slots=True)
class KeptDefinition:
    """A definition as it is kept: its row, its version from 1, and since when."""

    row_id: int
    version: int
    item: ItemDefinition
    put_at: datetime


class ItemNeeds:
    """Looks definitions up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    @staticmethod
    def types_of(session: Reading, item_code: str) -> tuple[str, ...]:
        """Return the types of all licenses that an item needs; nothing for an unknown item."""
        found = ItemNeeds(session).find(item_code)
        return () if found is None else found.item.types

    def find(self, item_code: str) -> KeptDefinition | None:
        """Return the newest definition of an item, None if it has none."""
        return self._one(_NEWEST, {"code": item_code})

    def get(self, item_code: str) -> KeptDefinition:
        """Return the newest definition of an item.

        Raises:
            ItemUnknownError: it has none.
        """
        found = self.find(item_code)
        if found is None:
            raise ItemUnknownError(item_code)
        return found

    def by_row(self, row_id: int) -> KeptDefinition:
        """Return the definition that a case was opened under.

        Raises:
            ItemUnknownError: there is no such row.
        """
        found = self._one(_BY_ROW, {"row_id": row_id})
        if found is None:
            raise ItemUnknownError(str(row_id))
        return found

    def codes(self) -> tuple[str, ...]:
        """Return the codes of all items that have a definition, sorted."""
        rows = self._session.execute(
            select(_ITEM.c.code)
            .where(_ITEM.c.id.in_(select(_DEFINITION.c.item_id)))
            .order_by(_ITEM.c.code)
        )
        return tuple(row.code for row in rows)

    def _one(self, query: Executable, values: dict[str, object]) -> KeptDefinition | None:
        row = self._session.execute(query, values).first()
        if row is None:
            return None
        item = read_item_definition(json.loads(row.document), None)
        return KeptDefinition(row.id, row.version, item, row.put_at)


class ItemNeedsWriter(ItemNeeds):
    """Puts definitions."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def put(self, item: ItemDefinition, by: str, at: datetime) -> tuple[KeptDefinition, bool]:
        """Make a definition the one that counts; say whether anything changed.

        The item is registered too, if it is not: how many officers decide it stands there, and
        is not changed by a definition.

        Raises:
            FieldInvalidError: the item is registered with another mode.
            RowConflictError: somebody else put one at the same moment; try again.
        """
        row_id = self._registered(item, by, at)
        before = self.find(item.code)
        if before is not None and before.item == item:
            return before, False
        version = 1 if before is None else before.version + 1
        key = self._writing.add_row(
            _DEFINITION,
            item_id=row_id,
            version=version,
            document=item.canonical().decode(),
            put_by=by,
            put_at=at,
        )
        if item.results:
            rows = [{"definition_id": key, "type_code": code} for code in item.results]
            self._writing.add_rows(_RESULT, rows)
        return KeptDefinition(key, version, item, at), True

    def _registered(self, item: ItemDefinition, by: str, at: datetime) -> int:
        known = ApprovalItems(self._session).find(item.code)
        if known is None:
            fresh = ApprovalItem(item.code, item.name.zh, item.mode)
            ApprovalItemWriter(self._writing).add(fresh, by, at)
        elif known.mode is not item.mode:
            zh = "与已登记的审批方式不一致。"
            en = "The item is registered with another way of deciding."
            raise FieldInvalidError((FieldProblem("/mode", "differs-from-registered", zh, en),))
        row = self._session.execute(select(_ITEM.c.id).where(_ITEM.c.code == item.code)).one()
        return int(row.id)
