"""What work on cases is done with, and the frame of each act: once for a key, one transaction."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from keys.provider import KeyProvider
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.cases.case import CaseRecord, DrawnForm, Judged, OpenCase
from license_vault.cases.case_secrets import CaseSecrets
from license_vault.cases.errors import CaseUnknownError
from license_vault.cases.needs import ItemNeeds
from license_vault.cases.rows import Cases
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Reading, Writing
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.face.form_sheet import FormSheet
from license_vault.issuing.license_request import request_digest
from license_vault.registry.authorities import Authorities
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer
from license_vault.vault import Vault


@dataclass(frozen=True, slots=True)
class CaseServices:
    """What work on cases is done with; made once by the wiring.

    ``judge`` verifies a file as anybody's would be, and decides about a partner region's for the
    item of a code, if one is given ("": none); ``draw_sheet`` draws a form sheet as the form
    "pdf" or "ofd"; ``region`` is the own one, whose maps say what partners' codes are here.
    """

    database: Database
    keys: KeyProvider
    vault: Vault
    judge: Callable[[bytes, str], Judged]
    draw_sheet: Callable[[FormSheet, str], DrawnForm]
    clock: Clock
    random_bytes: Callable[[int], bytes]
    region: str

    @property
    def macs(self) -> LookupMacs:
        """Return what rows are found by."""
        return LookupMacs(self.keys)

    @property
    def secrets(self) -> CaseSecrets:
        """Return what encrypts for cases."""
        return CaseSecrets(self.keys, self.vault)


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for a change, under which Idempotency-Key, and what is asked, as JSON."""

    caller: Caller
    key: str = field(repr=False)
    asked: Mapping[str, object] = field(repr=False)

    def mark(self, macs: LookupMacs) -> RequestMark:
        """Return what an equal request is known by.

        Raises:
            FieldInvalidError: what is asked has no canonical form.
        """
        key_mac = macs.idempotency_key(self.caller.name, self.key)
        digest = request_digest(dict(self.asked))
        return RequestMark(self.caller.name, key_mac, bytes.fromhex(digest))


@dataclass(slots=True)
class ActOnCase:
    """An act in its transaction: ``made`` names what it makes; ``details`` go into the audit."""

    session: Writing
    at: datetime
    made: str = ""
    subject: str = ""
    details: dict[str, str] = field(default_factory=dict)


def answered_before(services: CaseServices, request: Request) -> str | None:
    """Return what the same request made before, None if it is new.

    Raises:
        IdempotencyKeyReusedError: the key came with another body before.
    """
    with services.database.reading() as session:
        return earlier_answer(session, request.mark(services.macs))


@contextmanager
def act_on_case(services: CaseServices, request: Request, action: str) -> Iterator[ActOnCase]:
    """Do one act: the block is its transaction; its end is the answer kept, and the audit entry.

    Raises:
        RowConflictError: the same request, sent twice at once, was first; ask again.
    """
    with services.database.writing() as session:
        act = ActOnCase(session, services.clock())
        yield act
        remember_answer(session, request.mark(services.macs), act.made, act.at)
        AuditWriter(session).append(
            Act(request.caller.name, action, act.subject, dict(act.details), act.at)
        )


def visible_case(session: Reading, handle: str, caller: Caller) -> CaseRecord:
    """Return a case of the caller's organisation or one below it.

    Raises:
        CaseUnknownError: there is none, or it is another organisation's.
    """
    record = Cases(session).get(handle)
    try:
        Authorities(session).within(record.organisation_code, caller.organisation_code)
    except (AuthorityNotPermittedError, OrganisationUnknownError) as error:
        raise CaseUnknownError(handle) from error
    return record


def opened(services: CaseServices, session: Reading, record: CaseRecord) -> OpenCase:
    """Open a case.

    Raises:
        EnvelopeBrokenError: its row was changed.
    """
    key = services.secrets.key(record)
    number, holders = services.secrets.opened_case(key, record)
    definition = ItemNeeds(session).by_row(record.definition_row_id)
    return OpenCase(record, number, holders, definition, key)
