"""Routes of the exchange: partners ask us, our programs and officers ask partners, both look back.

``POST /v1/exchange`` takes one signed request and gives one signed answer; who calls is known by
the signature alone. The others are for our own: a question is put with the five elements, asked
once for each Idempotency-Key, and kept with its answer as both were signed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.authentication import READ, require_scope
from api.dependencies import (
    AfterQuery,
    CallerDep,
    IdempotencyKeyDep,
    LimitQuery,
    ServicesDep,
)
from api.documentation import problems
from api.errors import MediaTypeNotSupportedError
from api.limits import StrictJsonRoute
from api.problems.answers import rate_limit
from api.request_marks import answered, marked
from api.use_header import UseDep
from license_vault.api_clients import Caller
from license_vault.exchange.errors import ExchangeUnknownError
from license_vault.exchange.question import Answer, Question
from license_vault.exchange.rows import ANSWER, OUT, REQUEST, Exchange, Exchanges
from license_vault.requests import remember_answer

router = APIRouter(tags=["exchange"], route_class=StrictJsonRoute)
signed = APIRouter(tags=["exchange"])

_LIST = "exchanges"
_SUBJECT = "exchange:"
_MEDIA_TYPE = "application/json"
_DENIED = ("unauthenticated", "forbidden")
_USE = ("use-required", "use-invalid")
_ASKED = (
    "partner-not-found",
    "partner-suspended",
    "partner-unreachable",
    "partner-refused",
    "partner-answer-refused",
)
_SIGNED = {"schema": {"type": "object", "description": "a signed request, RFC 8785"}}

# What a person's or a program's own question may be; disputes have routes of their own.
Operation = Literal[
    "query-by-holder",
    "query-by-identifier",
    "metadata",
    "file",
    "copy",
    "check-file",
    "check-information",
    "status",
    "apply",
    "apply-state",
]


class QuestionIn(BaseModel):
    """What to ask a partner; docs/exchange.md says which body each operation takes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "operation": "query-by-identifier",
                "body": {"identifier": "1.2.156.3005.2.…"},
            }
        },
    )

    operation: Operation
    body: dict[str, str | dict[str, str]] = Field(max_length=16)


class AnswerOut(BaseModel):
    """A partner's answer, signed by it and kept here."""

    exchange_id: str
    region: str
    operation: str
    outcome: str = Field(description="done, not-found or not-done", examples=["done"])
    body: dict[str, Any]
    request_sm3: str
    answer_sm3: str
    answered_at: datetime


class ExchangeOut(BaseModel):
    """An exchange as it is kept: ours ("out") or a partner's ("in")."""

    exchange_id: str
    direction: str
    region: str
    operation: str
    organisation: str
    item_code: str
    state: str = Field(description="open, answered or refused")
    outcome: str | None
    actor: str
    began_at: datetime
    ended_at: datetime | None
    requests: list[str] = Field(default=[], description="SM3 of each signed try")
    answer: str | None = Field(default=None, description="SM3 of the signed answer")


class ExchangePage(BaseModel):
    """One page of exchanges, the newest first."""

    items: list[ExchangeOut]
    next: str | None


async def signed_body(request: Request) -> bytes:
    """Return the bytes of a signed request, as they came.

    Raises:
        MediaTypeNotSupportedError: they are not said to be JSON.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise MediaTypeNotSupportedError
    return await request.body()


def keyed_region(region: str, key: IdempotencyKeyDep) -> tuple[str, str]:
    """Return the region that an address names, and the Idempotency-Key."""
    return region, key


KeyedRegionDep = Annotated[tuple[str, str], Depends(keyed_region)]


@signed.post(
    "/v1/exchange",
    summary="Answer a partner region's signed request · 地区间交换",
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": {_MEDIA_TYPE: _SIGNED}}},
    responses=problems(
        "exchange-malformed",
        "exchange-signer-refused",
        "exchange-other-region",
        "exchange-stale",
        "exchange-replayed",
        "exchange-operation-unknown",
        "exchange-not-shared",
        "exchange-body-invalid",
        "exchange-quota-exceeded",
        "access-not-granted",
        "partner-not-found",
        "partner-suspended",
        "request-in-progress",
        "media-type-not-supported",
        "temporarily-unavailable",
    )
    | {200: {"content": {_MEDIA_TYPE: {"schema": {"type": "object"}}}}},
)
def answer_partner(services: ServicesDep, data: Annotated[bytes, Depends(signed_body)]) -> Response:
    """Answer one signed request of a partner with one signed answer; both are kept by both sides.

    The signature is the credential: by the library key in the partner's accepted trust list.
    """
    answer, left = services.exchange.receiving.receive(data)
    headers = rate_limit(left.limit, left.window, left.remaining, left.reset)
    return Response(
        answer, media_type=_MEDIA_TYPE, headers={**headers, "Cache-Control": "no-store"}
    )


@router.post(
    "/v1/partners/{region}/queries",
    summary="Ask a partner region · 向伙伴地区查询",
    response_model=AnswerOut,
    responses=problems(
        *_DENIED,
        *_USE,
        *_ASKED,
        "idempotency-key-required",
        "idempotency-key-reused",
        "request-in-progress",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
    ),
)
def ask_partner(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    place: KeyedRegionDep,
    body: QuestionIn,
    response: Response,
) -> dict[str, Any]:
    """Ask a partner something for a use, and return its signed answer's content.

    The same key and body ask the same question again, if it was not answered, and otherwise give
    the answer that is kept.
    """
    require_scope(caller, READ)
    region, key = place
    question = Question(body.operation, use, body.body, caller.name)
    told = {"region": region, **body.model_dump(), "use": question.use_members()}
    request = marked(services, caller, key, "exchange.asked", told)
    earlier = answered(services, request)
    if earlier is None:
        services.exchange.asking.require_partner(region)
        earlier = f"{_SUBJECT}{services.exchange.asking.new_id()}"
        with services.database.writing() as session:
            remember_answer(session, request.mark, earlier, services.clock())
    else:
        response.headers["Idempotent-Replayed"] = "true"
    exchange_id = earlier.removeprefix(_SUBJECT)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = f"/v1/exchanges/{exchange_id}"
    return answer_values(services.exchange.asking.again(region, exchange_id, question))


@router.get(
    "/v1/exchanges",
    summary="Exchanges of the own organisation · 交换记录",
    response_model=ExchangePage,
    responses=problems(*_DENIED, "invalid-request"),
)
def list_exchanges(
    services: ServicesDep, caller: CallerDep, limit: LimitQuery = 20, after: AfterQuery = None
) -> dict[str, Any]:
    """Return what the own organisation asked partners, the newest first."""
    require_scope(caller, READ)
    behind = services.cursors.item(_LIST, after) if after else None
    with services.database.reading() as session:
        exchanges = Exchanges(session, services.keys, services.vault)
        found = exchanges.page(caller.organisation_code, limit + 1, behind)
    shown, after_it = services.cursors.page(_LIST, found, limit, lambda each: each.exchange_id)
    return {
        "items": [_values(exchange) for exchange in shown],
        "next": after_it,
    }


@router.get(
    "/v1/exchanges/{exchange_id}",
    summary="Show an exchange · 交换详情",
    response_model=ExchangeOut,
    responses=problems(*_DENIED, "exchange-not-found"),
)
def show_exchange(services: ServicesDep, caller: CallerDep, exchange_id: str) -> dict[str, Any]:
    """Return what is known of one of the own organisation's questions, with the digests."""
    with services.database.reading() as session:
        exchanges = Exchanges(session, services.keys, services.vault)
        found = _own(exchanges, caller, exchange_id)
        answer = exchanges.digests(found, ANSWER)
        requests = sorted(exchanges.digests(found, REQUEST))
    return {**_values(found), "requests": requests, "answer": next(iter(answer), None)}


@router.get(
    "/v1/exchanges/{exchange_id}/{message}",
    summary="Get the signed request or answer · 下载签名报文",
    response_class=Response,
    responses=problems(*_DENIED, "exchange-not-found")
    | {200: {"content": {_MEDIA_TYPE: {"schema": {"type": "object"}}}}},
)
def exchange_message(
    services: ServicesDep,
    caller: CallerDep,
    exchange_id: str,
    message: Literal["request", "answer"],
) -> Response:
    """Return the newest signed request, or the signed answer, byte for byte."""
    with services.database.reading() as session:
        exchanges = Exchanges(session, services.keys, services.vault)
        kept = exchanges.messages(_own(exchanges, caller, exchange_id), message)
    if not kept:
        raise ExchangeUnknownError(exchange_id)
    return Response(kept[-1], media_type=_MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def answer_values(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is shown to who asked."""
    return {
        "exchange_id": answer.exchange_id,
        "region": answer.region,
        "operation": answer.operation,
        "outcome": answer.outcome,
        "body": answer.body,
        "request_sm3": answer.request_sm3,
        "answer_sm3": answer.answer_sm3,
        "answered_at": answer.at,
    }


def _own(exchanges: Exchanges, caller: Caller, exchange_id: str) -> Exchange:
    require_scope(caller, READ)
    found = exchanges.get(exchange_id, OUT)
    if found.organisation != caller.organisation_code:
        raise ExchangeUnknownError(exchange_id)
    return found


def _values(exchange: Exchange) -> dict[str, Any]:
    return {
        "exchange_id": exchange.exchange_id,
        "direction": exchange.direction,
        "region": exchange.region,
        "operation": exchange.operation,
        "organisation": exchange.organisation,
        "item_code": exchange.item_code,
        "state": exchange.state,
        "outcome": exchange.outcome,
        "actor": exchange.actor,
        "began_at": exchange.began_at,
        "ended_at": exchange.ended_at,
    }
