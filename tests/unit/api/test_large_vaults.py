"""A vault of more licenses than one page holds: nothing of it is out of reach or untold."""

import asyncio
from datetime import date
from typing import Any, cast

from api.pages.inner_api import InnerApi
from api.pages.my.cards import Wish, _cards
from api.pages.my.showing import ShowForm, _form
from api.pages.my.vault import Vault
from api.pages.visitor import Visitor
from license_vault.holding.mandates import EVERYTHING

MANY = 130
TODAY = date(2026, 6, 1)


def license_(number: int) -> dict[str, Any]:
    """The oldest one is to be renewed these days."""
    renew_by = "2026-06-20" if number == MANY - 1 else "2029-12-02"
    return {
        "identifier": f"1.2.{number}",
        "type": {"code": "c", "name_zh": "许可证", "name_en": "Permit"},
        "authority": {"name": "某局"},
        "status": {"code": "valid", "zh": "有效", "en": "valid"},
        "marks": [],
        "copy": {"kind": "正本", "of": 1, "ordinal": 1},
        "suspended_until": None,
        "valid_until": "2030-01-01",
        "content": {"number": f"N-{number}", "holders": ["甲"], "renew_by": renew_by, "fields": []},
    }


class Api:
    """Pages of the list as the API makes them, at most a hundred on one; nothing else is there."""

    async def get(self, path: str, *, limit: int = 20, after: str | None = None, **_: Any) -> Any:
        if not path.endswith("/licenses"):
            return {"items": [], "organisations": {}, "next": None}
        assert limit <= 100
        begin = int(after or 0)
        end = min(begin + limit, MANY)
        items = [license_(number) for number in range(begin, end)]
        return {"items": items, "next": str(end) if end < MANY else None}


def vault() -> Vault:
    api = cast(InnerApi, Api())
    visitor = Visitor("zh", None, "/my", api, None, None, "", secure=False)
    return Vault(visitor, api, "me", "h" * 26, frozenset(EVERYTHING), (), None)


def cards(after: str | None = None) -> str:
    page = asyncio.run(_cards(vault(), Wish("now", after), TODAY))
    return bytes(page.body).decode()


def test_what_presses_is_told_on_the_first_page_wherever_the_license_stands() -> None:
    first = cards()
    assert "请尽快办理" in first
    assert f'/my/me/licenses/1.2.{MANY - 1}">许可证 N-{MANY - 1}</a>：' in first
    assert first.count('class="card license"') == 20
    assert "请尽快办理" not in cards(after="20")


def test_every_license_can_be_chosen_to_be_shown() -> None:
    page = bytes(asyncio.run(_form(vault(), ShowForm())).body).decode()
    assert page.count('name="license"') == MANY
