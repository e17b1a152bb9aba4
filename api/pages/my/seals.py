"""The holder's own seal: apply for it, see where it stands, stop it, set it on a document."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.errors import PageNotFoundError
from api.pages.inner_api import ProblemShownError, within
from api.pages.my.forms import beside_the_form, licenses_of
from api.pages.my.handing import handed_on
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go
from api.pages.seal_words import FIELDS, why
from api.pages.visitor import FormDep
from keys.sm3 import sm3
from license_vault.clock import civil_date
from license_vault.holding.mandates import GIVE
from license_vault.seals.life import KIND_NAMES, SealKind
from signing.picture.seal_image import LARGEST_BYTES

router = APIRouter(prefix="/my/{vault}/seals", include_in_schema=False)

_CODE = r"^[0-9]{14}$"
_TAKEN = "seal-exists"
_CONSENT_MINUTES = 10
_PLACE = {"page": "1", "x_mm": "120", "y_mm": "220"}
_SIZES = {"round": (42, 42), "ellipse": (45, 30)}
_ORGANISATIONS = tuple(kind for kind in SealKind if kind is not SealKind.PERSONAL)
_BASES: Mapping[str, tuple[str, str]] = {
    "首次申请": ("首次申请", "first application"),
    "名称变更": ("名称变更", "the name has changed"),
    "原印章已停用或注销": ("原印章已停用或注销", "the seal before was stopped or cancelled"),
}
_STOPS: Mapping[str, tuple[str, str]] = {
    "可能被他人使用": ("可能被他人使用", "somebody else may be using it"),
    "登录设备或证件遗失": ("登录设备或证件遗失", "device or identity card lost"),
    "暂不使用": ("暂不使用", "not needed for now"),
}


@dataclass(frozen=True, slots=True)
class SealForm:
    """What was typed about a seal to be made."""

    code: str = ""
    kind: str = ""
    name: str = ""
    organisation: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class PictureForm:
    """What was typed about what the seal looks like; an uploaded picture has its own size."""

    shape: str = "round"
    ring_text: str = ""
    lower_text: str = ""
    width_mm: int = 20
    height_mm: int = 20
    png: bytes = b""

    def body(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        if self.shape == "uploaded":
            png = base64.b64encode(self.png).decode()
            size = {"width_mm": self.width_mm, "height_mm": self.height_mm}
            return {"shape": self.shape, "png": png, **size}
        width, height = _SIZES.get(self.shape, _SIZES["round"])
        texts = {"ring_text": self.ring_text, "lower_text": self.lower_text}
        return {"shape": self.shape, **texts, "width_mm": width, "height_mm": height}


def seal_form(
    code: Annotated[str, Form(pattern=_CODE)],
    kind: Annotated[str, Form(max_length=32)] = "",
    name: Annotated[str, Form(max_length=256)] = "",
    organisation: Annotated[str, Form(max_length=64)] = "",
    basis: Annotated[str, Form(max_length=64)] = "",
) -> SealForm:
    """Return what was typed; the basis is one of ours, so that no personal data is in it."""
    chosen = basis if basis in _BASES else next(iter(_BASES))
    return SealForm(code, kind, name.strip(), organisation, chosen)


async def picture_form(
    shape: Annotated[str, Form(max_length=16)] = "round",
    ring_text: Annotated[str, Form(max_length=128)] = "",
    lower_text: Annotated[str, Form(max_length=128)] = "",
    size_mm: Annotated[int, Form(ge=1, le=200)] = 20,
    picture: Annotated[UploadFile | None, File()] = None,
) -> PictureForm:
    """Return what was typed; of an upload one byte more than is allowed, for the API to refuse."""
    data = await picture.read(LARGEST_BYTES + 1) if picture is not None else b""
    ring, lower = ring_text.strip(), lower_text.strip()
    return PictureForm(shape, ring, lower, size_mm, size_mm, data)


@router.get("")
async def own_seals(vault: VaultDep) -> HTMLResponse:
    """Show the own seals and where each stands."""
    _require_whole(vault)
    seals = (await vault.api.get("/v1/seals", limit=100))["items"] if vault.handle else ()
    return vault.show("my/seals.html", seals=seals)


@router.get("/new")
async def form_for_seal(
    vault: VaultDep,
    services: ServicesDep,
    code: Annotated[str | None, Query(pattern=_CODE)] = None,
) -> HTMLResponse:
    """Show the form to apply; with the code of a seal that was rejected, to apply again."""
    if code is None:
        drawn = f"{services.region_code}{secrets.randbelow(10**8):08d}"
        return await _form(vault, SealForm(drawn), PictureForm())
    before = await vault.api.get(within("seals", code))
    kind, owner = before["kind"]["code"], before["owner"]["organisation_code"]
    return await _form(vault, SealForm(code, kind, before["name"], owner), PictureForm())


@router.post("/new")
async def apply_for_seal(
    vault: VaultDep,
    key: FormDep,
    typed: Annotated[SealForm, Depends(seal_form)],
    picture: Annotated[PictureForm, Depends(picture_form)],
) -> Response:
    """Apply for a seal; the form holds its code, so that sent twice it is one seal."""
    _require_whole(vault)
    body = {
        "code": typed.code,
        "kind": typed.kind,
        "organisation_code": typed.organisation,
        "holder": vault.handle,
        "holder_name": (await _about(vault))["name"],
        "name": typed.name,
        "picture": picture.body(),
        "basis": typed.basis,
    }
    try:
        await vault.api.post("/v1/seals/applications", body, key=key)
    except ProblemShownError as refused:
        if refused.code != _TAKEN or not await _is_mine(vault, typed.code):
            return await _form(vault, typed, picture, beside_the_form(refused))
    return go(vault.page("seals", typed.code))


@router.get("/{code}")
async def one_seal(vault: VaultDep, services: ServicesDep, code: str) -> HTMLResponse:
    """Show a seal: what it looks like, where it stands, who acts next."""
    return await _seal(vault, code, civil_date(services.clock()))


@router.get("/{code}/picture")
async def seal_picture(vault: VaultDep, code: str) -> Response:
    """Return what a seal looks like."""
    return handed_on(await vault.api.send("GET", within("seals", code, "picture")))


@router.get("/{code}/esl")
async def seal_data(vault: VaultDep, code: str) -> Response:
    """Return the seal as its maker signed it."""
    return handed_on(await vault.api.send("GET", within("seals", code, "esl")))


@router.post("/{code}/stop")
async def stop_seal(
    vault: VaultDep, code: str, key: FormDep, basis: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Stop a seal: nobody can set it until a manager of seals takes it up again."""
    body = {"basis": basis if basis in _STOPS else next(iter(_STOPS))}
    await vault.api.post(within("seals", code, "suspension"), body, key=key)
    return go(vault.page("seals", code))


@dataclass(frozen=True, slots=True)
class SealingForm:
    """A document to be sealed, and where; ``purpose`` is kept with the consent."""

    name: str
    data: bytes
    purpose: str
    where: Mapping[str, str]

    @property
    def mark(self) -> str:
        """Return what tells this sealing from the next one out of the same form.

        The answer is a file, so the form stays as it was, and another document may follow in it;
        the same one sent twice acts once.
        """
        rest = "\0".join((self.purpose, *self.where.values())).encode()
        return sm3(self.data + rest).hex()[:32]


async def sealing_form(
    services: ServicesDep,
    file: Annotated[UploadFile, File()],
    purpose: Annotated[str, Form(max_length=400)] = "",
    page: Annotated[int, Form(ge=1, le=10_000)] = 1,
    x_mm: Annotated[float, Form(ge=0, le=5000)] = 0,
    y_mm: Annotated[float, Form(ge=0, le=5000)] = 0,
) -> SealingForm:
    """Return the document; one byte more than is allowed, for the API to refuse."""
    data = await file.read(services.limits.max_document_bytes + 1)
    where = {"page": str(page), "x_mm": f"{x_mm:g}", "y_mm": f"{y_mm:g}"}
    return SealingForm(file.filename or "", data, purpose.strip(), where)


@router.post("/{code}/sealings")
async def seal_document(
    vault: VaultDep,
    services: ServicesDep,
    code: str,
    key: FormDep,
    typed: Annotated[SealingForm, Depends(sealing_form)],
) -> Response:
    """Consent to this one document and set the seal on it; the result is handed out, not kept."""
    consent = {
        "document_sm3": sm3(typed.data).hex(),
        "purpose": typed.purpose,
        "minutes": _CONSENT_MINUTES,
    }
    path, once = within("seals", code), f"{key}.{typed.mark}"
    try:
        given = await vault.api.post(f"{path}/consents", consent, key=f"{once}.consent")
        told = await vault.api.send(
            "POST",
            f"{path}/sealings",
            data={**typed.where, "consent": given["consent_id"]},
            files={"file": ("document", typed.data)},
            headers={"Idempotency-Key": once},
        )
    except ProblemShownError as refused:
        today = civil_date(services.clock())
        return await _seal(vault, code, today, beside_the_form(refused), typed)
    return handed_on(told)


# --- what the pages show ---


async def _seal(
    vault: Vault,
    code: str,
    today: date,
    problem: Mapping[str, Any] | None = None,
    typed: SealingForm | None = None,
) -> HTMLResponse:
    _require_whole(vault)
    seal = await vault.api.get(within("seals", code))
    asked = (await vault.api.get(within("seals", code, "applications")))["items"]
    certificate = seal["certificate"]
    ends = date.fromisoformat(certificate["valid_until"][:10]) if certificate else None
    return vault.show(
        "my/seal.html",
        status=problem["status"] if problem else 200,
        seal=seal,
        days_left=(ends - today).days if ends else None,
        stops=_STOPS,
        decided=asked[-1] if asked else None,
        problem=problem,
        reason=why(problem) if problem else None,
        labels=FIELDS,
        purpose=typed.purpose if typed else "",
        where=typed.where if typed else _PLACE,
    )


async def _form(
    vault: Vault,
    typed: SealForm,
    picture: PictureForm,
    problem: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    _require_whole(vault)
    about = await _about(vault)
    kinds = (SealKind.PERSONAL,) if about["is_person"] else _ORGANISATIONS
    return vault.show(
        "my/seal_form.html",
        status=problem["status"] if problem else 200,
        about=about,
        kinds={kind.value: KIND_NAMES[kind] for kind in kinds},
        bases=_BASES,
        typed=typed,
        picture=picture,
        problem=problem,
        reason=why(problem) if problem else None,
    )


async def _about(vault: Vault) -> dict[str, Any]:
    """Return what the holder is called and whether a person, and who issued to them.

    Read off the licenses: the newest names the holder, their authorities may look after a seal.
    """
    licenses = await licenses_of(vault, content="true")
    name = ""
    for license_ in licenses[:1]:
        place = license_["holders"].index(vault.handle)
        name = license_["content"]["holders"][place]
    kind = (await vault.visitor.api.get("/v1/holders/me"))["kind"] if vault.is_own else ""
    return {
        "name": name,
        "is_person": kind == "natural_person",
        "authorities": {one["authority"]["code"]: one["authority"]["name"] for one in licenses},
    }


async def _is_mine(vault: Vault, code: str) -> bool:
    try:
        await vault.api.get(within("seals", code))
    except ProblemShownError:
        return False
    return True


def _require_whole(vault: Vault) -> None:
    """Check that the visitor is the holder or represents them: a mandate reaches no seal.

    Raises:
        PageNotFoundError: neither.
    """
    if not vault.may(GIVE):
        raise PageNotFoundError
