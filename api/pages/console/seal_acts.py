"""What people do to seals at the console: one form each, sent on to the API as it stands there."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.responses import Response

from api.dependencies import ServicesDep
from api.errors import CommandRefusedError
from api.pages.console.seals import application_page, seal_page
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go
from api.pages.visitor import FormDep, OfficerDep
from api.pem import CERTIFICATE, blocks

router = APIRouter(prefix="/console/seals", include_in_schema=False)

_LONGEST = 500
_MOST_CERTIFICATE_BYTES = 256 * 1024
_MOST_PICTURE_BYTES = 600 * 1024
_Text = Annotated[str, Form(max_length=_LONGEST)]

_PATHS = {
    "approve": "approval",
    "reject": "rejection",
    "suspend": "suspension",
    "resume": "resumption",
    "remake": "remaking",
    "cancel": "cancellation",
    "file": "filing",
    "grant": "grants",
    "withdraw": "grant-withdrawals",
}


@dataclass(frozen=True, slots=True)
class _Words:
    """What was typed into the form of an act."""

    basis: str
    number: str
    authority_code: str
    type_code: str

    def body(self, act: str) -> dict[str, str]:
        """Return the members that the API takes for an act."""
        match act:
            case "file":
                return {"number": self.number}
            case "cancel":
                return {"number": self.number, "basis": self.basis}
            case "grant" | "withdraw":
                return {"authority_code": self.authority_code, "type_code": self.type_code}
        return {"basis": self.basis}


def _words(
    basis: _Text = "", number: _Text = "", authority_code: _Text = "", type_code: _Text = "*"
) -> _Words:
    return _Words(basis.strip(), number.strip(), authority_code.strip(), type_code.strip())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed into the application for a seal, as texts."""

    code: str
    kind: str
    organisation_code: str
    name: str
    basis: str


def _asked(
    code: _Text = "",
    kind: _Text = "special",
    organisation_code: _Text = "",
    name: _Text = "",
    basis: _Text = "",
) -> _Asked:
    return _Asked(*(text.strip() for text in (code, kind, organisation_code, name, basis)))


@dataclass(frozen=True, slots=True)
class _Look:
    """What the seal that is applied for shall look like."""

    shape: str
    ring_text: str
    lower_text: str
    width_mm: int
    height_mm: int


def _look(
    shape: _Text = "round",
    ring_text: _Text = "",
    lower_text: _Text = "",
    width_mm: Annotated[int, Form()] = 42,
    height_mm: Annotated[int, Form()] = 42,
) -> _Look:
    return _Look(shape, ring_text.strip(), lower_text.strip(), width_mm, height_mm)


def _place(page: _Text = "1", x_mm: _Text = "", y_mm: _Text = "") -> dict[str, str]:
    return {"page": page, "x_mm": x_mm, "y_mm": y_mm}


_Document = Annotated[UploadFile, File()]
_PlaceDep = Annotated[dict[str, str], Depends(_place)]
_WordsDep = Annotated[_Words, Depends(_words)]
_AskedDep = Annotated[_Asked, Depends(_asked)]
_LookDep = Annotated[_Look, Depends(_look)]


@router.post("/applications")
async def apply_for_seal(
    visitor: OfficerDep,
    key: FormDep,
    asked: _AskedDep,
    look: _LookDep,
    png: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Apply for a seal of an organisation."""
    words = asdict(asked)
    picture: dict[str, Any] = asdict(look)
    typed = {**words, **{name: str(value) for name, value in picture.items()}}
    if look.shape == "uploaded":
        data = await png.read(_MOST_PICTURE_BYTES) if png else b""
        picture["png"] = base64.b64encode(data).decode()
    elif look.shape == "round":
        picture["height_mm"] = look.width_mm
    try:
        body = {**words, "picture": {**picture, "number": asked.code}}
        await visitor.api.post(within("seals", "applications"), body, key=key)
    except ProblemShownError as problem:
        return application_page(visitor, typed, problem)
    return go(f"/console/seals/{asked.code}")


@router.post("/{code}/making")
async def make_seal(
    services: ServicesDep,
    visitor: OfficerDep,
    key: FormDep,
    code: str,
    chain: Annotated[list[UploadFile], File()],
) -> Response:
    """Make a seal with the certificates that were uploaded: PEM, or one DER a file."""
    certificates: list[bytes] = []
    try:
        for file in chain[:8]:
            certificates += blocks(await file.read(_MOST_CERTIFICATE_BYTES), (CERTIFICATE,))
    except CommandRefusedError:
        certificates = []
    body = {"certificates": [base64.b64encode(der).decode() for der in certificates]}
    try:
        await visitor.api.post(within("seals", code, "making"), body, key=key)
    except ProblemShownError as problem:
        return await seal_page(visitor, services.catalogue, code, services.clock(), problem)
    return go(f"/console/seals/{code}")


@router.post("/{code}/certificate-requests")
async def request_certificate(
    visitor: OfficerDep, key: FormDep, code: str, new_key: Annotated[bool, Form()] = False
) -> Response:
    """Give a request for the certificate of the seal's key, to be saved and sent to the CA."""
    told = await visitor.api.send(
        "POST",
        within("seals", code, "certificate-requests"),
        json={"new_key": new_key},
        headers={"Idempotency-Key": key},
    )
    return _saved(told.content, told.headers)


@router.post("/{code}/sealings")
async def set_seal(
    visitor: OfficerDep, key: FormDep, code: str, place: _PlaceDep, file: _Document
) -> Response:
    """Give a document back with the seal on it."""
    told = await visitor.api.send(
        "POST",
        within("seals", code, "sealings"),
        files={"file": ("document", file.file, "application/octet-stream")},
        data=place,
        headers={"Idempotency-Key": key},
    )
    return _saved(told.content, told.headers)


@router.post("/{code}/{act}")
async def act_on_seal(
    services: ServicesDep, visitor: OfficerDep, key: FormDep, code: str, act: str, words: _WordsDep
) -> Response:
    """Do one act of a seal's life; what is refused is said on the seal's page."""
    if act not in _PATHS:
        return go(f"/console/seals/{code}")
    try:
        await visitor.api.post(within("seals", code, _PATHS[act]), words.body(act), key=key)
    except ProblemShownError as problem:
        return await seal_page(visitor, services.catalogue, code, services.clock(), problem)
    return go(f"/console/seals/{code}")


def _saved(content: bytes, headers: Any) -> Response:
    kept = {name: headers[name] for name in ("Content-Type", "Content-Disposition")}
    return Response(content, headers={**kept, "Cache-Control": "no-store"})
