"""Asks a partner region: signs the question, keeps it, sends it, judges the answer and keeps it.

A question is kept before it leaves and an answer before it is used. Every try of one question has
the same exchange_id and is signed anew, so the partner knows it again and does nothing twice.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any

from license_vault.access.use import Use
from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Reading
from license_vault.exchange.errors import (
    ExchangeReplayedError,
    ExchangeSignerError,
    PartnerAnswerError,
    PartnerRefusedError,
    PartnerUnreachableError,
)
from license_vault.exchange.question import SYSTEM, Answer, Question, content_mac
from license_vault.exchange.rows import (
    ANSWER,
    ANSWERED,
    OUT,
    REQUEST,
    Exchange,
    Exchanges,
    ExchangeWriter,
    NewExchange,
)
from license_vault.exchange.services import ExchangeServices
from license_vault.partners.web import Fetched, Unreachable
from license_vault.registry.holders import new_handle
from signing.errors import MalformedExchangeError
from signing.sealed_json.exchange import (
    LARGEST_BYTES,
    ExchangeRequest,
    SignedAnswer,
    read_answer,
    sign_request,
)

PATH = "/v1/exchange"
MEDIA_TYPE = "application/json"
_MENDABLE = frozenset(
    (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
)
_LONGEST_SLUG = 64

_log = logging.getLogger("license_vault.exchange")


class Asking:
    """Asks partners; made once, used by all threads."""

    def __init__(self, services: ExchangeServices) -> None:
        self._services = services

    def ask(
        self, region: str, operation: str, use: Use, body: Mapping[str, Any], by: str = SYSTEM
    ) -> Answer:
        """Ask a partner something, once, and return its answer.

        Args:
            operation: of ``question.OPERATIONS``.
            use: the five elements and the purpose; its organisation is one of ours.
            body: of texts, lists and objects, as the operation takes it (docs/exchange.md).
            by: who has it asked, as the audit names them.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is none that we speak with.
            PartnerUnreachableError: no answer came; it may be asked again (``again``).
            PartnerRefusedError: the partner refused, and says why.
            PartnerAnswerError: what came back is not the partner's answer to this.
            KeyCustodyError, TimestampUnavailableError: it cannot be signed now.
        """
        return self.again(region, self.new_id(), Question(operation, use, body, by))

    def new_id(self) -> str:
        """Draw the name of a new exchange."""
        return new_handle(self._services.random_bytes)

    def require_partner(self, region: str) -> None:
        """Check that a region is one that we ask.

        Raises:
            PartnerUnknownError, PartnerSuspendedError: it is none that we speak with.
        """
        self._services.partners.service_url(region)

    def again(self, region: str, exchange_id: str, question: Question) -> Answer:
        """Ask under a name that was drawn before, perhaps for the second time; as ``ask``.

        What was answered before is answered from what is kept, without asking.

        Raises:
            ExchangeReplayedError: another question was asked under this name.
        """
        services = self._services
        url = services.partners.service_url(region)
        known = self._known(region, exchange_id, question)
        if known is not None:
            return known
        request = self._signed(region, exchange_id, question)
        exchange = self._keep_request(region, exchange_id, question, request)
        fetched = services.web.post(
            f"{url.rstrip('/')}{PATH}",
            request,
            {"Content-Type": MEDIA_TYPE},
            longest=LARGEST_BYTES,
        )
        body = self._body(exchange, fetched)
        return self._keep_answer(exchange, self._taken(exchange, body), body)

    def _known(self, region: str, exchange_id: str, question: Question) -> Answer | None:
        with self._services.database.reading() as session:
            exchanges = self._exchanges(session)
            found = exchanges.find(OUT, region, exchange_id)
            if found is None:
                return None
            if found.content_mac != self._mac(question):
                raise ExchangeReplayedError("id-reused")
            if found.state != ANSWERED:
                return None
            return _answer(found, read_answer(exchanges.messages(found, ANSWER)[0]))

    def _signed(self, region: str, exchange_id: str, question: Question) -> bytes:
        services, signer = self._services, self._services.signer
        request = ExchangeRequest(
            exchange_id=exchange_id,
            from_region=services.region,
            to_region=region,
            at=services.clock(),
            operation=question.operation,
            use=asdict(question.use),
            body=question.body,
        )
        return sign_request(request, signer.identity, signer.sign, signer.timestamper.timestamp)

    def _keep_request(
        self, region: str, exchange_id: str, question: Question, request: bytes
    ) -> Exchange:
        services = self._services
        at = services.clock()
        with services.database.writing() as session:
            writer = ExchangeWriter(session, services.keys, services.vault)
            exchange = writer.find(OUT, region, exchange_id) or writer.begin(
                NewExchange(
                    OUT,
                    region,
                    exchange_id,
                    question.operation,
                    question.use.organisation,
                    question.use.item_code,
                    self._mac(question),
                    question.by,
                    at,
                )
            )
            writer.keep(exchange, REQUEST, request, at)
            AuditWriter(session).append(_act(exchange, "exchange.asked", {}, at))
        return exchange

    def _body(self, exchange: Exchange, fetched: Fetched | Unreachable) -> bytes:
        """Return what came back with 200.

        Raises:
            PartnerUnreachableError, PartnerRefusedError: as ``ask``.
        """
        region, name = exchange.region, exchange.exchange_id
        if isinstance(fetched, Unreachable):
            raise PartnerUnreachableError(region, fetched.reason, name)
        if fetched.status == HTTPStatus.OK:
            return fetched.body
        if fetched.status in _MENDABLE or fetched.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PartnerUnreachableError(region, str(fetched.status), name)
        reason = _slug_of(fetched)
        self._note(exchange, "exchange.refused", reason)
        raise PartnerRefusedError(region, reason, name)

    def _taken(self, exchange: Exchange, body: bytes) -> SignedAnswer:
        """Return the answer, if it is the partner's to this question.

        Raises:
            PartnerAnswerError: it is not.
        """
        try:
            signed = read_answer(body)
        except MalformedExchangeError as error:
            raise self._not_taken(exchange, error.code) from error
        wrong = self._not_ours(exchange, signed)
        if wrong is not None:
            raise self._not_taken(exchange, wrong)
        try:
            self._services.partners.require_signer(
                exchange.region, signed.statement, self._services.clock()
            )
        except ExchangeSignerError as error:
            raise self._not_taken(exchange, error.reason) from error
        return signed

    def _not_ours(self, exchange: Exchange, signed: SignedAnswer) -> str | None:
        """Say in a word why an answer is none to this question, None if it is."""
        answer = signed.answer
        if answer.from_region != exchange.region:
            return "other-region"
        if answer.exchange_id != exchange.exchange_id:
            return "other-exchange"
        with self._services.database.reading() as session:
            asked = self._exchanges(session).digests(exchange, REQUEST)
        return None if answer.request_sm3 in asked else "other-request"

    def _keep_answer(self, exchange: Exchange, signed: SignedAnswer, data: bytes) -> Answer:
        services = self._services
        at = services.clock()
        with services.database.writing() as session:
            writer = ExchangeWriter(session, services.keys, services.vault)
            if writer.answer(exchange, data, signed.answer.outcome, at):
                told = {"outcome": signed.answer.outcome, "sm3": signed.sm3}
                AuditWriter(session).append(_act(exchange, "exchange.answered", told, at))
            else:  # the same question, asked twice at once: the first answer counts
                signed = read_answer(writer.messages(exchange, ANSWER)[0])
        return _answer(exchange, signed)

    def _note(self, exchange: Exchange, action: str, reason: str) -> None:
        services = self._services
        at = services.clock()
        with services.database.writing() as session:
            ExchangeWriter(session, services.keys, services.vault).refuse(exchange, reason, at)
            AuditWriter(session).append(_act(exchange, action, {"reason": reason}, at))

    def _not_taken(self, exchange: Exchange, reason: str) -> PartnerAnswerError:
        """Raise the alarm over an answer, and return the error that says so."""
        self._note(exchange, "exchange.answer-refused", reason)
        fields = {"region": exchange.region, "exchange": exchange.exchange_id, "reason": reason}
        _log.critical("a partner's answer was refused", extra={"fields": fields})
        return PartnerAnswerError(exchange.region, reason, exchange.exchange_id)

    def _mac(self, question: Question) -> bytes:
        used = asdict(question.use)
        return content_mac(self._services.keys, question.operation, used, question.body)

    def _exchanges(self, session: Reading) -> Exchanges:
        return Exchanges(session, self._services.keys, self._services.vault)


def _answer(exchange: Exchange, signed: SignedAnswer) -> Answer:
    found = signed.answer
    return Answer(
        exchange_id=exchange.exchange_id,
        region=exchange.region,
        operation=exchange.operation,
        outcome=found.outcome,
        body=found.body,
        request_sm3=found.request_sm3,
        answer_sm3=signed.sm3,
        at=found.at,
    )


def _act(exchange: Exchange, action: str, told: Mapping[str, str], at: datetime) -> Act:
    details = {"region": exchange.region, "operation": exchange.operation, **told}
    subject = f"exchange:{exchange.exchange_id}"
    return Act(exchange.actor, action, subject, details, at)


def _slug_of(fetched: Fetched) -> str:
    """Return the slug of a problem document; what a partner writes there is not taken on trust."""
    try:
        slug = json.loads(fetched.body)["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        slug = None
    if isinstance(slug, str) and slug.replace("-", "").isalnum() and len(slug) <= _LONGEST_SLUG:
        return slug if slug.isascii() else str(fetched.status)
    return str(fetched.status)
