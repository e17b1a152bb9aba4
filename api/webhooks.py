"""Routes of webhooks: subscribe, list, look at deliveries, replay, switch on again, remove.

A subscription is the calling organisation's own. Its secret is told to whoever adds it and to
nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authentication import READ, require_scope
from api.dependencies import AfterQuery, CallerDep, IdempotencyKeyDep, LimitQuery, ServicesDep
from api.documentation import Responses, problems
from api.instants import Instant
from api.limits import StrictJsonRoute
from api.request_marks import answered, done_once, marked
from api.services import Services
from license_vault.api_clients import EVERY_TYPE, Caller
from license_vault.database.sessions import Writing
from license_vault.events.addresses import resolve_by_system, resolved
from license_vault.events.deliveries import DEAD, DELIVERED, Deliveries, Delivery, DeliveryWriter
from license_vault.events.subscriptions import Webhook, Webhooks, WebhookWish, WebhookWriter

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=StrictJsonRoute)

LIST = "webhook-deliveries"
_SUBJECT = "webhook:"
_DENIED = ("unauthenticated", "forbidden")

_Kind = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z-]+){1,3}$", max_length=64)]
_TypeCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{21}$")]


class WebhookIn(BaseModel):
    """Where to tell of what; an empty list is everything that the caller may read."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2000, examples=["https://approvals.example.gov.cn/hooks"])
    kinds: list[_Kind] = Field(default=[], max_length=50, examples=[["license.issued"]])
    type_codes: list[_TypeCode] = Field(default=[], max_length=50)


class ReplayIn(BaseModel):
    """Which deliveries to make again: dead letters, or all that ended, since an instant."""

    model_config = ConfigDict(extra="forbid")

    since: Instant
    which: Literal["dead", "all"] = "dead"


class WebhookOut(BaseModel):
    """A subscription. ``alarm``: its receiver failed several times in a row."""

    number: str
    url: str
    kinds: list[str]
    type_codes: list[str]
    state: str = Field(examples=["active", "disabled"])
    failures: int
    alarm: bool
    added_at: datetime


class NewWebhookOut(WebhookOut):
    """A subscription that was just added, with the secret that signs what it is told."""

    secret: str = Field(examples=["whsec_…"])


class WebhookList(BaseModel):
    """The own organisation's subscriptions."""

    items: list[WebhookOut]


class DeliveryOut(BaseModel):
    """One thing that was told, or is to be; ``webhook_id`` is the same in every try."""

    webhook_id: str
    kind: str
    subject: str
    recorded_at: datetime
    state: str = Field(examples=["waiting", "delivered", "dead"])
    attempts: int
    next_at: datetime | None
    outcome: str | None = Field(description="an HTTP status, or a word for why there was none")


class DeliveryPage(BaseModel):
    """A page of deliveries."""

    items: list[DeliveryOut]
    next: str | None


class ReplayedOut(BaseModel):
    """How many deliveries will be made again."""

    replayed: int


def _problems(*more: str) -> Responses:
    return problems(
        *_DENIED,
        "scope-missing",
        "idempotency-key-required",
        "idempotency-key-reused",
        "request-in-progress",
        "invalid-request",
        "unreadable-request",
        "media-type-not-supported",
        "temporarily-unavailable",
        *more,
    )


@router.post(
    "",
    status_code=201,
    summary="Subscribe to events · 订阅事件",
    response_model=NewWebhookOut,
    responses=_problems("address-refused", "authority-not-yours"),
)
def subscribe(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    body: WebhookIn,
    response: Response,
) -> dict[str, Any]:
    """Have the own organisation told of what happens to its licenses and those below it.

    The address must be one of the open Internet; it is looked at again at every try.
    """
    _require_readable(caller, body.type_codes)
    wish = WebhookWish(body.url, tuple(body.kinds), tuple(body.type_codes))

    def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
        writer = WebhookWriter(session, services.keys)
        made = writer.add(caller.organisation_code, wish, caller.name, services.random_bytes, at)
        return f"{_SUBJECT}{made.number}", {"organisation": caller.organisation_code}

    request = marked(services, caller, key, "webhook.added", body.model_dump())
    if answered(services, request) is None:
        # Before the transaction: a name server may take its time.
        resolved(wish.url, services.events.rules, resolve_by_system)
    number = done_once(services, request, response, do).removeprefix(_SUBJECT)
    response.headers["Location"] = f"/v1/webhooks/{number}"
    webhook = _webhook(services, caller, number)
    return {**_values(webhook), "secret": webhook.secret}


@router.get(
    "",
    summary="List the own subscriptions · 订阅列表",
    response_model=WebhookList,
    responses=problems(*_DENIED),
)
def list_webhooks(services: ServicesDep, caller: CallerDep) -> dict[str, Any]:
    """Return the own organisation's subscriptions."""
    require_scope(caller, READ)
    with services.database.reading() as session:
        found = Webhooks(session, services.keys).of(caller.organisation_code)
    return {"items": [_values(webhook) for webhook in found]}


@router.get(
    "/{number}",
    summary="Show a subscription · 订阅详情",
    response_model=WebhookOut,
    responses=problems(*_DENIED, "webhook-not-found"),
)
def show_webhook(services: ServicesDep, caller: CallerDep, number: str) -> dict[str, Any]:
    """Return one of the own organisation's subscriptions."""
    return _values(_webhook(services, caller, number))


@router.get(
    "/{number}/deliveries",
    summary="List what was told, and dead letters · 投递记录",
    response_model=DeliveryPage,
    responses=problems(*_DENIED, "webhook-not-found", "invalid-request"),
)
def list_webhook_deliveries(
    services: ServicesDep,
    caller: CallerDep,
    number: str,
    limit: LimitQuery = 20,
    after: AfterQuery = None,
    state: Annotated[Literal["waiting", "delivered", "dead"] | None, Query()] = None,
) -> dict[str, Any]:
    """Return deliveries, the newest first."""
    webhook = _webhook(services, caller, number)
    behind = services.cursors.item(LIST, after) if after else None
    with services.database.reading() as session:
        found = Deliveries(session).of(webhook, state, limit + 1, behind)
    shown, after_it = services.cursors.page(LIST, found, limit, lambda each: each.number)
    return {
        "items": [_delivery_values(delivery) for delivery in shown],
        "next": after_it,
    }


@router.post(
    "/{number}/replays",
    summary="Tell again · 重新投递",
    response_model=ReplayedOut,
    responses=_problems("webhook-not-found"),
)
def replay_webhook(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    number: str,
    body: ReplayIn,
    response: Response,
) -> dict[str, Any]:
    """Make ended deliveries again, under the webhook-id they had."""
    webhook = _webhook(services, caller, number)
    states = (DEAD,) if body.which == "dead" else (DEAD, DELIVERED)

    def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
        count = DeliveryWriter(session).replay(webhook, states, body.since, at)
        # The resource keeps the count: the same request is answered alike.
        return f"{_SUBJECT}{number}/{count}", {"deliveries": str(count)}

    told = {"number": number, "since": body.since.isoformat(), "which": body.which}
    request = marked(services, caller, key, "webhook.replayed", told)
    return {"replayed": int(done_once(services, request, response, do).rpartition("/")[2])}


@router.post(
    "/{number}/activation",
    summary="Switch a disabled subscription on again · 恢复订阅",
    response_model=WebhookOut,
    responses=_problems("webhook-not-found", "webhook-state"),
)
def activate_webhook(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    number: str,
    response: Response,
) -> dict[str, Any]:
    """Tell a subscription again whose receiver had answered 410; what waited is told then."""
    webhook = _webhook(services, caller, number)

    def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
        WebhookWriter(session, services.keys).activate(webhook, at)
        return f"{_SUBJECT}{number}", {}

    request = marked(services, caller, key, "webhook.activated", {"number": number})
    done_once(services, request, response, do)
    return _values(_webhook(services, caller, number))


@router.post(
    "/{number}/removal",
    summary="Remove a subscription · 取消订阅",
    status_code=204,
    responses=_problems("webhook-not-found"),
)
def remove_webhook(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    number: str,
    response: Response,
) -> None:
    """Tell a subscription nothing more; what it was told stays on record."""

    def do(session: Writing, at: datetime) -> tuple[str, Mapping[str, str]]:
        writer = WebhookWriter(session, services.keys)
        writer.remove(writer.get(number, caller.organisation_code), at)
        return f"{_SUBJECT}{number}", {}

    require_scope(caller, READ)
    request = marked(services, caller, key, "webhook.removed", {"number": number})
    done_once(services, request, response, do)


def _require_readable(caller: Caller, type_codes: list[str]) -> None:
    require_scope(caller, READ)
    for type_code in type_codes or [EVERY_TYPE]:
        caller.require(READ, type_code)


def _webhook(services: Services, caller: Caller, number: str) -> Webhook:
    require_scope(caller, READ)
    with services.database.reading() as session:
        return Webhooks(session, services.keys).get(number, caller.organisation_code)


def _values(webhook: Webhook) -> dict[str, Any]:
    return {
        "number": webhook.number,
        "url": webhook.wish.url,
        "kinds": list(webhook.wish.kinds),
        "type_codes": list(webhook.wish.type_codes),
        "state": webhook.state.value,
        "failures": webhook.failures,
        "alarm": webhook.alarmed_at is not None,
        "added_at": webhook.added_at,
    }


def _delivery_values(delivery: Delivery) -> dict[str, Any]:
    return {
        "webhook_id": delivery.number,
        "kind": delivery.kind,
        "subject": delivery.subject,
        "recorded_at": delivery.recorded_at,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_at": delivery.next_at if delivery.state == "waiting" else None,
        "outcome": delivery.outcome,
    }
