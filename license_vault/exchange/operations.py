"""What a partner may ask: the frame of an operation, and what every operation reads of a request.

An operation looks whether the use was granted, does what is asked, and says whose journals it goes
into. Whatever it changes it changes once: a second try of the same question finds it done.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.database.sessions import Database, Reading
from license_vault.errors import LicenseNotFoundError
from license_vault.exchange.errors import ExchangeBodyError
from license_vault.exchange.question import DONE, NOT_DONE, NOT_FOUND
from license_vault.face.license_text import text_problem
from license_vault.license import LicenseStatus
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
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


class SharedFields(Protocol):
    """Says which fields of a type our sharing catalogue gives for a use."""

    def __call__(self, session: Reading, type_code: str, use: Use) -> frozenset[str] | None:
        """Return claim paths; None: whatever was granted, but no document numbers."""
        ...


def whatever_was_granted(session: Reading, type_code: str, use: Use) -> frozenset[str] | None:
    """Return None: the region publishes no sharing catalogue."""
    del session, type_code, use
    return None


@dataclass(frozen=True, slots=True)
class Ground:
    """What operations are done with."""

    database: Database
    vault: Vault
    macs: LookupMacs
    shared_fields: SharedFields = whatever_was_granted

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


def granted_license(session: Reading, ground: Ground, asked: Asked) -> LicenseRecord:
    """Return the license that a body names, if the use of its type was granted.

    Raises:
        AccessNotGrantedError: it was not; nothing is looked up.
        LicenseNotFoundError: there is none with this identifier.
        ExchangeBodyError: the body names none.
    """
    identifier = text_in(asked.body, "identifier", 128)
    named = _IDENTIFIER.fullmatch(identifier)
    if named is None:
        raise LicenseNotFoundError(identifier)
    AccessGuard(session, ground.macs, asked.at).require(asked.caller, asked.use, named.group(1))
    found = Registry(session).get(identifier)
    if found.type_code != named.group(1) or found.status in _NEVER_MADE:
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
