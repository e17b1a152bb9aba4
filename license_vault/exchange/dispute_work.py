"""Sends disputes to partners and answers back, until they arrive: the work list of both sides.

A try that fails is made again, after five seconds first and after a day at last; nothing is given
up, for a dispute has a term in law. What a partner took is asked about every hour besides, should
its answer get lost.
"""

import json
import logging
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from license_vault.access.use import Use
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Reading, Writing
from license_vault.events.retrying import PAUSES
from license_vault.exchange.asking import Asking
from license_vault.exchange.dispute_rows import (
    SENDING,
    DisputeOrigin,
    DisputeOrigins,
    DisputeOriginWriter,
    NewPartnerDispute,
    PartnerDispute,
    PartnerDisputes,
    PartnerDisputeWriter,
)
from license_vault.exchange.disputing import answer_body, told_answer
from license_vault.exchange.errors import (
    ExchangeBodyError,
    PartnerRefusedError,
)
from license_vault.exchange.question import (
    DISPUTE,
    DISPUTE_ANSWER,
    DISPUTE_STATE,
    SYSTEM,
    Answer,
    Question,
)
from license_vault.exchange.services import ExchangeServices
from license_vault.holding.disputes import Disputes, numbered
from license_vault.registry.holders import new_handle

AT_ONCE = 50
ASKED_EVERY = timedelta(hours=1)
_TAKEN, _NOT_TAKEN, _ANSWERED = (
    "partner-dispute.taken",
    "partner-dispute.not-taken",
    "partner-dispute.answered",
)
_log = logging.getLogger("license_vault.exchange")


@dataclass(frozen=True, slots=True)
class RaisedDispute:
    """What somebody here disputes in a license of a partner.

    ``document`` is type and number of the holder's, authenticated here; None: an officer raises it.
    """

    region: str
    identifier: str
    path: str
    grounds: str = field(repr=False)
    use: Use
    document: tuple[str, str] | None = field(default=None, repr=False)


class DisputeWork:
    """Raises, sends, asks and answers; made once, used by all threads."""

    def __init__(self, services: ExchangeServices, asking: Asking) -> None:
        self._services = services
        self._asking = asking

    def raise_(self, session: Writing, raised: RaisedDispute, by: str, at: datetime) -> str:
        """Keep a dispute that is to be sent, and return our reference of it.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: the region is none that we speak with.
        """
        services = self._services
        services.partners.service_url(raised.region)
        reference = numbered("KY", at, new_handle(services.random_bytes))
        body = {
            "identifier": raised.identifier,
            "field": raised.path,
            "grounds": raised.grounds,
            "reference": reference,
        }
        mac = None
        if raised.document is not None:
            body["document_type"], body["document_number"] = raised.document
            mac = services.macs.holder(*raised.document)
        question = {"use": asdict(raised.use), "body": body}
        self._writer(session).raise_(
            NewPartnerDispute(
                reference=reference,
                region=raised.region,
                identifier=raised.identifier,
                path=raised.path,
                organisation=raised.use.organisation,
                holder_mac=mac,
                filed_by=by,
                filed_at=at,
                exchange_id=self._asking.new_id(),
                question=json.dumps(question, ensure_ascii=False).encode(),
            )
        )
        return reference

    def run(self) -> int:
        """Make the tries that are due; return how many were made."""
        services = self._services
        at = services.clock()
        with services.database.reading() as session:
            disputes = self._reader(session).due(at, AT_ONCE)
            origins = DisputeOrigins(session).due(at, AT_ONCE)
        for dispute in disputes:
            self.follow(dispute)
        for origin in origins:
            self.tell(origin)
        return len(disputes) + len(origins)

    def follow(self, dispute: PartnerDispute) -> None:
        """Send a dispute, or ask what became of it; a failure is for the next try."""
        try:
            if dispute.state == SENDING:
                self._send(dispute)
            else:
                self._ask(dispute)
        except PartnerRefusedError as error:
            if dispute.state == SENDING:
                self._note_not_taken(dispute, error.reason)
            else:
                self._later(dispute)
        except Exception as error:
            # One that cannot be followed must not keep those behind it waiting.
            fields = {"dispute": dispute.reference, "error": type(error).__name__}
            _log.warning("a dispute could not be followed", extra={"fields": fields})
            self._later(dispute)

    def tell(self, origin: DisputeOrigin) -> None:
        """Send our answer to the region that raised a dispute; a failure is for the next try."""
        services = self._services
        with services.database.reading() as session:
            dispute = Disputes(session, services.vault).get(origin.number)
        use = Use(dispute.authority_code, SYSTEM, "异议答复", "dispute", origin.number, "答复异议")
        question = Question(DISPUTE_ANSWER, use, answer_body(dispute, origin.reference))
        try:
            outcome = self._asking.again(origin.region, origin.exchange_id, question).outcome
        except PartnerRefusedError as error:
            outcome = error.reason
        except Exception as error:
            fields = {"dispute": origin.number, "error": type(error).__name__}
            _log.warning("an answer could not be sent", extra={"fields": fields})
            with services.database.writing() as session:
                DisputeOriginWriter(session).later(origin, self._next(origin.attempts))
            return
        with services.database.writing() as session:
            DisputeOriginWriter(session).told(origin, outcome, services.clock())

    def _send(self, dispute: PartnerDispute) -> None:
        question = Question(
            DISPUTE, Use(**dispute.question["use"]), dispute.question["body"], dispute.filed_by
        )
        answer = self._asking.again(dispute.region, dispute.exchange_id, question)
        if not answer.is_done:
            self._note_not_taken(dispute, str(answer.body.get("reason", answer.outcome)))
            return
        number, due_on = str(answer.body.get("number", ""))[:64], _day_of(answer)
        services = self._services
        at = services.clock()
        with services.database.writing() as session:
            if self._writer(session).taken(dispute, number, due_on, at + ASKED_EVERY):
                told = {"number": number, "due_on": due_on.isoformat()}
                AuditWriter(session).append(_act(dispute, _TAKEN, told, at))

    def _ask(self, dispute: PartnerDispute) -> None:
        use = Use(**{**dispute.question["use"], "operator": SYSTEM})
        body = {"number": dispute.number or ""}
        answer = self._asking.ask(dispute.region, DISPUTE_STATE, use, body)
        services = self._services
        at = services.clock()
        with services.database.writing() as session:
            writer = self._writer(session)
            if not answer.is_done or answer.body.get("state") != "answered":
                writer.later(dispute, at + ASKED_EVERY)
            elif writer.answered(dispute, *told_answer(answer.body)):
                told = {"outcome": str(answer.body["outcome"])}
                AuditWriter(session).append(_act(dispute, _ANSWERED, told, at))

    def _note_not_taken(self, dispute: PartnerDispute, reason: str) -> None:
        services = self._services
        at = services.clock()
        with services.database.writing() as session:
            if self._writer(session).not_taken(dispute, reason[:64]):
                act = _act(dispute, _NOT_TAKEN, {"reason": reason[:64]}, at)
                AuditWriter(session).append(act)

    def _later(self, dispute: PartnerDispute) -> None:
        with self._services.database.writing() as session:
            self._writer(session).later(dispute, self._next(dispute.attempts))

    def _next(self, attempts: int) -> datetime:
        return self._services.clock() + PAUSES[min(attempts, len(PAUSES) - 1)]

    def _reader(self, session: Reading) -> PartnerDisputes:
        return PartnerDisputes(session, self._services.keys, self._services.vault)

    def _writer(self, session: Writing) -> PartnerDisputeWriter:
        return PartnerDisputeWriter(session, self._services.keys, self._services.vault)


def _day_of(answer: Answer) -> date:
    try:
        return date.fromisoformat(str(answer.body.get("due_on", "")))
    except ValueError as error:
        raise ExchangeBodyError("/due_on", "not-a-day") from error


def _act(dispute: PartnerDispute, action: str, told: dict[str, str], at: datetime) -> Act:
    details = {"region": dispute.region, **told}
    return Act(SYSTEM, action, f"dispute:{dispute.reference}", details, at)
