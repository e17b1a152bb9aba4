"""Requests and answers between regions: one form each, and nothing else is read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signing.errors import MalformedExchangeError
from signing.sealed_json.exchange import (
    ANSWER,
    REQUEST,
    USE_MEMBERS,
    read_answer,
    read_request,
)
from signing.sealed_json.statement import write_statement
from signing.sealed_json.strict_json import canonical_json

AT = datetime(2026, 6, 1, 2, 0, 0, tzinfo=UTC)
ASKED = {
    "exchange_id": "x1",
    "from_region": "320000",
    "to_region": "310000",
    "at": "2026-06-01T02:00:00Z",
    "operation": "status",
    "use": {name: f"the {name}" for name in USE_MEMBERS},
    "body": {"identifier": "1.2", "more": [{"a": "b"}, "c"]},
}
ANSWERED = {
    "exchange_id": "x1",
    "from_region": "310000",
    "request_sm3": "0" * 64,
    "at": "2026-06-01T02:00:01Z",
    "outcome": "done",
    "body": {},
}


def _request(**changes: object) -> bytes:
    return write_statement(REQUEST, canonical_json({**ASKED, **changes}), b"cms")


def _answer(**changes: object) -> bytes:
    return write_statement(ANSWER, canonical_json({**ANSWERED, **changes}), b"cms")


def test_what_was_written_is_read() -> None:
    found = read_request(_request())
    assert (found.request.from_region, found.request.to_region) == ("320000", "310000")
    assert found.request.at == AT
    assert found.request.use == ASKED["use"]
    assert found.request.body == ASKED["body"]
    assert found.statement.signed_bytes == canonical_json(ASKED)
    answered = read_answer(_answer())
    assert (answered.answer.outcome, answered.answer.request_sm3) == ("done", "0" * 64)
    assert replace(answered.answer, body={}) == answered.answer


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"from_region": "32000"}, "exchange-not-a-region"),
        ({"from_region": "３２００００"}, "exchange-not-a-region"),
        ({"at": "2026-06-01T02:00:00+08:00"}, "exchange-not-an-instant"),
        ({"at": "2026-06-01 02:00:00Z"}, "exchange-not-an-instant"),
        ({"exchange_id": ""}, "exchange-not-a-text"),
        ({"exchange_id": "x" * 65}, "exchange-not-a-text"),
        ({"use": {"organisation": "x"}}, "exchange-other-members"),
        ({"use": {**dict.fromkeys(USE_MEMBERS, "x"), "purpose": ""}}, "exchange-not-a-text"),
        ({"use": dict.fromkeys(USE_MEMBERS, "x" * 201)}, "exchange-not-a-text"),
        ({"body": []}, "exchange-not-an-object"),
        ({"body": {"a": True}}, "exchange-not-a-text"),
        ({"body": {"a": None}}, "exchange-not-a-text"),
        ({"body": {"a": 1}}, "exchange-number"),
        ({"body": {"a": [[[[[[[["x"]]]]]]]]}}, "exchange-too-deep"),
        ({"more": "x"}, "exchange-other-members"),
    ],
)
def test_another_form_is_no_request(changes: dict[str, object], code: str) -> None:
    with pytest.raises(MalformedExchangeError) as refused:
        read_request(_request(**changes))
    assert refused.value.code == code


def test_neither_is_read_as_the_other() -> None:
    with pytest.raises(MalformedExchangeError):
        read_request(_answer())
    with pytest.raises(MalformedExchangeError):
        read_answer(_request())
    with pytest.raises(MalformedExchangeError):
        read_answer(_answer(request_sm3="A" * 64))


def test_whatever_bytes_come_nothing_else_is_raised() -> None:
    good = _request()
    for position in range(0, len(good), 7):
        broken = good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :]
        try:
            found = read_request(broken)
        except MalformedExchangeError:
            continue
        # What still reads says something else, or bears another signature: it cannot verify.
        same = found.statement.signed_bytes == canonical_json(ASKED)
        assert not same or found.statement.signature != b"cms"
