"""What pages of the console ask the API for, and how what a form carries is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends

from api.authentication import HANDLE_CASES, ISSUE
from api.errors import FormRefusedError
from api.pages.inner_api import InnerApi, within
from api.pages.visitor import OfficerDep, Visitor
from license_vault.access.use import Use

MANAGING = "证照管理"
_NONE = "–"
_APPROVAL = ("officer_id", "step", "signed_at", "signature")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def _asking_once(visitor: OfficerDep) -> Visitor:
    return replace(visitor, api=visitor.api.asking_once())


# For a page that is put together of many answers, some of them the same.
AskingOnceDep = Annotated[Visitor, Depends(_asking_once)]


def may(visitor: Visitor, action: str) -> bool:
    """Tell whether the officer who is logged in may do something with any license type."""
    return any(scope.action == action for scope in visitor.officer.scopes)


def may_handle(visitor: Visitor) -> bool:
    """Tell whether the officer handles cases."""
    return may(visitor, HANDLE_CASES)


def may_issue(visitor: Visitor) -> bool:
    """Tell whether the officer issues licenses."""
    return may(visitor, ISSUE)


async def items_by_code(visitor: Visitor) -> dict[str, Any]:
    """Return every item that is registered, by its code."""
    found = await visitor.api.get(within("items"))
    return {item["code"]: item for item in found["items"]}


def for_case(visitor: Visitor, case: Mapping[str, Any], items: Mapping[str, Any]) -> InnerApi:
    """Return the API that reads for a case: its item, its number."""
    code = case["item_code"]
    name = items[code]["name"]["zh"] if code in items else code
    return visitor.api.using(
        Use("", visitor.operator, name, code, case["case_number"], f"审批办理：{name}"[:200])
    )


def for_managing(visitor: Visitor, purpose: str) -> InnerApi:
    """Return the API that reads to look after licenses, outside a case."""
    return visitor.api.using(Use("", visitor.operator, MANAGING, _NONE, _NONE, purpose))


def carried(text: str) -> dict[str, Any]:
    """Return the object that a form carried along.

    Raises:
        FormRefusedError: it is none; the form was not ours.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormRefusedError from error
    if not isinstance(value, dict):
        raise FormRefusedError
    return value


def objects_in(told: object) -> list[dict[str, Any]]:
    """Return a list of objects that a form or a file carried along.

    Raises:
        FormRefusedError: it is none.
    """
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise FormRefusedError
    return told


def approvals_in(told: object) -> tuple[dict[str, str], ...]:
    """Return the signatures that a form or a file carried along, each with all its members.

    Raises:
        FormRefusedError: they are none, or no page can show when they were made.
    """
    rows = tuple({name: each.get(name, "") for name in _APPROVAL} for each in objects_in(told))
    try:
        for row in rows:
            datetime.strptime(row["signed_at"], _INSTANT).replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise FormRefusedError from error
    if not all(isinstance(value, str) for row in rows for value in row.values()):
        raise FormRefusedError
    return rows
