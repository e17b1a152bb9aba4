"""Items (事项): what cases are about, and how many officers decide one.

An item is decided by one officer (独任) or reviewed by one and checked by another (一审一核).
Which it is stands here and nowhere in a request. All SQL about items.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from license_vault.approvals.errors import ItemExistsError, ItemInvalidError
from license_vault.database.approval_tables import ApprovalItemRow
from license_vault.database.columns import table_of
from license_vault.database.sessions import Reading, Writing
from license_vault.face.license_text import text_problem

# As a request's item_code (``issuing.license_request``).
_CODE = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}")
_LONGEST_NAME = 128

_ITEM = table_of(ApprovalItemRow)
_BY_CODE = select(_ITEM).where(_ITEM.c.code == bindparam("code"))


class ApprovalMode(StrEnum):
    """How an item is decided: by one officer, or by two."""

    SOLE = "sole"
    TWO_STEP = "two-step"


class ApprovalStep(StrEnum):
    """What an officer signs: the decision of 独任; of 一审一核 the review, then the check."""

    DECIDE = "decide"
    REVIEW = "review"
    CHECK = "check"


STEPS: Mapping[ApprovalMode, tuple[ApprovalStep, ...]] = MappingProxyType(
    {
        ApprovalMode.SOLE: (ApprovalStep.DECIDE,),
        ApprovalMode.TWO_STEP: (ApprovalStep.REVIEW, ApprovalStep.CHECK),
    }
)

MODE_NAMES: Mapping[ApprovalMode, tuple[str, str]] = MappingProxyType(
    {
        ApprovalMode.SOLE: ("独任", "one officer decides"),
        ApprovalMode.TWO_STEP: ("一审一核", "one reviews, another checks"),
    }
)


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """An item: its code (事项编码), its name, and how it is decided."""

    code: str
    name: str
    mode: ApprovalMode


class ApprovalItems:
    """Looks items up."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def find(self, code: str) -> ApprovalItem | None:
        """Return an item, None if none is registered under this code."""
        row = self._session.execute(_BY_CODE, {"code": code}).first()
        return None if row is None else _item(row)

    def everyone(self) -> tuple[ApprovalItem, ...]:
        """Return all items, in the order of their codes."""
        return tuple(map(_item, self._session.execute(select(_ITEM).order_by(_ITEM.c.code))))


class ApprovalItemWriter(ApprovalItems):
    """Registers items."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def add(self, item: ApprovalItem, by: str, at: datetime) -> None:
        """Register an item.

        Raises:
            ItemInvalidError: code or name cannot be used.
            ItemExistsError: the code is taken.
        """
        if not _CODE.fullmatch(item.code):
            raise ItemInvalidError(item.code, "code")
        if not item.name.strip() or len(item.name) > _LONGEST_NAME or text_problem(item.name):
            raise ItemInvalidError(item.code, "name")
        if self.find(item.code) is not None:
            raise ItemExistsError(item.code)
        self._writing.add_row(
            _ITEM,
            code=item.code,
            name=item.name,
            mode=item.mode.value,
            added_by=by,
            added_at=at,
        )


def _item(row: "Row[Any]") -> ApprovalItem:
    return ApprovalItem(row.code, row.name, ApprovalMode(row.mode))
