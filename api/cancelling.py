"""Cancel a license as a request asks: basis, officer, and from which day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from api.errors import RequestInvalidError
from license_vault.face.license_text import text_problem
from license_vault.issuing.license_request import Officer, request_digest
from license_vault.lifecycle.changes import Cancellation
from license_vault.registry.license_record import Basis
from license_vault.registry.records import LicenseRecord
from license_vault.registry.writing import RequestMark

if TYPE_CHECKING:
    from api.services import Services
    from license_vault.api_clients import Caller


class OfficerIn(BaseModel):
    """The officer who decided, as the approval system names them."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)


class CancellationIn(BaseModel):
    """An order to cancel (注销)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"basis": "《中华人民共和国行政许可法》第七十条", "effective": "2026-06-30"}
        },
    )

    basis: str = Field(min_length=1, max_length=500, description="legal basis in words")
    effective: date | None = Field(
        default=None, description="civil date from which it counts; unset: now"
    )
    officer: OfficerIn | None = None


def cancel(
    services: Services, identifier: str, body: CancellationIn, caller: Caller, key: str
) -> LicenseRecord:
    """Cancel a license; doing it again changes nothing and answers alike.

    Raises:
        RequestInvalidError: a text holds characters that no record may hold.
        LicenseVaultError: as ``Lifecycle.cancel``.
    """
    officer = Officer(body.officer.id, body.officer.name) if body.officer else None
    texts = [("/basis", body.basis)]
    if officer:
        texts += [("/officer/id", officer.id), ("/officer/name", officer.name)]
    for pointer, text in texts:
        _require_plain(pointer, text)
    order = Cancellation(Basis(body.basis, officer), body.effective)
    told = body.model_dump(mode="json", exclude_none=True)
    digest = bytes.fromhex(request_digest({"cancel": identifier, **told}))
    mark = RequestMark(caller.name, services.macs.idempotency_key(caller.name, key), digest)
    return services.lifecycle.cancel(identifier, order, caller, mark)


def _require_plain(pointer: str, text: str) -> None:
    problem = text_problem(text)
    if problem:
        raise RequestInvalidError(pointer, problem.code, problem.message_zh, problem.message_en)
