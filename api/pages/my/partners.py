"""Licenses of partner regions in the own vault: what counts there now; take another one in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile
from starlette.responses import HTMLResponse, Response

from api.errors import PageNotFoundError
from api.pages.inner_api import ProblemShownError
from api.pages.my.forms import beside_the_form
from api.pages.my.one_license import handed_out
from api.pages.my.vault import Vault, VaultDep
from api.pages.rendering import go, told
from api.pages.visitor import FormDep

router = APIRouter(prefix="/my/{vault}/partners", include_in_schema=False)

_TONES = {"valid": "good", "not_in_force": "ended", "indeterminate": "unknown"}
_VERDICTS = {
    "valid": {"zh": "有效", "en": "valid"},
    "not_in_force": {"zh": "不在有效状态", "en": "not in force"},
    "indeterminate": {"zh": "暂无法判定", "en": "indeterminate"},
    "altered": {"zh": "已被改动", "en": "altered"},
    "untrusted": {"zh": "不受信任", "en": "untrusted"},
    "unsealed": {"zh": "未加盖印章", "en": "unsealed"},
}
_WHY = {
    "not-yours": {
        "zh": "文件上的持证主体不是您本人。",
        "en": "The holder in the file is not you.",
    },
    "issued-here": {
        "zh": "这是本地区颁发的证照，已在您的证照夹里，不必上传。",
        "en": "This license was issued in this region and is in your vault already.",
    },
    "no-claims": {
        "zh": "文件里没有可读的证照信息。",
        "en": "The file holds no license that can be read.",
    },
    "verdict-not_in_force": {
        "zh": "证照真实，但现在不在有效状态。",
        "en": "The license is genuine, but not in force now.",
    },
    "verdict-altered": {
        "zh": "文件盖章之后被改动过。",
        "en": "The file was changed after it was sealed.",
    },
    "verdict-untrusted": {
        "zh": "签发机构不在本地区的信任名单内。",
        "en": "Who sealed it is not on this region's trust list.",
    },
    "verdict-unsealed": {
        "zh": "文件没有电子印章。",
        "en": "The file bears no electronic seal.",
    },
    "verdict-valid_copy": {
        "zh": "这是加注件，不是证照原件；请上传原件。",
        "en": "This is a purpose-bound copy and not the license; upload the license itself.",
    },
    "verdict-indeterminate": {
        "zh": "现在查不到它的状态，请稍后再试。",
        "en": "Its state cannot be found out now; try again later.",
    },
}


@router.get("")
async def partner_licenses(vault: VaultDep) -> HTMLResponse:
    """Show the licenses of partner regions, each as it counts at this moment."""
    return await _page(_own(vault))


@router.post("/intake")
async def take_in(vault: VaultDep, key: FormDep, file: Annotated[UploadFile, File()]) -> Response:
    """Take a license of a partner region in."""
    path = _own(vault).of_api("licenses", "intake")
    sent = {"file": (file.filename or "license", await file.read())}
    try:
        await vault.api.send("POST", path, files=sent, headers={"Idempotency-Key": key})
    except ProblemShownError as refused:
        return await _page(vault, beside_the_form(refused))
    return go(vault.page("partners"))


@router.get("/{name}/file")
async def partner_file(vault: VaultDep, name: str) -> Response:
    """Hand out the file as it was taken in."""
    return await handed_out(vault.api, _own(vault).of_api("partner-licenses", name, "file"))


def _own(vault: Vault) -> Vault:
    """Return the visitor's own vault; nobody takes licenses in for others."""
    if not vault.is_own:
        raise PageNotFoundError
    return vault


async def _page(vault: Vault, problem: Mapping[str, Any] | None = None) -> HTMLResponse:
    licenses = await vault.api.get(vault.of_api("partner-licenses")) if vault.handle else None
    return vault.show(
        "my/partners.html",
        status=int(problem["status"]) if problem else 200,
        licenses=licenses["items"] if licenses else (),
        tones=_TONES,
        verdicts=_VERDICTS,
        problem=problem,
        why={reason: told(words, vault.visitor.language) for reason, words in _WHY.items()},
    )
