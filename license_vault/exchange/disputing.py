"""Operations of disputes that travel: a partner raises one, asks about it, and answers ours.

A dispute raised by a partner is opened like any other: number, term, mark 异议中, and the authority
answers it as ever. Who raises it is its holder, by the document that the partner authenticated, or
an organisation to which the use of the type was granted.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from keys.provider import KeyProvider
from license_vault.audit import Act, AuditWriter
from license_vault.clock import civil_date
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import LicenseNotFoundError
from license_vault.events.outbox import Outbox
from license_vault.exchange.dispute_rows import (
    DisputeOrigin,
    DisputeOrigins,
    DisputeOriginWriter,
    PartnerDisputeWriter,
)
from license_vault.exchange.errors import ExchangeBodyError, PartnerDisputeUnknownError
from license_vault.exchange.operations import (
    Asked,
    Ground,
    Result,
    done,
    granted_license,
    not_done,
    not_found,
    require_members,
    text_in,
)
from license_vault.exchange.question import QUERY_BY_IDENTIFIER
from license_vault.holding.acts import done_once
from license_vault.holding.disputes import (
    OUTCOME_NAMES,
    Dispute,
    DisputeOrder,
    Disputes,
    DisputeWriter,
    disputable,
)
from license_vault.holding.errors import DisputeOpenError
from license_vault.license import LicenseMark, LicenseStatus
from license_vault.registry.holders import HolderRecord, Holders, new_handle
from license_vault.registry.marks import MarkWriter
from license_vault.registry.records import LicenseRecord
from license_vault.registry.registry import Registry

LONGEST_TEXT = 1000
FILED, ANSWERED = "dispute.filed", "partner-dispute.answered"
_NEVER_MADE = (LicenseStatus.ISSUING, LicenseStatus.VOID)
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_HOLDER = ("document_type", "document_number")


class DisputeOperations:
    """Takes partners' disputes and answers; made once, used by all threads."""

    def __init__(
        self,
        ground: Ground,
        keys: KeyProvider,
        due_after: Callable[[date], date],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """Take what disputes are opened with.

        Args:
            due_after: says the last day for an answer to what is filed on a day.
        """
        self._ground = ground
        self._keys = keys
        self._due_after = due_after
        self._random = random_bytes

    def dispute(self, asked: Asked) -> Result:
        """Open a partner's dispute; the answer has its number and its term.

        Raises:
            AccessNotGrantedError, NotSharedError: an organisation raises it that may not query it.
        """
        require_members(asked.body, ("identifier", "field", "grounds", "reference"), _HOLDER)
        vault, at = self._ground.vault, asked.at
        with self._ground.database.writing() as session:
            try:
                record, holder = self._license(session, asked)
            except LicenseNotFoundError:
                return not_found()
            order = self._order(session, record, asked)
            writer = DisputeWriter(session, vault, self._random)

            def file() -> tuple[str, dict[str, str]]:
                number = writer.file(record, holder, order, asked.caller.name, at)
                MarkWriter(session).set(
                    record.row_id, LicenseMark.DISPUTED, at, f"dispute/{number}"
                )
                told = {"number": number, "due_on": order.due_on.isoformat()}
                Outbox(session).add_of_license(FILED, record.row_id, told, at)
                self._remember(session, number, asked)
                return number, {**told, "region": asked.region}

            try:
                act = (FILED, record.identifier)
                made = done_once(session, asked.mark, at, file, act)
            except DisputeOpenError as error:
                return not_done("dispute-open", number=error.number)
            return done(_values(writer.get(made.name), at))

    def state(self, asked: Asked) -> Result:
        """Say what became of a dispute that the same region raised."""
        require_members(asked.body, ("number",))
        number = text_in(asked.body, "number", 64)
        with self._ground.database.reading() as session:
            origin = DisputeOrigins(session).get(number)
            if origin is None or origin.region != asked.region:
                return not_found()
            return done(_values(Disputes(session, self._ground.vault).get(number), asked.at))

    def answer(self, asked: Asked) -> Result:
        """Take a partner's answer to a dispute that was raised here."""
        body = asked.body
        require_members(body, ("number", "reference", "outcome", "answer", "answered_at"))
        reference, number = text_in(body, "reference", 64), text_in(body, "number", 64)
        found = told_answer(body)
        with self._ground.database.writing() as session:
            writer = PartnerDisputeWriter(session, self._keys, self._ground.vault)
            try:
                dispute = writer.get(reference)
            except PartnerDisputeUnknownError:
                return not_found()
            if dispute.region != asked.region or dispute.number not in {None, number}:
                return not_found()
            if writer.answered(dispute, *found):
                told = {"region": asked.region, "outcome": found[0]}
                act = Act(asked.caller.name, ANSWERED, f"dispute:{reference}", told, asked.at)
                AuditWriter(session).append(act)
        return done({"reference": reference})

    def _license(self, session: Reading, asked: Asked) -> tuple[LicenseRecord, HolderRecord]:
        """Return the license and whose dispute it is: the holder who raises it, else the first."""
        if "document_number" not in asked.body:
            record = granted_license(session, self._ground, asked, QUERY_BY_IDENTIFIER)
            return record, Holders(session).by_handle(record.holders[0])
        record = Registry(session).get(text_in(asked.body, "identifier", 128))
        mac = self._ground.macs.holder(*(text_in(asked.body, name, 64) for name in _HOLDER))
        holder = Holders(session).by_macs((mac,)).get(mac)
        theirs = holder is not None and holder.handle in record.holders
        if holder is None or not theirs or record.status in _NEVER_MADE:
            raise LicenseNotFoundError(record.identifier)
        return record, holder

    def _order(self, session: Reading, record: LicenseRecord, asked: Asked) -> DisputeOrder:
        path = text_in(asked.body, "field", 128)
        grounds = text_in(asked.body, "grounds", LONGEST_TEXT)
        kept = Registry(session).kept(record.identifier)
        if path not in disputable(self._ground.opener.secrets(kept).content):
            raise ExchangeBodyError("/field", "unknown-field")
        return DisputeOrder(path, grounds, self._due_after(civil_date(asked.at)))

    def _remember(self, session: Writing, number: str, asked: Asked) -> None:
        origin = DisputeOrigin(
            number=number,
            region=asked.region,
            reference=text_in(asked.body, "reference", 64),
            organisation=asked.caller.organisation_code,
            exchange_id=new_handle(self._random),
            told_at=None,
            attempts=0,
        )
        DisputeOriginWriter(session).add(origin, asked.at)


def told_answer(body: Mapping[str, object]) -> tuple[str, str, datetime]:
    """Return outcome, answer and instant of a partner's answer to a dispute.

    Raises:
        ExchangeBodyError: they are not what an answer has.
    """
    outcome = text_in(body, "outcome", 16)
    if outcome not in OUTCOME_NAMES:
        raise ExchangeBodyError("/outcome", "not-a-choice")
    instant = text_in(body, "answered_at", 20)
    try:
        at = datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC)
    except ValueError as error:
        raise ExchangeBodyError("/answered_at", "not-an-instant") from error
    return outcome, text_in(body, "answer", LONGEST_TEXT), at


def answer_body(dispute: Dispute, reference: str) -> dict[str, str]:
    """Return the body that tells the answer to a dispute of ours to who raised it."""
    answered_at = dispute.answered_at or dispute.filed_at
    return {
        "number": dispute.number,
        "reference": reference,
        "outcome": dispute.outcome or "",
        "answer": dispute.answer or "",
        "answered_at": answered_at.astimezone(UTC).strftime(_INSTANT),
    }


def _values(dispute: Dispute, at: datetime) -> dict[str, str]:
    told = {"number": dispute.number, "due_on": dispute.due_on.isoformat()}
    if dispute.answered_at is None:
        return {**told, "state": "overdue" if dispute.due_on < civil_date(at) else "open"}
    answer = answer_body(dispute, "")
    del answer["reference"]
    return {**told, "state": "answered", **answer}
