"""A package (一件事) that is being put together: the licenses asked for, and who signed them.

It travels in the form, and in a file from officer to officer; nothing of it is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from api.errors import FormRefusedError
from api.pages.console.asking import approvals_in, carried
from api.pages.console.carried_requests import readable
from license_vault.packages.packages import MAXIMUM_LICENSES

PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One license of a package: the request to issue it, and the signatures over that."""

    body: Mapping[str, Any]
    approvals: tuple[Mapping[str, str], ...] = ()

    @property
    def sent(self) -> dict[str, Any]:
        """Return the request as it is sent, with the signatures that are there."""
        if not self.approvals:
            return {**self.body}
        return {**self.body, "approvals": [dict(each) for each in self.approvals]}

    @property
    def item_code(self) -> str:
        """Return the item of the license's own authority; "" where none is named."""
        return str(self.body.get("item_code", ""))


@dataclass(frozen=True, slots=True)
class PackageDraft:
    """The licenses that a case is to make at once; ``case`` is its handle."""

    case: str
    case_number: str
    licenses: tuple[Wanted, ...] = ()

    def with_one_more(self, body: Mapping[str, Any]) -> PackageDraft:
        """Return it with a license more, at the end."""
        return replace(self, licenses=(*self.licenses, Wanted(body)))

    def without(self, place: int) -> PackageDraft:
        """Return it without the license at a place."""
        return replace(self, licenses=self.licenses[:place] + self.licenses[place + 1 :])

    def saying(self, place: int, body: Mapping[str, Any]) -> PackageDraft:
        """Return it with another request at a place; who signed has to sign what was altered."""
        said = self.licenses[place]
        now = said if body == said.body else Wanted(body)
        return replace(self, licenses=(*self.licenses[:place], now, *self.licenses[place + 1 :]))

    def unsigned(self) -> PackageDraft:
        """Return it without any signature."""
        return replace(self, licenses=tuple(Wanted(one.body) for one in self.licenses))

    @property
    def body(self) -> dict[str, Any]:
        """Return the request for all of them."""
        return {"licenses": [one.sent for one in self.licenses]}

    @property
    def has_room(self) -> bool:
        """Tell whether one more may be asked for."""
        return len(self.licenses) < MAXIMUM_LICENSES

    def text(self) -> str:
        """Return it as a form or a file carries it."""
        return json.dumps({"act": PACKAGE, **asdict(self)}, ensure_ascii=False, indent=1)


def package_in(text: str) -> PackageDraft:
    """Return the package that a form or a file carries.

    Raises:
        FormRefusedError: it is none that a page here has made.
    """
    told = carried(text)
    case, number, licenses = told.get("case"), told.get("case_number"), told.get("licenses")
    if not isinstance(case, str) or not isinstance(number, str):
        raise FormRefusedError
    if told.get("act") != PACKAGE or not isinstance(licenses, list):
        raise FormRefusedError
    if len(licenses) > MAXIMUM_LICENSES:
        raise FormRefusedError
    return PackageDraft(case, number, tuple(map(_wanted, licenses)))


def _wanted(told: object) -> Wanted:
    if not isinstance(told, dict) or not isinstance(told.get("body"), dict):
        raise FormRefusedError
    return Wanted(readable(told["body"]), approvals_in(told.get("approvals")))
