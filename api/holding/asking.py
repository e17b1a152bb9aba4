"""What the routes of a vault ask of every request that changes something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.authentication import ISSUE, require_scope
from api.errors import ForbiddenError, RequestInvalidError
from license_vault.api_clients import Caller
from license_vault.check_digits import check_citizen_id, check_uscc
from license_vault.errors import CheckDigitError
from license_vault.face.license_text import text_problem
from license_vault.holding.acts import Made
from license_vault.issuing.license_request import request_digest
from license_vault.license import CITIZEN_DOCUMENT, DOCUMENT_NAMES, USCC_DOCUMENT
from license_vault.registry.writing import RequestMark

if TYPE_CHECKING:
    from fastapi import Response

    from api.services import Services

MADE = ("idempotency-key-required", "idempotency-key-reused", "request-in-progress")
BODY = ("invalid-request", "unreadable-request", "media-type-not-supported")
OFFICER = "officer:"
_DOCUMENT_NUMBER = re.compile(r"[0-9A-Za-z()（）\-]{1,64}")


def mark_of(services: Services, actor: str, key: str, body: Mapping[str, Any]) -> RequestMark:
    """Return under which key, with which body, somebody asks; names in it are not kept."""
    digest = bytes.fromhex(request_digest(dict(body)))
    return RequestMark(actor, services.macs.idempotency_key(actor, key), digest)


def tell(response: Response, made: Made, location: str) -> None:
    """Say in an answer where what was made is, and whether it was made before."""
    response.headers["Location"] = location
    response.headers["Cache-Control"] = "no-store"
    if made.replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"


def require_plain(**texts: str) -> None:
    """Check texts of a body; a member's name is its pointer, "__" stands for a slash.

    Raises:
        RequestInvalidError: one is blank, or holds characters that no record may hold.
    """
    for name, text in texts.items():
        pointer = "/" + name.replace("__", "/")
        problem = text_problem(text)
        if problem:
            raise RequestInvalidError(pointer, problem.code, problem.message_zh, problem.message_en)
        if text and not text.strip():
            raise RequestInvalidError(pointer, "blank", "不能只有空白。", "This must not be blank.")


def _check_other(number: str) -> None:
    if not _DOCUMENT_NUMBER.fullmatch(number):
        raise CheckDigitError("document", "format")


_CHECKS = {CITIZEN_DOCUMENT: check_citizen_id, USCC_DOCUMENT: check_uscc}


def require_document(document_type: str, number: str, pointer: str = "") -> None:
    """Check type and number of an identity document.

    Raises:
        RequestInvalidError: GB/T 36903 does not know the type, or the number cannot be one.
    """
    if document_type not in DOCUMENT_NAMES:
        raise RequestInvalidError(
            f"{pointer}/document_type",
            "not-a-choice",
            "不在可选范围内。",
            "Not one of the choices.",
        )
    try:
        _CHECKS.get(document_type, _check_other)(number)
    except CheckDigitError as error:
        raise RequestInvalidError(
            f"{pointer}/document_number",
            f"check-{error.reason}",
            "号码不合规。",
            "This is not such a number.",
        ) from error


def require_officer(caller: Caller) -> None:
    """Check that an officer calls, who can be asked about it later.

    Raises:
        ForbiddenError: it is a program.
    """
    if not caller.name.startswith(OFFICER):
        raise ForbiddenError("license-officer")


def require_handler(caller: Caller) -> None:
    """Check that an officer calls, or a program that issues.

    Raises:
        ForbiddenError: it is a program that only reads.
    """
    if not caller.name.startswith(OFFICER):
        require_scope(caller, ISSUE)
