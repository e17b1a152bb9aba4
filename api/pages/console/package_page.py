"""The page on which a package (一件事) is put together: its licenses as they would look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.responses import HTMLResponse

from api.pages.console.asking import items_by_code
from api.pages.console.cases import type_names
from api.pages.console.faces import WITH_PREVIEW
from api.pages.console.issue_form import Shown, checked, place_name
from api.pages.console.package_draft import PackageDraft, Wanted
from api.pages.console.signing import STEP_NAMES
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import show
from api.pages.visitor import Visitor
from license_vault.approvals.items import STEPS, ApprovalMode

_OF_ONE = re.compile(r"/licenses/([0-9]{1,2})((?:/.*)?)")
_NUMBERED = ("type_code", "authority_code", "number")
_NOTHING: Mapping[int, Shown] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Looked:
    """A license of a package as the page shows it.

    ``outlook`` is what the API says of seals and officers, ``unknown`` why it says nothing;
    ``refused`` what stands against this license; ``repeats``: another has the same number.
    """

    wanted: Wanted
    type: Mapping[str, Any]
    shown: Shown
    names: Mapping[str, Mapping[str, str]]
    outlook: Mapping[str, Any] | None
    unknown: Mapping[str, Any] | None
    refused: Mapping[str, Any] | None
    steps: tuple[str, ...]
    repeats: bool = False

    @property
    def is_ready(self) -> bool:
        """Tell whether nothing is known to stand against it."""
        stands = self.refused is not None or self.repeats
        return self.can_be_sealed and self.shown.can_be_signed and not stands

    @property
    def can_be_sealed(self) -> bool:
        """Tell whether its authority has seals for it that can be set now."""
        if self.outlook is None or self.outlook["problem"]:
            return False
        return not any(seal["unusable"] for seal in self.outlook["seals"])


async def looked_over(
    visitor: Visitor,
    draft: PackageDraft,
    problem: Mapping[str, Any] | None = None,
    seen: Mapping[int, Shown] = _NOTHING,
) -> tuple[Looked, ...]:
    """Return the licenses of a package with their faces, seals, and what stands against each.

    Args:
        problem: what the API said of the whole package.
        seen: by their places those that were checked already.
    """
    items = await items_by_code(visitor)
    wrong, refused = told_apart(problem)
    same = Counter(_number(one) for one in draft.licenses)
    looked = []
    for place, wanted in enumerate(draft.licenses):
        shown = seen.get(place) or await checked(visitor, wanted.body, wrong.get(place, {}))
        license_type = await visitor.api.get(within("license-types", wanted.body["type_code"]))
        outlook, unknown = await outlook_of(visitor, wanted)
        looked.append(
            Looked(
                wanted=wanted,
                type=license_type,
                shown=shown,
                names={at: place_name(at, license_type) for at in shown.errors},
                outlook=outlook,
                unknown=unknown,
                refused=refused if _is_about(refused, place) else None,
                steps=steps_of(items, wanted),
                repeats=bool(wanted.body.get("number")) and same[_number(wanted)] > 1,
            )
        )
    return tuple(looked)


def told_apart(
    problem: Mapping[str, Any] | None,
) -> tuple[dict[int, dict[str, Any]], Mapping[str, Any] | None]:
    """Return what a refused package's problem says of each license, and the rest of it.

    The first maps places to pointers within the license and their messages.
    """
    by_place: dict[int, dict[str, Any]] = {}
    rest = []
    for each in (problem or {}).get("errors", ()):
        found = _OF_ONE.fullmatch(each["pointer"])
        if found is None:
            rest.append(each)
        else:
            by_place.setdefault(int(found[1]), {})[found[2]] = each["messages"]
    if problem is None or (by_place and not rest):
        return by_place, None
    return by_place, {**problem, "errors": rest} if rest else problem


def place_of(problem: Mapping[str, Any] | None) -> int | None:
    """Return the place of the license that a problem is about as a whole; None: of no one."""
    found = _OF_ONE.fullmatch(str((problem or {}).get("license", "")))
    return int(found[1]) if found else None


def _is_about(problem: Mapping[str, Any] | None, place: int) -> bool:
    return place_of(problem) == place


def _number(wanted: Wanted) -> tuple[str, ...]:
    return tuple(str(wanted.body.get(name, "")).strip() for name in _NUMBERED)


async def outlook_of(
    visitor: Visitor, wanted: Wanted
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Return whose seals and officers a license waits for, or why that is not known."""
    path = within("license-types", str(wanted.body["type_code"]), "outlook")
    authority = str(wanted.body.get("authority_code", ""))
    try:
        return await visitor.api.get(path, authority_code=authority), None
    except ProblemShownError as error:
        if error.status >= 500:
            raise
        return None, error.document


def steps_of(items: Mapping[str, Any], wanted: Wanted) -> tuple[str, ...]:
    """Return the steps that the license's item demands; none where it is not registered."""
    item = items.get(wanted.item_code)
    return () if item is None else tuple(map(str, STEPS[ApprovalMode(item["mode"])]))


async def basket_page(
    visitor: Visitor,
    draft: PackageDraft,
    looked: tuple[Looked, ...],
    *,
    asked: bool = False,
    problem: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """Return the page on which a package is put together.

    Args:
        asked: it was to be signed, so what is missing is told at once.
        problem: why the whole package was refused.
    """
    case = await visitor.api.get(within("cases", draft.case))
    items = await items_by_code(visitor)
    response = show(
        visitor,
        "console/package_basket.html",
        status=problem["status"] if problem else 200,
        case=case,
        items=items,
        types=await type_names(visitor, case, items),
        draft=draft,
        looked=looked,
        asked=asked,
        problem=problem,
        place=place_of(problem),
        step_names=STEP_NAMES,
    )
    response.headers["Content-Security-Policy"] = WITH_PREVIEW
    return response
