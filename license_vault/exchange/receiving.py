"""Answers partners: checks who asks, when, how often and with what right; keeps all; does it once.

The order: form, region, signer, time, quota; then the request is kept, then done, then the answer
is signed and kept together with the journals, then it leaves. A question that was cut between is
asked again under its exchange_id: what was done stays done, and what was answered is answered with
the same bytes, as long as the right to it stands.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby

from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.audit import Act, AuditWriter
from license_vault.errors import LicenseVaultError
from license_vault.exchange.errors import (
    ExchangeMisroutedError,
    ExchangeOperationError,
    ExchangeQuotaError,
    ExchangeReplayedError,
    ExchangeStaleError,
)
from license_vault.exchange.operations import Asked, Operation, Result, Seen
from license_vault.exchange.question import content_mac
from license_vault.exchange.quota import Allowance, QuotaCount
from license_vault.exchange.rows import (
    ANSWER,
    ANSWERED,
    IN,
    REQUEST,
    Exchange,
    Exchanges,
    ExchangeWriter,
    NewExchange,
)
from license_vault.exchange.services import ExchangeServices
from license_vault.holding.journal import Journal, JournalAct
from license_vault.registry.writing import RequestMark
from signing.sealed_json.exchange import (
    ExchangeAnswer,
    ExchangeRequest,
    SignedRequest,
    read_request,
    sign_answer,
)

_log = logging.getLogger("license_vault.exchange")


class Receiving:
    """Takes partners' requests; made once, used by all threads."""

    def __init__(self, services: ExchangeServices, operations: Mapping[str, Operation]) -> None:
        self._services = services
        self._operations = operations

    def receive(self, data: bytes) -> tuple[bytes, Allowance]:
        """Return the signed answer to a signed request, and what is left of the quota.

        Raises:
            MalformedExchangeError: the bytes are no request.
            ExchangeMisroutedError, ExchangeSignerError, ExchangeStaleError, ExchangeReplayedError,
            ExchangeOperationError, ExchangeQuotaError, PartnerUnknownError,
            PartnerSuspendedError: each as named.
            AccessNotGrantedError, ExchangeBodyError: the operation refuses.
            RowConflictError: the same question is being answered at this moment.
            KeyCustodyError, TimestampUnavailableError: the answer cannot be signed now.
        """
        signed = read_request(data)
        request = signed.request
        operation = self._admitted(signed)
        allowance = self._counted(request)
        exchange = self._kept(signed, data)
        asked = self._asked(request, exchange)
        try:
            result = operation.perform(asked)
        except LicenseVaultError as error:
            self._refused(exchange, error)
            raise
        if exchange.state == ANSWERED:
            return self._answered_before(exchange), allowance
        return self._answered(exchange, signed, result, asked), allowance

    def _admitted(self, signed: SignedRequest) -> Operation:
        """Return the operation of a request whose signer, time and address are right."""
        services, request = self._services, signed.request
        if request.to_region != services.region:
            raise ExchangeMisroutedError(request.to_region)
        at = services.clock()
        services.partners.require_signer(request.from_region, signed.statement, at)
        if abs(at - request.at) > services.fresh_for:
            raise ExchangeStaleError(int(services.fresh_for.total_seconds()))
        operation = self._operations.get(request.operation)
        if operation is None:
            raise ExchangeOperationError(request.operation)
        return operation

    def _counted(self, request: ExchangeRequest) -> Allowance:
        services = self._services
        try:
            with services.database.writing() as session:
                count = QuotaCount(session, request.from_region, request.operation)
                return count.take(services.quotas, services.clock())
        except ExchangeQuotaError:
            fields = {"region": request.from_region, "operation": request.operation}
            _log.warning("a partner's quota is used up", extra={"fields": fields})
            raise

    def _kept(self, signed: SignedRequest, data: bytes) -> Exchange:
        """Keep a request, which never came before, and return its exchange.

        Raises:
            ExchangeReplayedError: "request": these very bytes came before; "id-reused": another
                question did under this id; "too-late": its answer is no longer given again.
        """
        services, request = self._services, signed.request
        mac = content_mac(services.keys, request.operation, request.use, request.body)
        at = services.clock()
        with services.database.writing() as session:
            writer = ExchangeWriter(session, services.keys, services.vault)
            if writer.has_message(bytes.fromhex(signed.sm3)):
                raise ExchangeReplayedError("request")
            exchange = writer.find(IN, request.from_region, request.exchange_id)
            if exchange is None:
                exchange = writer.begin(_new(request, mac, at))
            elif exchange.content_mac != mac:
                raise ExchangeReplayedError("id-reused")
            again_for = self._operations[request.operation].again_for
            if again_for is not None and at > exchange.began_at + again_for:
                raise ExchangeReplayedError("too-late")
            writer.keep(exchange, REQUEST, data, at)
            AuditWriter(session).append(
                _act(exchange, "exchange.received", {"sm3": signed.sm3}, at)
            )
        return exchange

    def _asked(self, request: ExchangeRequest, exchange: Exchange) -> Asked:
        services = self._services
        organisation = partner_organisation(request.from_region, request.use["organisation"])
        use = Use(**{**request.use, "organisation": organisation})
        caller = Caller(exchange.actor, organisation, frozenset())
        key = services.macs.idempotency_key(exchange.actor, request.exchange_id)
        return Asked(
            region=request.from_region,
            exchange_id=request.exchange_id,
            use=use,
            caller=caller,
            body=request.body,
            mark=RequestMark(exchange.actor, key, exchange.content_mac),
            at=services.clock(),
        )

    def _answered(
        self, exchange: Exchange, signed: SignedRequest, result: Result, asked: Asked
    ) -> bytes:
        """Sign the answer, keep it with the journals of whom it tells of, and return it."""
        services, signer = self._services, self._services.signer
        answer = ExchangeAnswer(
            exchange_id=exchange.exchange_id,
            from_region=services.region,
            request_sm3=signed.sm3,
            at=services.clock(),
            outcome=result.outcome,
            body=result.body,
        )
        data = sign_answer(answer, signer.identity, signer.sign, signer.timestamper.timestamp)
        at = services.clock()
        with services.database.writing() as session:
            writer = ExchangeWriter(session, services.keys, services.vault)
            if not writer.answer(exchange, data, result.outcome, at):
                # The same question, asked twice at once: the first answer counts.
                return writer.messages(exchange, ANSWER)[0]
            journal = Journal(session, services.vault)
            for act, licenses in groupby(result.seen, lambda seen: _journal_act(seen, asked, at)):
                journal.record_all(tuple(seen.license for seen in licenses), act)
            told = {"outcome": result.outcome, "organisation": exchange.organisation}
            AuditWriter(session).append(_act(exchange, "exchange.answered", told, at))
        return data

    def _answered_before(self, exchange: Exchange) -> bytes:
        services = self._services
        with services.database.reading() as session:
            exchanges = Exchanges(session, services.keys, services.vault)
            return exchanges.messages(exchange, ANSWER)[0]

    def _refused(self, exchange: Exchange, error: LicenseVaultError) -> None:
        services = self._services
        at, reason = services.clock(), type(error).__name__
        with services.database.writing() as session:
            ExchangeWriter(session, services.keys, services.vault).refuse(exchange, reason, at)
            AuditWriter(session).append(_act(exchange, "exchange.refused", {"reason": reason}, at))


def partner_organisation(region: str, code: str) -> str:
    """Return how an organisation of a partner is called here; never as one of ours is."""
    return f"{region}:{code}"


def _new(request: ExchangeRequest, mac: bytes, at: datetime) -> NewExchange:
    return NewExchange(
        direction=IN,
        region=request.from_region,
        exchange_id=request.exchange_id,
        operation=request.operation,
        organisation=partner_organisation(request.from_region, request.use["organisation"]),
        item_code=request.use["item_code"],
        content_mac=mac,
        actor=f"partner:{request.from_region}",
        at=at,
    )


def _journal_act(seen: Seen, asked: Asked, at: datetime) -> JournalAct:
    return JournalAct(seen.action, asked.use, seen.fields, at, seen.result, asked.caller.name)


def _act(exchange: Exchange, action: str, told: Mapping[str, str], at: datetime) -> Act:
    details = {"region": exchange.region, "operation": exchange.operation, **told}
    return Act(exchange.actor, action, f"exchange:{exchange.exchange_id}", details, at)
