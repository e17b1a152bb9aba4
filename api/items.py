"""Routes of items: what each needs, its form, and the types that it issues."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from api.authentication import DEFINE_ITEMS, require_scope
from api.case_models import ItemList, ItemOut, item_values
from api.dependencies import CallerDep, ServicesDep
from api.documentation import problems
from api.limits import StrictJsonRoute

router = APIRouter(prefix="/v1/items", tags=["items"], route_class=StrictJsonRoute)

_DENIED = ("unauthenticated", "forbidden")


@router.get(
    "", summary="List items · 事项目录", response_model=ItemList, responses=problems(*_DENIED)
)
def list_items(services: ServicesDep, caller: CallerDep) -> dict[str, Any]:
    """Return all items with what they need, in the order of their codes."""
    del caller
    return {"items": [item_values(kept) for kept in services.cases.items.everything()]}


@router.get(
    "/{code:path}",
    summary="Show an item · 事项详情",
    response_model=ItemOut,
    responses=problems(*_DENIED, "item-not-found"),
)
def show_item(services: ServicesDep, caller: CallerDep, code: str) -> dict[str, Any]:
    """Return what counts of an item now."""
    del caller
    return item_values(services.cases.items.get(code))


@router.put(
    "/{code:path}",
    summary="Put an item · 配置事项",
    response_model=ItemOut,
    responses=problems(
        *_DENIED,
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "request-in-progress",
        "temporarily-unavailable",
    ),
)
def put_item(
    services: ServicesDep, caller: CallerDep, code: str, body: Annotated[Any, Body()]
) -> dict[str, Any]:
    """Make a definition (license-vault/item/1) the one that counts for cases from now on.

    Cases that are open keep theirs. Putting the same again changes nothing. How many
    officers decide an item is not changed by this.
    """
    require_scope(caller, DEFINE_ITEMS)
    kept, _ = services.cases.items.put(code, body, caller.name)
    return item_values(kept)
