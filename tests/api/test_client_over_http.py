"""The client against a whole node: what it sends is taken, what it reads is what is answered."""

import asyncio

import httpx
import pytest
from api_node import USE, Node

from license_vault.client import (
    AsyncClient,
    BearerToken,
    Client,
    ClientCredentials,
    Connection,
    LicenseUse,
    ProblemError,
    Question,
)
from license_vault.client.async_client import AsyncSurroundings
from license_vault.client.client import Surroundings

FOR = LicenseUse(USE.operator, USE.item_name, USE.item_code, USE.case_number, USE.purpose)


class Inside(httpx.BaseTransport):
    """Hands requests to the node without a network."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = dict(request.headers)
        answer = self._node.client.request(
            request.method, str(request.url), content=request.read(), headers=sent
        )
        return httpx.Response(
            answer.status_code, headers=dict(answer.headers), content=answer.content
        )


@pytest.fixture(scope="module")
def client(node: Node) -> Client:
    known = ClientCredentials(*node.credentials["jiading"])
    return Client(Connection("http://testserver", known, FOR), Surroundings(Inside(node)))


def test_an_approval_system_issues_shows_and_ends_a_license(node: Node, client: Client) -> None:
    body = node.body()
    made = client.issue(body, "client-1")
    assert client.issue(body, "client-1").identifier == made.identifier
    shown = client.license(made.identifier)
    assert (shown.status, shown.check_code) == ("valid", "")
    assert made.identifier in {one.identifier for one in client.licenses(made.type_code).items}
    file = client.download(made.identifier)
    assert client.verify_file(file).is_valid
    assert client.verify_number(made.identifier, made.check_code).is_valid
    batch = client.verify_batch([("a", file), ("b", b"GIF")], [(made.identifier, made.check_code)])
    assert [one.verdict for one in batch.results] == ["valid", "refused", "valid"]
    assert batch.results[1].problem == "unreadable-document"
    ended = client.act(made.identifier, "cancellation", {"basis": "依申请注销", "reason": "1"})
    assert ended.status == "cancelled"
    assert client.verify_file(file).state == "cancelled"


def test_a_receipt_is_given_and_fetched_again(node: Node, client: Client, issued: dict) -> None:
    file = client.download(issued["identifier"], "pdf")
    given = client.receipt_for(file, Question(item_code="DEMO-1", purpose="核对"))
    assert client.receipt(given.number).file == given.file


def test_a_refusal_is_an_error_with_its_code(node: Node, client: Client) -> None:
    with pytest.raises(ProblemError) as refused:
        client.license("1.2.156.3005.2.X")
    assert (refused.value.code, refused.value.status) == ("license-not-found", 404)
    with pytest.raises(ProblemError) as refused:
        client.issue({**node.body(), "number": ""})
    assert refused.value.places


def test_an_event_loop_asks_the_same(node: Node, issued: dict) -> None:
    async def ask() -> list[str]:
        surroundings = AsyncSurroundings(httpx.ASGITransport(node.client.app))
        known = BearerToken(node.token("jiading"))
        where = Connection("http://testserver", known, FOR)
        async with AsyncClient(where, surroundings) as client:
            files = [client.download(issued["identifier"], form) for form in ("pdf", "ofd")]
            read = [await one for one in files]
            return [(await client.verify_file(one)).verdict for one in read]

    assert asyncio.run(ask()) == ["valid", "valid"]
