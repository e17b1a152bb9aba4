"""What pages refuse is told in words of the page, not of a program."""

from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from api.authentication import HolderPerson
from api.errors import RequestTooLargeError
from api.pages.console.grants import Wish
from api.pages.inner_api import InnerApi
from api.pages.problem_help import help_of
from api.pages.rendering import show
from api.pages.visitor import Language, Visitor
from api.problems.answers import problem_of
from api.problems.kinds import KINDS
from api.problems.requests import of_validation
from license_vault.api_clients import Caller


class Asked(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    code: str = Field(min_length=18)
    types: list[str] = Field(min_length=1, max_length=20)


def refused(**values: Any) -> RequestValidationError:
    with pytest.raises(ValidationError) as found:
        Asked.model_validate(values)
    return RequestValidationError(
        [{**one, "loc": ("body", *one["loc"])} for one in found.value.errors()]
    )


def visitor(language: Language, path: str = "/console/grants") -> Visitor:
    api, person = cast(InnerApi, None), Caller("officer:one", "o", frozenset())
    return Visitor(language, None, path, api, None, person, "", secure=False, address=path)


def met(code: str, language: Language, **more: Any) -> str:
    problem = problem_of(more.pop("error")) if "error" in more else None
    document = (
        problem.document(language, "r")
        if problem
        else {"code": code, "messages": KINDS[code].messages({}), "request_id": "r"}
    )
    page = show(
        visitor(language),
        "problem_met.html",
        problem=document,
        help=help_of(KINDS[code].status, code),
        at_kiosk=more.get("at_kiosk", False),
    )
    return bytes(page.body).decode()


def test_what_was_left_empty_is_not_called_too_short() -> None:
    places = {one.pointer: one for one in of_validation(refused(name="", code="", types=[]))}
    assert (places["/name"].code, places["/name"].message_zh) == ("too-short", "没有填写。")
    assert places["/types"].message_en == "Nothing is chosen or given."
    assert places["/code"].message_zh == "太短。"


def test_what_is_too_much_says_how_much_it_may_be() -> None:
    error = refused(name="长" * 101, code="9" * 18, types=["a"] * 21)
    places = {one.pointer: one for one in of_validation(error)}
    assert (places["/name"].code, places["/name"].message_zh) == ("too-long", "最多 100 个字符。")
    assert places["/types"].message_en == "There may be at most 20."


def test_a_session_that_ended_is_told_without_talk_of_tokens_and_leads_back() -> None:
    zh, en = met("unauthenticated", "zh"), met("unauthenticated", "en")
    assert "令牌" not in zh
    assert "token" not in en
    assert 'href="/login?next=/console/grants"' in zh


def test_a_page_that_is_out_of_date_asks_nobody_for_rights_and_is_opened_anew() -> None:
    zh, en = met("form-refused", "zh"), met("form-refused", "en")
    assert "申请所列权限" not in zh
    assert "Ask the security administrator" not in en
    assert 'class="button" href="/console/grants"' in en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_of_wrong_places_says_so_without_names_of_json(language: Language) -> None:
    page = met("invalid-request", language, error=refused(name="", code="9" * 18, types=["a"]))
    assert "errors" not in page


def test_what_is_too_large_says_how_large_it_may_be() -> None:
    assert "最大 20 MB" in met("invalid-request", "zh", error=RequestTooLargeError(20 * 2**20))


def test_who_no_longer_acts_for_somebody_is_told_why_and_led_to_the_own_vault() -> None:
    holder = HolderPerson("111", "310114199003072841")
    gone = replace(visitor("zh", "/my/z08rgkhds2na9a5knxcba6nr05/copies"), person=holder)
    problem = {"messages": KINDS["page-not-found"].messages({}), "request_id": "r"}
    told: dict[str, Any] = {"problem": {**problem, "code": "page-not-found", "status": 404}}
    told |= {"help": help_of(404), "at_kiosk": False}
    page = bytes(show(gone, "problem_met.html", **told).body).decode()
    assert "委托可能已撤回或到期" in page
    assert 'class="button" href="/my"' in page
    own = replace(gone, path="/my/me/copies/none")
    assert "委托" not in bytes(show(own, "problem_met.html", **told).body).decode()


def test_a_problem_at_a_kiosk_offers_its_first_screen_and_nothing_that_leads_away() -> None:
    page = met("method-not-allowed", "zh", at_kiosk=True)
    assert 'href="/kiosk/over"' in page
    assert 'href="/verify"' not in page
    assert 'href="/"' not in page


@pytest.mark.parametrize(
    ("language", "labels"), [("zh", ("事项编码", "依据")), ("en", ("Item code", "Basis"))]
)
def test_a_request_for_use_is_refused_at_the_names_of_its_fields(
    language: Language, labels: tuple[str, str]
) -> None:
    places = [
        {"pointer": pointer, "messages": {"zh": "格式不对。", "en": "Wrong."}}
        for pointer in ("/item_code", "/basis")
    ]
    problem = {**KINDS["invalid-request"].messages({})[language], "code": "invalid-request"}
    told = {**problem, "messages": KINDS["invalid-request"].messages({}), "errors": places}
    lists: dict[str, Any] = {"requests": (), "next": None, "types": {}, "own": ""}
    page = show(visitor(language), "console/grants.html", problem=told, wish=Wish(), **lists)
    text = bytes(page.body).decode()
    assert all(f"<li>{label}" in text for label in labels)
    assert "/item_code" not in text
