"""The frame of what is done in a holder's vault: a request once, one transaction, one audit entry.

What a request makes is named by a text, remembered with it for ever; the same request again
leads to the same thing and does nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Writing
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer
from license_vault.vault import Vault


@dataclass(frozen=True, slots=True)
class HoldingServices:
    """What the acts in a vault are done with; made once by the wiring."""

    database: Database
    vault: Vault
    macs: LookupMacs
    clock: Clock
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """What a request made, by its name; ``replayed``: it was made before."""

    name: str
    replayed: bool = False


def done_once(
    session: Writing,
    mark: RequestMark,
    at: datetime,
    make: Callable[[], tuple[str, Mapping[str, str]]],
    act: tuple[str, str],
) -> Made:
    """Do what a request asks, unless it was done before.

    Args:
        make: does it and returns the name of what it made and what the audit tells of it.
        act: action and subject of the audit entry, as "mandate.given" and a handle.

    Raises:
        IdempotencyKeyReusedError: the key came with another request before.
    """
    name = earlier_answer(session, mark)
    if name is not None:
        return Made(name, replayed=True)
    name, details = make()
    remember_answer(session, mark, name, at)
    action, subject = act
    AuditWriter(session).append(Act(mark.caller, action, subject, dict(details), at))
    return Made(name)
