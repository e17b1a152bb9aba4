"""What regions ask of each other and answer, each signed by the library that says it.

A request carries the five elements (五要素) and the purpose of who asks, an operation and a body;
the answer names the request by the SM3 of its bytes, so that neither can be put beside another.
Both sides keep both. Whether a signer may speak for a region is for ``verification``; who may ask
what is for ``license_vault.exchange``.

One form only: RFC 8785 of texts, lists and objects. Instants are texts, UTC, whole seconds.

Source: ADR 0052; RFC 8785.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys.sm3 import sm3
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedExchangeError, MalformedJsonError
from signing.sealed_json.statement import (
    SignedStatement,
    StatementForm,
    read_statement,
    sign_statement,
)
from signing.sealed_json.strict_json import digest_of, instant_of, instant_text, members_of, text_of

LARGEST_BYTES = 16 * 1024 * 1024
"""Of a request or an answer as a whole; files travel in them as base64."""

REQUEST = StatementForm("request", "license-vault/exchange-request/1", LARGEST_BYTES)
ANSWER = StatementForm("answer", "license-vault/exchange-answer/1", LARGEST_BYTES)
USE_MEMBERS = ("organisation", "operator", "item_name", "item_code", "case_number", "purpose")
LONGEST_ID = 64
_LONGEST_WORD = 64
_LONGEST_USE = 200
_DEEPEST = 8
_REQUEST = frozenset(
    ("at", "body", "exchange_id", "from_region", "operation", "to_region", "use")
)  # fmt: skip
_ANSWER = frozenset(("at", "body", "exchange_id", "from_region", "outcome", "request_sm3"))
_USE = frozenset(USE_MEMBERS)


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """What one region asks of another.

    ``exchange_id`` is random and the same in every try of one question; ``use`` has the five
    elements and the purpose; ``body`` is made of texts, lists and objects, as the operation says.
    """

    exchange_id: str
    from_region: str
    to_region: str
    at: datetime
    operation: str
    use: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExchangeAnswer:
    """What the other region answers; ``request_sm3`` (hex) is of the request's whole bytes."""

    exchange_id: str
    from_region: str
    request_sm3: str
    at: datetime
    outcome: str
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as found; ``sm3`` (hex) is of its whole bytes."""

    request: ExchangeRequest
    statement: SignedStatement
    sm3: str


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """An answer as found; ``sm3`` (hex) is of its whole bytes."""

    answer: ExchangeAnswer
    statement: SignedStatement
    sm3: str


def sign_request(
    request: ExchangeRequest,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed request; arguments as ``statement.sign_statement``."""
    value = {
        "exchange_id": request.exchange_id,
        "from_region": request.from_region,
        "to_region": request.to_region,
        "at": instant_text(request.at),
        "operation": request.operation,
        "use": dict(request.use),
        "body": dict(request.body),
    }
    return sign_statement(REQUEST, value, identity, sign, timestamp)


def sign_answer(
    answer: ExchangeAnswer,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed answer; arguments as ``statement.sign_statement``."""
    value = {
        "exchange_id": answer.exchange_id,
        "from_region": answer.from_region,
        "request_sm3": answer.request_sm3,
        "at": instant_text(answer.at),
        "outcome": answer.outcome,
        "body": dict(answer.body),
    }
    return sign_statement(ANSWER, value, identity, sign, timestamp)


def read_request(data: bytes) -> SignedRequest:
    """Return what a signed request says.

    Raises:
        MalformedExchangeError: and no other error; it is not the one form a request has.
    """
    try:
        statement = read_statement(REQUEST, data)
        return SignedRequest(_request(statement.value), statement, sm3(data).hex())
    except MalformedJsonError as error:
        raise MalformedExchangeError(f"exchange-{error.code}", error.where) from error


def read_answer(data: bytes) -> SignedAnswer:
    """Return what a signed answer says.

    Raises:
        MalformedExchangeError: and no other error; it is not the one form an answer has.
    """
    try:
        statement = read_statement(ANSWER, data)
        return SignedAnswer(_answer(statement.value), statement, sm3(data).hex())
    except MalformedJsonError as error:
        raise MalformedExchangeError(f"exchange-{error.code}", error.where) from error


def _request(value: object) -> ExchangeRequest:
    found = members_of(value, _REQUEST, "/request")
    use = members_of(found["use"], _USE, "/request/use")
    return ExchangeRequest(
        exchange_id=text_of(found["exchange_id"], LONGEST_ID, "/request/exchange_id"),
        from_region=_region(found["from_region"], "/request/from_region"),
        to_region=_region(found["to_region"], "/request/to_region"),
        at=instant_of(found["at"], "/request/at"),
        operation=text_of(found["operation"], _LONGEST_WORD, "/request/operation"),
        use={name: text_of(use[name], _LONGEST_USE, f"/request/use/{name}") for name in _USE},
        body=_body(found["body"], "/request/body"),
    )


def _answer(value: object) -> ExchangeAnswer:
    found = members_of(value, _ANSWER, "/answer")
    return ExchangeAnswer(
        exchange_id=text_of(found["exchange_id"], LONGEST_ID, "/answer/exchange_id"),
        from_region=_region(found["from_region"], "/answer/from_region"),
        request_sm3=digest_of(found["request_sm3"], "/answer/request_sm3"),
        at=instant_of(found["at"], "/answer/at"),
        outcome=text_of(found["outcome"], _LONGEST_WORD, "/answer/outcome"),
        body=_body(found["body"], "/answer/body"),
    )


def _region(value: object, where: str) -> str:
    text = text_of(value, 6, where)
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise MalformedJsonError("not-a-region", where)
    return text


def _body(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MalformedJsonError("not-an-object", where)
    _require_texts(value, where, _DEEPEST)
    return value


def _require_texts(value: object, where: str, left: int) -> None:
    """Refuse what is no text, list or object: true, false and null have no place in a body."""
    if left == 0:
        raise MalformedJsonError("too-deep", where)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _require_texts(item, where, left - 1)
    elif not isinstance(value, str):
        raise MalformedJsonError("not-a-text", where)
