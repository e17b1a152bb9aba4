"""Refused acts go into the audit too, although nothing else of them is written.

What raised is recorded in a transaction of its own, after the act's own was given up. If that
record cannot be written, its error leaves instead: nothing is refused unrecorded.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

from keys.errors import KeyCustodyError
from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.sessions import Database
from license_vault.errors import DatabaseUnavailableError, LicenseVaultError
from signing.errors import SigningError

REFUSED = ".refused"
_TELLING = ("reason", "current", "step", "role", "holds", "code")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody is about to do: as an ``Act``, before it is done."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@contextmanager
def refusals_recorded(database: Database, attempt: Attempt, clock: Clock) -> Iterator[None]:
    """Record what the block refuses, and let the refusal go on.

    A database that does not answer is no refusal; nothing could be written about it either.
    """
    try:
        yield
    except DatabaseUnavailableError:
        raise
    except (LicenseVaultError, SigningError, KeyCustodyError) as error:
        with database.writing() as session:
            AuditWriter(session).append(_act(attempt, error, clock))
        raise


def _act(attempt: Attempt, error: Exception, clock: Clock) -> Act:
    told = {name: str(getattr(error, name, ""))[:_LONGEST] for name in _TELLING}
    details = {
        **attempt.details,
        "error": type(error).__name__,
        **{name: value for name, value in told.items() if value},
    }
    return Act(attempt.actor, attempt.action + REFUSED, attempt.subject, details, clock())
