"""The frame of everything people do to a seal: one transaction, a role, and the audit.

An act and its audit entry are written together or not at all; a refused act is written in the
audit alone. A person acts on seals of the own organisation and those below it; what is elsewhere
is answered as what does not exist.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from keys.provider import KeyProvider
from license_vault.audit import Act, AuditWriter
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Writing
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.refusals import Attempt, refusals_recorded
from license_vault.registry.authorities import Authorities
from license_vault.seals.applications import is_seal_code
from license_vault.seals.errors import SealUnknownError
from license_vault.seals.making import SealMaker
from license_vault.seals.registrar import SealRegistrar
from license_vault.seals.registry import SealRecord
from license_vault.seals.roles import SealPerson, SealRole, SealRoles
from license_vault.vault import Vault

NO_SEAL = "seal"


@dataclass(frozen=True, slots=True)
class SealServices:
    """What the life of seals is run with; made once by the wiring.

    ``make_key`` returns the public point of a signing key, and makes it where it is missing and
    keys can be made.
    """

    database: Database
    keys: KeyProvider
    vault: Vault
    maker: SealMaker
    make_key: Callable[[str], bytes]
    clock: Clock
    random_bytes: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class OwnHolder:
    """A holder who acts for the own seal, by the random handle."""

    handle: str
    operator: str = ""

    @property
    def actor(self) -> str:
        """Return the holder as the audit names them."""
        return f"holder:{self.handle}"


@dataclass(slots=True)
class ActInHand:
    """An act that is being done; ``details`` go into the audit, if something changes."""

    session: Writing
    registrar: SealRegistrar
    at: datetime
    by: SealPerson | OwnHolder
    details: dict[str, str] = field(default_factory=dict)
    changed: bool = True

    def seal(self, code: str) -> SealRecord:
        """Return the seal that is acted on.

        Raises:
            SealUnknownError: there is none, or it is another organisation's or holder's.
        """
        record = self.registrar.get(code)
        if isinstance(self.by, OwnHolder):
            if record.holder != self.by.handle:
                raise SealUnknownError(code)
        elif self.by.within is not None:
            owner = record.seal.owner_code
            try:
                Authorities(self.session).within(owner, self.by.within)
            except (AuthorityNotPermittedError, OrganisationUnknownError) as error:
                raise SealUnknownError(code) from error
        return record


@contextmanager
def recorded_act(
    services: SealServices,
    by: SealPerson | OwnHolder,
    action: str,
    code: str,
    *roles: SealRole,
    **details: str,
) -> Iterator[ActInHand]:
    """Do one act on a seal: the block is its transaction, its end the audit entry.

    Args:
        action: as the audit calls what was done, "seal.made".
        roles: one of them the person must have; a holder needs none.

    Raises:
        SealRoleMissingError, SealRolesConflictError: the person may not.
        LicenseVaultError: as the block; it is in the audit then, and nothing else is written.
    """
    subject = code if is_seal_code(code) else NO_SEAL
    told = {**details, **({"operator": by.operator} if by.operator else {})}
    attempt = Attempt(by.actor, action, subject, told)
    database = services.database
    with refusals_recorded(database, attempt, services.clock), database.writing() as session:
        at = services.clock()
        if isinstance(by, SealPerson):
            SealRoles(session).require(by, *roles)
        in_hand = ActInHand(session, SealRegistrar(session), at, by, told)
        yield in_hand
        if in_hand.changed:
            AuditWriter(session).append(Act(by.actor, action, subject, dict(told), at))
