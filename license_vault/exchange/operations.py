"""What a partner may ask: the frame of an operation, and what every operation reads of a request.

An operation looks whether the use was granted, does what is asked, and says whose journals it goes
into. Whatever it changes it changes once: a second try of the same question finds it done.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from license_vault.access.errors import AccessNotGrantedError
from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.database.sessions import Database, Reading
from license_vault.errors import LicenseNotFoundError
from license_vault.exchange.errors import ExchangeBodyError, NotSharedError
from license_vault.exchange.question import DONE, NOT_DONE, NOT_FOUND
from license_vault.face.license_text import text_problem
from license_vault.license import LicenseStatus
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.sharing.sharing import Sharing
from license_vault.vault import Vault

ONE_DAY = timedelta(days=1)
"""How long the answer to a reading question is given again when it got lost."""

_IDENTIFIER = re.compile(r"1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.[0-9A-Z.]{1,96}", re.ASCII)
_NEVER_MADE = (LicenseStatus.ISSUING, LicenseStatus.VOID)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a partner, its signer known. ``caller`` is the partner's organisation.

    ``use.organisation`` and ``caller.organisation_code`` are "REGION:CODE", so that no
    organisation of a partner is ever taken for one of ours.
    """

    region: str
    exchange_id: str
    use: Use
    caller: Caller
    body: Mapping[str, Any] = field(repr=False)
    mark: RequestMark
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A license that an answer tells of, as it goes into its holders' journals."""

    license: LicenseRecord
    action: str
    fields: tuple[str, ...] = ()
    result: str = "ok"


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation answers; ``seen`` is what has not been written into journals yet."""

    outcome: str
    body: Mapping[str, Any] = field(repr=False)
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What does an operation; ``again_for``: how long its answer is given again, None: always."""

    perform: Callable[[Asked], Result]
    again_for: timedelta | None = ONE_DAY


@dataclass(frozen=True, slots=True)
class Ground:
    """What operations are done with; ``region`` is our own, whose catalogue counts."""

    database: Database
    vault: Vault
    macs: LookupMacs
    region: str

    @property
    def opener(self) -> LicenseOpener:
        """Return what opens licenses."""
        return LicenseOpener(self.vault)


def not_found() -> Result:
    """Return the answer that there is no such thing."""
    return Result(NOT_FOUND, {})


def not_done(reason: str, **more: str) -> Result:
    """Return the answer that it was not done, and why in a word."""
    return Result(NOT_DONE, {"reason": reason, **more})


def done(body: Mapping[str, Any], *seen: Seen) -> Result:
    """Return the answer that it was done."""
    return Result(DONE, body, seen)


def granted_types(
    session: Reading, ground: Ground, asked: Asked, operation: str, wanted: str | None
) -> frozenset[str]:
    """Return the types that were granted for a use and that the catalogue shares for it.

    Args:
        wanted: the one type that is asked for; None: any.

    Raises:
        AccessNotGrantedError: no type was granted.
        NotSharedError: none that was is shared.
    """
    types = AccessGuard(session, ground.macs, asked.at).types_for(asked.caller, asked.use)
    types = types if wanted is None else types & {wanted}
    if not types:
        raise AccessNotGrantedError(wanted or "*", asked.use.item_code)
    shared = frozenset(
        type_code for type_code in types if is_shared(session, ground, asked, operation, type_code)
    )
    if not shared:
        raise NotSharedError(operation, wanted or "*", asked.use.item_code)
    return shared


def is_shared(
    session: Reading, ground: Ground, asked: Asked, operation: str, type_code: str
) -> bool:
    """Say whether our catalogue lets an item use an operation on a type; without one: never."""
    catalogue = Sharing(session, ground.region).catalogue()
    if catalogue is None:
        return False
    return operation in catalogue.operations_shared(type_code, asked.use.item_code)


def granted_license(
    session: Reading, ground: Ground, asked: Asked, operation: str
) -> LicenseRecord:
    """Return the license that a body names, if the use of its type was granted and is shared.

    Raises:
        AccessNotGrantedError, NotSharedError: it was not, or is not; nothing is looked up.
        LicenseNotFoundError: there is none with this identifier.
        ExchangeBodyError: the body names none.
    """
    identifier = text_in(asked.body, "identifier", 128)
    named = _IDENTIFIER.fullmatch(identifier)
    if named is None:
        raise LicenseNotFoundError(identifier)
    type_code = named.group(1)
    granted_types(session, ground, asked, operation, type_code)
    found = Registry(session).get(identifier)
    if found.type_code != type_code or found.status in _NEVER_MADE:
        raise LicenseNotFoundError(identifier)
    return found


# --- bodies --------------------------------------------------------------------------------------


def require_members(
    body: Mapping[str, Any], needed: tuple[str, ...], optional: tuple[str, ...] = ()
) -> None:
    """Check which members a body has.

    Raises:
        ExchangeBodyError: one is missing, or there is one too many.
    """
    for name in needed:
        if name not in body:
            raise ExchangeBodyError(f"/{name}", "required")
    for name in body:
        if name not in needed and name not in optional:
            raise ExchangeBodyError(f"/{name}", "unknown-field")


def text_in(body: Mapping[str, Any], name: str, longest: int) -> str:
    """Return a text of a body, one to so many characters that may stand in a record.

    Raises:
        ExchangeBodyError: it is missing, empty, too long, or holds other characters.
    """
    text = body.get(name)
    if not isinstance(text, str) or not text.strip():
        raise ExchangeBodyError(f"/{name}", "required")
    if len(text) > longest:
        raise ExchangeBodyError(f"/{name}", "too-long")
    problem = text_problem(text)
    if problem is not None:
        raise ExchangeBodyError(f"/{name}", problem.code)
    return text


def optional_text(body: Mapping[str, Any], name: str, longest: int) -> str | None:
    """Return a text of a body, None if there is none.

    Raises:
        ExchangeBodyError: as ``text_in``.
    """
    return text_in(body, name, longest) if name in body else None
