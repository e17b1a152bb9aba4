"""The header ``License-Use``: for which item, case and purpose a program or an officer reads.

Every read of licenses by a program, an officer or a device carries the five elements (五要素) and
the purpose; without them it is refused before anything is looked up. The organisation is never
taken from the header: it is that of the credential. A holder who reads the own licenses needs
none. Whether the use is granted is asked in ``license_vault.access.grants``.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import Depends, Header

from api.authentication import HolderPerson
from api.dependencies import CallerDep, PrincipalDep
from api.errors import UseInvalidError, UseMissingError
from license_vault.access.use import LONGEST, Use

MEMBERS = ("operator", "item_name", "item_code", "case_number", "purpose")
# Six texts of the longest kind, four bytes a character, in base64.
_LONGEST_HEADER = 8192

UseHeader = Annotated[
    str | None,
    Header(
        description="五要素与用途 what the read is for: base64url of a JSON object with "
        f"{', '.join(MEMBERS)}, each a text of 1 to {LONGEST} characters.",
    ),
]


def use_in(header: str | None, organisation: str) -> Use:
    """Return the use that a header tells of, made by an organisation.

    Raises:
        UseMissingError: there is no header.
        UseInvalidError: it is no base64url of such an object; the pointer says which member.
    """
    if header is None:
        raise UseMissingError
    members = _object(header)
    for name in MEMBERS:
        _require_text(members, name)
    if len(members) > len(MEMBERS):
        raise _invalid("", "unknown-field", "有多余的项。", "There is a member too many.")
    return Use(organisation, *(members[name] for name in MEMBERS))


def written_use(use: Use) -> str:
    """Return the header that tells of a use, as partners and tests send it."""
    members = {name: getattr(use, name) for name in MEMBERS}
    written = json.dumps(members, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _object(header: str) -> dict[str, Any]:
    if len(header) > _LONGEST_HEADER:
        raise _unreadable()
    try:
        padded = header.rstrip("=") + "=" * (-len(header.rstrip("=")) % 4)
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
        members = json.loads(decoded.decode("utf-8"))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(members, dict):
        raise _unreadable()
    return members


def _require_text(members: dict[str, Any], name: str) -> None:
    text = members.get(name)
    if text is None:
        raise _invalid(f"/{name}", "required", "缺少此项。", "This is required.")
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise _invalid(f"/{name}", "not-text", "应为非空文本。", "This must be a text, not empty.")
    if len(text) > LONGEST:
        raise _invalid(f"/{name}", "too-long", "太长。", "This is too long.")


def _unreadable() -> UseInvalidError:
    return _invalid(
        "",
        "not-json",
        "应为 JSON 对象的 base64url 编码。",
        "This must be the base64url of a JSON object.",
    )


def _invalid(member: str, code: str, message_zh: str, message_en: str) -> UseInvalidError:
    return UseInvalidError(f"/header/license-use{member}", code, message_zh, message_en)


def use_of(caller: CallerDep, license_use: UseHeader = None) -> Use:
    """Return what a program or an officer reads for.

    Raises:
        UseMissingError, UseInvalidError: as ``use_in``.
    """
    return use_in(license_use, caller.organisation_code)


def use_of_viewer(principal: PrincipalDep, license_use: UseHeader = None) -> Use | None:
    """Return what somebody reads for; None of a holder, who needs to say nothing.

    Raises:
        UseMissingError, UseInvalidError: as ``use_in``, of everybody else.
    """
    if isinstance(principal, HolderPerson):
        return None
    return use_in(license_use, principal.organisation_code)


UseDep = Annotated[Use, Depends(use_of)]
ViewerUseDep = Annotated[Use | None, Depends(use_of_viewer)]
