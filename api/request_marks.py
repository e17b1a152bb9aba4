"""Requests that make something other than a license, answered once for each Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response

from api.services import Services
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.issuing.license_request import request_digest
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer


@dataclass(frozen=True, slots=True)
class MarkedRequest:
    """A request to do something once: who asks, what, and under which key it came."""

    caller: Caller
    action: str
    mark: RequestMark


def marked(
    services: Services, caller: Caller, key: str, action: str, body: Mapping[str, object]
) -> MarkedRequest:
    """Return a request with its mark; ``body`` is all that makes it differ from another."""
    digest = bytes.fromhex(request_digest({"action": action, **body}))
    mark = RequestMark(caller.name, services.macs.idempotency_key(caller.name, key), digest)
    return MarkedRequest(caller, action, mark)


def answered(services: Services, request: MarkedRequest) -> str | None:
    """Return the resource that the same request made before, None if it is new.

    Raises:
        IdempotencyKeyReusedError: the key came with another body before.
    """
    with services.database.reading() as session:
        return earlier_answer(session, request.mark)


def done_once(
    services: Services,
    request: MarkedRequest,
    response: Response,
    do: Callable[[Writing, datetime], tuple[str, Mapping[str, str]]],
) -> str:
    """Do what is asked if it was not done before; return the resource it is about.

    Args:
        do: does it, and returns the resource ("webhook:NUMBER") and the details for the audit,
            which stands in the same transaction.

    Raises:
        IdempotencyKeyReusedError: the key came with another body before.
        RowConflictError: the same request is being answered at this moment.
    """
    earlier = answered(services, request)
    if earlier is not None:
        response.headers["Idempotent-Replayed"] = "true"
        return earlier
    at = services.clock()
    with services.database.writing() as session:
        resource, details = do(session, at)
        remember_answer(session, request.mark, resource, at)
        act = Act(request.caller.name, request.action, resource, details, at)
        AuditWriter(session).append(act)
    return resource
