"""Where a page is opened again, by the links to its other language and to log in."""

import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from api.pages.address import LONGEST_WANTED, login_address, page_address

_router = APIRouter(prefix="/my/{vault}/agency")


@_router.get("")
@_router.post("")
@_router.post("/{mandate}/withdrawal")
def _nothing() -> None: ...


APP = FastAPI()
APP.include_router(_router)


def address(method: str, path: str, query: str = "") -> str:
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [],
        "server": ("vault.example", 80),
        "scheme": "http",
        "root_path": "",
        "app": APP,
    }
    return page_address(Request(scope))


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/my", "which=all&after=a%26b&lang=en", "/my?which=all&after=a%26b"),
        ("GET", "/verify", "lang=zh", "/verify"),
        ("GET", "/console/types/证", "", "/console/types/%E8%AF%81"),
        ("POST", "/my/me/agency", "", "/my/me/agency"),
        ("POST", "/my/me/agency/k3v0/withdrawal", "", "/my/me/agency"),
        ("POST", "/nowhere", "", "/"),
        ("GET", "//another.example/my", "", "/another.example/my"),
    ],
)
def test_a_page_is_opened_again_where_a_browser_can(
    method: str, path: str, query: str, expected: str
) -> None:
    assert address(method, path, query) == expected


def test_logging_in_leads_back_unless_the_address_is_too_long_for_it() -> None:
    assert login_address("/my?which=all") == "/login?next=/my%3Fwhich%3Dall"
    assert login_address("/my?after=" + "x" * LONGEST_WANTED) == "/login"
