"""Routes of numbered prints: made by the authority or the holder, checked by whoever has the paper.

The public answer says whether the paper counts and of what it is a print; it names nobody.
"""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Annotated, Any, Literal

import segno
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.dependencies import CallerDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.holding.acting import ActingDep, license_of, vault_of
from api.holding.asking import MADE, mark_of, require_handler, tell
from api.license_models import type_names
from api.seeing import visible_license
from api.services import Services
from api.use_header import UseDep
from license_vault.access.use import Use
from license_vault.clock import lapses_at
from license_vault.database.sessions import Reading, Writing
from license_vault.face.qr_code import QUIET_MODULES
from license_vault.holding.acts import Made, done_once
from license_vault.holding.errors import NotInForceError
from license_vault.holding.journal import PRINTED, Journal, JournalAct
from license_vault.holding.mandates import PRINT
from license_vault.holding.prints import Print, Prints, PrintWriter
from license_vault.license import STATUS_NAMES, LicenseMark, LicenseStatus
from license_vault.lifecycle.states import has_lapsed
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

router = APIRouter(tags=["vaults"])

_DENIED = ("unauthenticated", "forbidden", "license-not-found", "invalid-request")
_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
_PIXELS = 8
_GOOD = (
    "此打印件有效：证照现行有效。",
    "This print counts: the license is in force.",
)
_ENDED = (
    "此打印件已作废：证照现为{zh}。",
    "This print is void: the license is {en}.",
)


class StateOut(BaseModel):
    """The state of the license now."""

    code: str
    zh: str
    en: str


class PrintOut(BaseModel):
    """A numbered print; put ``url`` or the picture of it on the paper."""

    code: str
    number: int = Field(description="counts the prints of this version of the license from 1")
    license: str = Field(description="identifier")
    url: str
    qr: str = Field(description="address of the code's picture")
    made_at: datetime


class PrintList(BaseModel):
    """The prints of one version, in the order of their numbers."""

    items: list[PrintOut]


class SentenceOut(BaseModel):
    """A sentence in both languages."""

    zh: str
    en: str


class PrintedOut(BaseModel):
    """What a print is of, and whether it counts now."""

    good: bool
    sentence: SentenceOut
    number: int
    license: str = Field(description="identifier")
    type_zh: str
    type_en: str
    authority: str
    issued_on: date
    valid_until: str
    state: StateOut
    made_at: datetime


@router.post(
    "/v1/licenses/{identifier}/prints",
    status_code=201,
    summary="Number a print · 登记打印件",
    response_model=PrintOut,
    responses=problems(*_DENIED, *MADE, "use-required", "use-invalid", "license-not-in-force")
    | {200: {"description": "the same request was answered before", "model": PrintOut}},
)
def print_by_authority(
    services: ServicesDep,
    caller: CallerDep,
    use: UseDep,
    key: IdempotencyKeyDep,
    identifier: str,
    response: Response,
) -> dict[str, Any]:
    """Number a print of a license in force that the authority or a window makes."""
    require_handler(caller)
    with services.database.writing() as session:
        record = visible_license(session, identifier, caller)
        made = _make(services, session, record, (caller.name, key, use))
        tell(response, made, f"/v1/prints/{made.name}")
        return _values(services, Prints(session).get(made.name))


@router.get(
    "/v1/licenses/{identifier}/prints",
    summary="Prints of a license · 打印件列表",
    response_model=PrintList,
    responses=problems(*_DENIED, "use-required", "use-invalid"),
)
def list_prints(
    services: ServicesDep, caller: CallerDep, use: UseDep, identifier: str
) -> dict[str, Any]:
    """Return every print of this version, void ones too."""
    del use  # what is listed tells nothing of the license
    with services.database.reading() as session:
        record = visible_license(session, identifier, caller)
        found = Prints(session).of_license(record.row_id)
    return {"items": [_values(services, one) for one in found]}


@router.post(
    "/v1/holders/{handle}/licenses/{identifier}/prints",
    status_code=201,
    summary="Number an own print · 登记打印件",
    response_model=PrintOut,
    responses=problems(*_DENIED, *MADE, "holder-not-found", "license-not-in-force")
    | {200: {"description": "the same request was answered before", "model": PrintOut}},
)
def print_by_holder(
    services: ServicesDep,
    acting: ActingDep,
    key: IdempotencyKeyDep,
    handle: str,
    identifier: str,
    response: Response,
) -> dict[str, Any]:
    """Number a print that the holder makes, or somebody who acts for the holder."""
    with services.database.writing() as session:
        access = vault_of(session, services, acting, handle, PRINT)
        record = license_of(session, access, identifier)
        made = _make(services, session, record, (access.actor, key, None))
        tell(response, made, f"/v1/prints/{made.name}")
        return _values(services, Prints(session).get(made.name))


@router.get(
    "/v1/prints/{code}",
    summary="Does this print count? · 核对打印件",
    response_model=PrintedOut,
    responses=problems("print-not-found"),
)
def show_print(services: ServicesDep, code: str, response: Response) -> dict[str, Any]:
    """Say whether a print counts, to whoever has the paper; no login, nobody is named."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.reading() as session:
        return _printed(services, session, Prints(session).get(code))


@router.get(
    "/v1/prints/{code}/qr",
    summary="The picture that goes on the paper · 打印件二维码",
    response_class=Response,
    responses=problems("print-not-found", "invalid-request")
    | {200: {"content": {kind: {"schema": {"type": "string"}} for kind in _PICTURES.values()}}},
)
def print_picture(
    services: ServicesDep,
    code: str,
    kind: Annotated[Literal["svg", "png"], Query(alias="format")] = "svg",
) -> Response:
    """Return the QR code of a print's address."""
    with services.database.reading() as session:
        found = Prints(session).get(code)
    out = BytesIO()
    symbol = segno.make_qr(_address(services, found), error="h")
    symbol.save(out, kind=kind, scale=_PIXELS, border=QUIET_MODULES, light="#ffffff")
    return Response(out.getvalue(), media_type=_PICTURES[kind])


def _make(
    services: Services, session: Writing, record: LicenseRecord, asked: tuple[str, str, Use | None]
) -> Made:
    """Number a print, journal it, once.

    Args:
        asked: by whom, under which Idempotency-Key, for which use.
    """
    actor, key, use = asked
    at = services.clock()
    writer = PrintWriter(session, services.random_bytes)

    def make() -> tuple[str, dict[str, str]]:
        state = state_of(session, record, at)
        if state is not LicenseStatus.VALID:
            raise NotInForceError(record.identifier, state.value)
        code = writer.make(record, actor, at)
        act = JournalAct(PRINTED, use, (), at, actor=actor)
        Journal(session, services.vault).record(record, act)
        return code, {}

    mark = mark_of(services, actor, key, {"print": record.identifier})
    return done_once(session, mark, at, make, ("license.printed", record.identifier))


def state_of(session: Reading, record: LicenseRecord, at: datetime) -> LicenseStatus:
    """Return what a license is at an instant, for its prints, whatever was projected so far."""
    found = LiveStates(session).as_of(record.status_uri, record.status_index, at)
    state = record.status if found is None else found
    waits = LicenseMark.RENEWAL_PENDING in record.marks
    lapsed = has_lapsed(state, None if waits else lapses_at(record.valid_until), at)
    return LicenseStatus.LAPSED if lapsed else state


def _address(services: Services, found: Print) -> str:
    return f"{services.public_url}/prints/{found.code}"


def _values(services: Services, found: Print) -> dict[str, Any]:
    return {
        "code": found.code,
        "number": found.number,
        "license": found.identifier,
        "url": _address(services, found),
        "qr": f"/v1/prints/{found.code}/qr",
        "made_at": found.made_at,
    }


def _printed(services: Services, session: Reading, found: Print) -> dict[str, Any]:
    record = Registry(session).get(found.identifier)
    state = state_of(session, record, services.clock())
    zh, en = STATUS_NAMES[state]
    type_zh, type_en = type_names(services.catalogue, record)
    good = state is LicenseStatus.VALID
    sentence = _GOOD if good else _ENDED
    return {
        "good": good,
        "sentence": {"zh": sentence[0].format(zh=zh), "en": sentence[1].format(en=en)},
        "number": found.number,
        "license": found.identifier,
        "type_zh": type_zh,
        "type_en": type_en,
        "authority": record.authority_name,
        "issued_on": record.issued_on,
        "valid_until": "长期" if record.valid_until is None else record.valid_until.isoformat(),
        "state": {"code": state.value, "zh": zh, "en": en},
        "made_at": found.made_at,
    }
