"""What people do to seals at the console: one form each, sent on to the API as it stands there."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.responses import Response

from api.dependencies import ServicesDep
from api.errors import CommandRefusedError
from api.pages.console.seals import application_page, refused, seal_page
from api.pages.inner_api import ProblemShownError, within
from api.pages.rendering import go
from api.pages.visitor import FormDep, OfficerDep
from api.pem import CERTIFICATE, blocks
from keys.sm3 import sm3
from signing.picture.seal_picture import UPLOADED

router = APIRouter(prefix="/console/seals", include_in_schema=False)

_LONGEST = 500
_MOST_CERTIFICATE_BYTES = 256 * 1024
_MOST_PICTURE_BYTES = 600 * 1024
_MOST_FILES = 8
_KEEP = "keep"
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
class Look:
    """What the seal shall look like, as texts; the API says which of them are no numbers."""

    shape: str
    ring_text: str
    lower_text: str
    width_mm: str
    height_mm: str

    def body(self, number: str, png: bytes) -> dict[str, Any]:
        """Return it as the API takes it: a round seal is as high as wide."""
        height = self.width_mm if self.shape == "round" else self.height_mm
        body = {
            "shape": self.shape,
            "ring_text": self.ring_text,
            "lower_text": self.lower_text,
            "number": number,
            "width_mm": _number(self.width_mm),
            "height_mm": _number(height),
        }
        return {**body, "png": base64.b64encode(png).decode()} if png else body

    def changed(self, now: Mapping[str, Any], code: str, png: bytes) -> dict[str, Any] | None:
        """Return what the API shall draw in the place of the picture; None if that stays.

        What is engraved as its number stays too. Anything new beside "stays" is for the API to
        refuse.
        """
        is_drawn = now["shape"] != UPLOADED
        body = self.body(now["number"] if is_drawn else code, png)
        as_now = {**now, "shape": self.shape} if self.shape == _KEEP else now
        return None if body == {**as_now, "number": body["number"]} else body


def _look(
    shape: _Text = "round",
    ring_text: _Text = "",
    lower_text: _Text = "",
    width_mm: _Text = "",
    height_mm: _Text = "",
) -> Look:
    texts = (shape, ring_text, lower_text, width_mm, height_mm)
    return Look(*(text.strip() for text in texts))


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


async def _png(png: Annotated[UploadFile | None, File()] = None) -> bytes:
    """Return the uploaded picture; more than is allowed is for the API to refuse."""
    return await png.read(_MOST_PICTURE_BYTES) if png else b""


def _place(page: _Text = "1", x_mm: _Text = "", y_mm: _Text = "") -> dict[str, str]:
    return {"page": page, "x_mm": x_mm, "y_mm": y_mm}


_PlaceDep = Annotated[dict[str, str], Depends(_place)]
_WordsDep = Annotated[_Words, Depends(_words)]
_AskedDep = Annotated[_Asked, Depends(_asked)]
_LookDep = Annotated[Look, Depends(_look)]
_PngDep = Annotated[bytes, Depends(_png)]


@dataclass(frozen=True, slots=True)
class _Sealing:
    """A document, and where the seal shall stand on it."""

    code: str
    place: dict[str, str]
    data: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """Return what tells this sealing from the next one out of the same form.

        The answer is a file, so the form stays as it was, and another document may follow in it;
        the same one sent twice acts once.
        """
        where = "\0".join(self.place.values()).encode()
        return sm3(self.data + where).hex()[:32]


async def _sealing(
    services: ServicesDep, code: str, place: _PlaceDep, file: Annotated[UploadFile, File()]
) -> _Sealing:
    """Return what is to be sealed; one byte more than is allowed, for the API to refuse."""
    return _Sealing(code, place, await file.read(services.limits.max_document_bytes + 1))


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed into the order to make a seal anew."""

    basis: str
    name: str
    look: Look
    png: bytes = field(repr=False)

    @property
    def typed(self) -> dict[str, str]:
        """Return the texts, to be shown again."""
        return {"basis": self.basis, "name": self.name, **asdict(self.look)}

    def body(self, seal: Mapping[str, Any]) -> dict[str, Any]:
        """Return it as the API takes it: of the picture, only what changes."""
        body = {"basis": self.basis, "name": self.name}
        picture = self.look.changed(seal["picture"], seal["code"], self.png)
        return {**body, "picture": picture} if picture else body


def _order(look: _LookDep, png: _PngDep, basis: _Text = "", name: _Text = "") -> Order:
    return Order(basis.strip(), name.strip(), look, png)


_SealingDep = Annotated[_Sealing, Depends(_sealing)]
_OrderDep = Annotated[Order, Depends(_order)]


@router.post("/applications")
async def apply_for_seal(
    visitor: OfficerDep, key: FormDep, asked: _AskedDep, look: _LookDep, png: _PngDep
) -> Response:
    """Apply for a seal of an organisation."""
    words = asdict(asked)
    try:
        body = {**words, "picture": look.body(asked.code, png)}
        await visitor.api.post(within("seals", "applications"), body, key=key)
    except ProblemShownError as problem:
        typed = {**words, **asdict(look)}
        return application_page(visitor, refused("applications", typed, problem))
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
        for file in chain[:_MOST_FILES]:
            certificates += blocks(await file.read(_MOST_CERTIFICATE_BYTES), (CERTIFICATE,))
    except CommandRefusedError:
        # Nothing that could be a certificate: the API says so of an empty one.
        certificates = [b""]
    body = {"certificates": [base64.b64encode(der).decode() for der in certificates]}
    try:
        await visitor.api.post(within("seals", code, "making"), body, key=key)
    except ProblemShownError as problem:
        return await seal_page(visitor, services, code, refused("making", {}, problem))
    return go(f"/console/seals/{code}")


@router.post("/{code}/certificate-requests")
async def request_certificate(
    services: ServicesDep,
    visitor: OfficerDep,
    key: FormDep,
    code: str,
    new_key: Annotated[bool, Form()] = False,
) -> Response:
    """Give a request for the certificate of the seal's key, to be saved and sent to the CA."""
    path = within("seals", code, "certificate-requests")
    try:
        told = await visitor.api.send(
            "POST", path, json={"new_key": new_key}, headers={"Idempotency-Key": key}
        )
    except ProblemShownError as problem:
        typed = {"new_key": "true"} if new_key else {}
        found = refused("certificate-requests", typed, problem)
        return await seal_page(visitor, services, code, found)
    return _saved(told.content, told.headers)


@router.post("/{code}/sealings")
async def set_seal(
    services: ServicesDep, visitor: OfficerDep, key: FormDep, sealing: _SealingDep
) -> Response:
    """Give a document back with the seal on it."""
    code = sealing.code
    try:
        told = await visitor.api.send(
            "POST",
            within("seals", code, "sealings"),
            files={"file": ("document", sealing.data, "application/octet-stream")},
            data=sealing.place,
            headers={"Idempotency-Key": f"{key}.{sealing.mark}"},
        )
    except ProblemShownError as problem:
        found = refused("sealings", sealing.place, problem)
        return await seal_page(visitor, services, code, found)
    return _saved(told.content, told.headers)


@router.post("/{code}/remake")
async def remake_seal(
    services: ServicesDep, visitor: OfficerDep, key: FormDep, code: str, order: _OrderDep
) -> Response:
    """Order that a seal be made anew, with another name or picture where they changed."""
    try:
        body = order.body(await visitor.api.get(within("seals", code)))
        await visitor.api.post(within("seals", code, _PATHS["remake"]), body, key=key)
    except ProblemShownError as problem:
        return await seal_page(visitor, services, code, refused("remake", order.typed, problem))
    return go(f"/console/seals/{code}")


@router.post("/{code}/{act}")
async def act_on_seal(
    services: ServicesDep, visitor: OfficerDep, key: FormDep, code: str, act: str, words: _WordsDep
) -> Response:
    """Do one act of a seal's life; what is refused is said beside its form."""
    if act not in _PATHS:
        return go(f"/console/seals/{code}")
    try:
        await visitor.api.post(within("seals", code, _PATHS[act]), words.body(act), key=key)
    except ProblemShownError as problem:
        return await seal_page(visitor, services, code, refused(act, asdict(words), problem))
    return go(f"/console/seals/{code}")


def _saved(content: bytes, headers: Any) -> Response:
    kept = {name: headers[name] for name in ("Content-Type", "Content-Disposition")}
    return Response(content, headers={**kept, "Cache-Control": "no-store"})
