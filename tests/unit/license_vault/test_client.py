"""The client over a transport of its own: what it sends, repeats, renews, and what it raises."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from license_vault.client import (
    AnswerUnreadableError,
    AsyncClient,
    BearerToken,
    Client,
    ClientCredentials,
    Connection,
    LicenseUse,
    NodeUnreachableError,
    ProblemError,
    Question,
)
from license_vault.client.async_client import AsyncSurroundings
from license_vault.client.client import Surroundings
from license_vault.client.reply import LONGEST

URL = "https://zz.example.gov.cn"
USE = LicenseUse("窗口七", "演示事项", "DEMO-1", "C-1", "核对")
SENTENCE = {"zh": "有效。", "en": "Valid."}
REPORT = {
    "schema": "license-vault/report/1",
    "verdict": "valid",
    "state": None,
    "marks": [],
    "sentence": SENTENCE,
    "license": {"identifier": "1.2.156.3005.2.X"},
    "checks": [{"check": "integrity", "outcome": "passed", "code": "intact", "sentence": SENTENCE}],
    "decision": {
        "outcome": "waived",
        "sentence": {"zh": "可免交", "en": "No paper needed"},
        "authentic_and_in_force": "holds",
        "listed": "listed",
        "item_code": "DEMO-1",
        "reasons": [{"code": "listed", "sentence": SENTENCE}],
    },
}
PROBLEM = {
    "code": "invalid-request",
    "status": 422,
    "messages": {"zh": {"detail": "请求不合规"}, "en": {"detail": "Not as it must be"}},
    "errors": [{"pointer": "/number", "code": "required", "messages": {"zh": "缺", "en": "gone"}}],
    "request_id": "r-1",
}
LICENSE = {
    "identifier": "1.2.156.3005.2.X",
    "type": {"code": "T", "version": "v1", "name_zh": "许可证", "name_en": "Permit"},
    "authority": {"code": "A", "name": "局", "region": "310114"},
    "status": {"code": "valid", "zh": "有效", "en": "valid"},
    "marks": [],
    "valid_from": "2026-01-01",
    "valid_until": "长期",
    "files": [{"form": "ofd"}, {"form": "pdf"}],
    "check_code": "7K2M-9QXA-4T3WD",
}


class Node:
    """Answers from a list; keeps what was asked and how long was waited."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.waited: list[float] = []
        self.time = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **changes: Any) -> Client:
        surroundings = Surroundings(httpx.MockTransport(self), self.waited.append, self.now)
        return Client(Connection(URL, **changes), surroundings)

    def async_client(self, **changes: Any) -> AsyncClient:
        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        surroundings = AsyncSurroundings(httpx.MockTransport(self), sleep, self.now)
        return AsyncClient(Connection(URL, **changes), surroundings)

    def now(self) -> float:
        return self.time


def ok(value: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=value, headers=headers)


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, json={}, headers=headers)


def test_a_verdict_with_its_decision_is_read() -> None:
    node = Node(ok(REPORT))
    with node.client() as client:
        report = client.verify_file(b"%PDF", Question(item_code="DEMO-1"))
    assert report.is_valid
    assert report.checks[0].code == "intact"
    assert report.decision is not None
    assert (report.decision.outcome, report.decision.reasons) == ("waived", ("listed",))
    sent = node.asked[0]
    assert sent.url == f"{URL}/v1/verifications"
    assert b'name="item_code"' in sent.content
    assert b"%PDF" in sent.content
    assert "authorization" not in sent.headers


def test_both_clients_ask_in_the_same_words() -> None:
    first, second = Node(ok(LICENSE, 201)), Node(ok(LICENSE, 201))
    known = {"credentials": BearerToken("t-1"), "use": USE}
    with first.client(**known) as client:
        made = client.issue({"number": "1"}, "key-1")

    async def ask() -> object:
        async with second.async_client(**known) as client:
            return await client.issue({"number": "1"}, "key-1")

    assert asyncio.run(ask()) == made
    assert made.check_code == "7K2M-9QXA-4T3WD"
    assert "7K2M" not in repr(made)
    one, other = first.asked[0], second.asked[0]
    assert (one.url, one.content) == (other.url, other.content)
    for name in ("authorization", "license-use", "idempotency-key", "content-type"):
        assert one.headers[name] == other.headers[name]


def test_a_passing_failure_is_tried_again_with_the_same_key() -> None:
    node = Node(httpx.ConnectError("x"), busy(), busy(**{"Retry-After": "7"}), ok(LICENSE))
    with node.client(attempts=4) as client:
        client.issue({"number": "1"})
    assert node.waited == [0.5, 1.0, 7.0]
    assert len({request.headers["idempotency-key"] for request in node.asked}) == 1
    assert len({request.content for request in node.asked}) == 1


def test_what_may_not_be_repeated_is_sent_once() -> None:
    node = Node(httpx.ReadTimeout("x"))
    with node.client() as client, pytest.raises(NodeUnreachableError) as refused:
        client.receipt_for(b"%PDF")
    assert refused.value.reason == "ReadTimeout"
    assert len(node.asked) == 1


def test_a_node_that_stays_away_is_told_so() -> None:
    node = Node(*(httpx.ConnectError("x"),) * 3)
    with node.client() as client, pytest.raises(NodeUnreachableError):
        client.license("X")
    still = Node(busy(), busy(), busy())
    with still.client() as client, pytest.raises(ProblemError) as refused:
        client.license("X")
    assert (refused.value.code, refused.value.status) == ("http", 503)


def test_a_problem_is_an_error_that_says_where() -> None:
    node = Node(ok(PROBLEM, 422))
    with node.client() as client, pytest.raises(ProblemError) as refused:
        client.issue({})
    error = refused.value
    assert (error.code, error.zh, error.request_id) == ("invalid-request", "请求不合规", "r-1")
    assert (error.places[0].pointer, error.places[0].en) == ("/number", "gone")


def test_a_key_that_no_header_can_hold_is_refused_as_the_node_would() -> None:
    node = Node()
    with node.client() as client, pytest.raises(ProblemError) as refused:
        client.issue({}, "沪嘉〔2026〕1号")
    assert (refused.value.code, refused.value.status) == ("idempotency-key-required", 400)
    assert node.asked == []


def test_a_seal_by_itself_is_no_license_in_force() -> None:
    node = Node(ok({**REPORT, "license": None}))
    with node.client() as client:
        assert not client.verify_file(b"seal").is_valid


def test_tokens_are_fetched_kept_and_renewed() -> None:
    def token(name: str) -> httpx.Response:
        return ok({"access_token": name, "expires_in": 100, "token_type": "Bearer"})

    gone = ok({**PROBLEM, "code": "unauthenticated"}, 401)
    page = {"items": [LICENSE], "next": None}
    node = Node(token("a"), ok(page), ok(page), token("b"), ok(page), gone, token("c"), ok(page))
    with node.client(credentials=ClientCredentials("id", "secret")) as client:
        client.licenses()
        client.licenses()
        node.time = 71.0
        client.licenses()
        client.licenses()
    used = [request.headers.get("authorization") for request in node.asked]
    assert used == [None, "Bearer a", "Bearer a", None, "Bearer b", "Bearer b", None, "Bearer c"]
    assert "secret" not in repr(ClientCredentials("id", "secret"))


def test_a_token_that_is_never_taken_is_an_error() -> None:
    gone = {**PROBLEM, "code": "unauthenticated"}
    node = Node(ok(gone, 401))
    with node.client(credentials=BearerToken("x")) as client, pytest.raises(ProblemError):
        client.licenses()
    assert len(node.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"<html>", b"{}", b'{"verdict": 1}', b"[" * 100_000],
)
def test_what_is_no_answer_of_a_node_is_told(answer: bytes) -> None:
    node = Node(httpx.Response(200, content=answer))
    with node.client() as client, pytest.raises(AnswerUnreadableError):
        client.verify_number("X", "Y")


def test_no_answer_is_read_without_end() -> None:
    class Endless(httpx.SyncByteStream):
        def __iter__(self):
            for _ in range(LONGEST // 2**20 + 2):
                yield bytes(2**20)

    node = Node(httpx.Response(200, stream=Endless()))
    with node.client(attempts=1) as client, pytest.raises(NodeUnreachableError) as refused:
        client.trust_bundle()
    assert refused.value.reason == "TooLongError"


def test_addresses_hold_no_more_than_a_part() -> None:
    node = Node(ok(LICENSE))
    with node.client() as client:
        client.license("../x?y#z")
    assert node.asked[0].url.raw_path == b"/v1/licenses/..%2Fx%3Fy%23z"


def test_a_partner_is_asked_through_the_own_node() -> None:
    answer = {
        "exchange_id": "e-1",
        "region": "310000",
        "operation": "copy",
        "outcome": "not-done",
        "body": {"reason": "expired"},
    }
    node = Node(ok(answer))
    with node.client(use=USE) as client:
        found = client.ask("310000", "query-by-identifier", {"identifier": "X"}, "k")
    assert not found.is_done
    assert node.asked[0].url.path == "/v1/partners/310000/queries"
    assert json.loads(node.asked[0].content)["operation"] == "query-by-identifier"


def test_the_clients_have_the_same_methods() -> None:
    def public(kind: Callable[..., object]) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(Client) == public(AsyncClient)
