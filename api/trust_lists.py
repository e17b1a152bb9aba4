"""Trust lists, their roots, what was seen of them, and revocation lists. Public but for approvals.

Everything public here is signed or carries signatures, so whoever relays it cannot change it.
Approvals are typed by officers with the role security-administrator: two different ones.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, Field

from api.authentication import TRUST_APPROVE, require_scope, seal_role_of
from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import BYTES_TYPE, JSON_TYPE, problems, tagged_answers
from api.errors import ForbiddenError, PageNotFoundError
from api.headers import tagged_by_content
from license_vault.issuing.license_request import request_digest
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer
from license_vault.trust.approving import ACCEPT, RESOLVE, Approver, TrustApprovals
from license_vault.trust.kept_lists import KeptList, TrustLists
from license_vault.trust.publication import TrustMaterial
from license_vault.trust.sightings import SightingsKept
from signing import der
from signing.sealed_json.trust_sightings import ToldSighting, TrustSightings, sign_sightings

if TYPE_CHECKING:
    from datetime import datetime

    from api.services import Services
    from license_vault.api_clients import Caller
    from license_vault.library_signature import LibrarySigner

router = APIRouter(prefix="/v1", tags=["trust"])

_CACHED = "public, max-age=10"
_OFFICER = "officer:"
_REGION = re.compile(r"[0-9]{6}", re.ASCII)
RegionPath = Annotated[str, Path(description="GB/T 2260", examples=["310000"])]
NumberPath = Annotated[int, Path(ge=1, le=2**31 - 1)]
TagHeader = Annotated[str | None, Header(alias="If-None-Match")]


class ApprovalIn(BaseModel):
    """One person's word about a trust list, by the fingerprint of an official letter (函)."""

    fingerprint: str = Field(
        min_length=64, max_length=200, description="SM3 in hex; spaces and colons do not matter"
    )
    purpose: str = Field(
        default=ACCEPT,
        pattern=f"^({ACCEPT}|{RESOLVE})$",
        description="accept: a region's first list; resolve: which list of a split is right",
    )


class ApprovalOut(BaseModel):
    """How it stands now."""

    region: str
    fingerprint: str
    approved_by: list[str]
    done: bool = Field(description="two people have approved: the list is in use")


@router.get(
    "/trust-lists/{region}",
    summary="A region's trust list, the newest we accept · 信任名单",
    response_class=Response,
    responses=problems("page-not-found", "temporarily-unavailable") | tagged_answers(BYTES_TYPE),
)
def trust_list(
    services: ServicesDep, region: RegionPath, if_none_match: TagHeader = None
) -> Response:
    """Return the signed list, DER: our own, or a partner's as two people and its root let it in."""
    with services.database.reading() as session:
        kept = TrustLists(session).newest(region) if _REGION.fullmatch(region) else None
    return _list(kept, if_none_match, _CACHED)


@router.get(
    "/trust-lists/{region}/{sequence}",
    summary="One trust list of a region, older ones too · 历史信任名单",
    response_class=Response,
    responses=problems("page-not-found", "invalid-request", "temporarily-unavailable")
    | tagged_answers(BYTES_TYPE),
)
def trust_list_of(
    services: ServicesDep,
    region: RegionPath,
    sequence: NumberPath,
    if_none_match: TagHeader = None,
) -> Response:
    """Return an accepted list of one sequence, DER; they are kept for ever."""
    with services.database.reading() as session:
        kept = TrustLists(session).of_sequence(region, sequence)
    return _list(kept, if_none_match, _CACHED)


def _list(kept: KeptList | None, if_none_match: str | None, cache: str) -> Response:
    if kept is None:
        raise PageNotFoundError
    return tagged_by_content(kept.der, BYTES_TYPE, if_none_match, cache)


@router.get(
    "/trust-roots/{region}/{version}",
    summary="One version of a region's root · 根",
    response_class=Response,
    responses=problems("page-not-found", "invalid-request", "temporarily-unavailable")
    | tagged_answers(BYTES_TYPE),
)
def trust_root(
    services: ServicesDep, region: RegionPath, version: NumberPath, if_none_match: TagHeader = None
) -> Response:
    """Return the signed root, DER. Follow versions one by one: each is signed by the last one's."""
    with services.database.reading() as session:
        found = TrustLists(session).root(region, version)
    if found is None:
        raise PageNotFoundError
    return tagged_by_content(found.der, BYTES_TYPE, if_none_match, _CACHED)


@router.get(
    "/trust-sightings",
    summary="Which trust lists this node has seen, signed · 信任名单见证",
    response_class=Response,
    responses=problems("temporarily-unavailable") | tagged_answers(),
)
def trust_sightings(services: ServicesDep, if_none_match: TagHeader = None) -> Response:
    """Return region, sequence and SM3 of every list seen, signed by the library.

    Compare them with your own: two digests of one sequence are a split.
    """
    with services.database.reading() as session:
        known = SightingsKept(session).known()
    told = tuple(ToldSighting(each.region, each.sequence, each.sm3) for each in known)
    # Signed again each hour, not with each question: anybody may ask.
    hour = services.clock().replace(minute=0, second=0)
    content = _signed_sightings(services.signer, services.region_code, told, hour)
    return tagged_by_content(content, JSON_TYPE, if_none_match, _CACHED)


@lru_cache(maxsize=8)
def _signed_sightings(
    signer: LibrarySigner, region: str, told: tuple[ToldSighting, ...], at: datetime
) -> bytes:
    observed = TrustSightings(region, at, told)
    return sign_sightings(observed, signer.identity, signer.sign, signer.timestamper.timestamp)


@router.get(
    "/revocation-lists",
    summary="The revocation lists of our CAs · 证书撤销列表",
    response_class=Response,
    responses=problems("temporarily-unavailable") | tagged_answers(BYTES_TYPE),
)
def revocation_lists(services: ServicesDep, if_none_match: TagHeader = None) -> Response:
    """Return the newest list of each CA, as one DER SEQUENCE of CertificateLists."""
    with services.database.reading() as session:
        lists = TrustMaterial(session).revocation_lists()
    content = der.sequence(*lists)
    return tagged_by_content(content, BYTES_TYPE, if_none_match, _CACHED)


@router.post(
    "/trust-lists/{region}/approvals",
    summary="Approve a region's trust list by its fingerprint · 凭函件指纹核准信任名单",
    response_model=ApprovalOut,
    responses=problems(
        "unauthenticated",
        "forbidden",
        "idempotency-key-required",
        "idempotency-key-reused",
        "request-in-progress",
        "invalid-request",
        "unreadable-request",
        "trust-list-refused",
        "temporarily-unavailable",
    ),
)
def approve_trust_list(
    services: ServicesDep,
    caller: CallerDep,
    key: IdempotencyKeyDep,
    region: RegionPath,
    body: ApprovalIn,
) -> dict[str, Any]:
    """Take one security administrator's approval; the second person's lets the list in.

    Type the fingerprint from the official letter. A wrong one is refused and an alarm.
    """
    person = _security_administrator(caller)
    values = {"region": region, "fingerprint": body.fingerprint, "purpose": body.purpose}
    mark = RequestMark(
        caller.name,
        services.macs.idempotency_key(caller.name, key),
        bytes.fromhex(request_digest(values)),
    )
    with services.database.reading() as session:
        earlier = earlier_answer(session, mark)
    approvals = TrustApprovals(services.database, services.clock)
    take = approvals.resolve if body.purpose == RESOLVE else approvals.approve
    found = take(region, body.fingerprint, Approver(person, caller.name))
    if earlier is None:
        _remember(services, mark, f"trust-list/{region}")
    return {
        "region": region,
        "fingerprint": found.sm3.hex(),
        "approved_by": list(found.persons),
        "done": found.is_done,
    }


def _security_administrator(caller: Caller) -> str:
    """Return the person that calls, who administers security and nothing else (三权分立).

    Raises:
        ForbiddenError: a program, no such role, or a role with seals besides.
    """
    require_scope(caller, TRUST_APPROVE)
    if not caller.name.startswith(_OFFICER) or seal_role_of(caller) is not None:
        raise ForbiddenError(TRUST_APPROVE)
    return caller.name.removeprefix(_OFFICER)


def _remember(services: Services, mark: RequestMark, resource: str) -> None:
    """Keep the request; the approval itself may be given any number of times."""
    with services.database.writing() as session:
        remember_answer(session, mark, resource, services.clock())
