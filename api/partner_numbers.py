"""A number of a partner's license: ask the region that issued it for the file, and judge that here.

Which region it is follows from the authority in the number and the accepted trust lists. Only an
organisation that says what for may have a partner asked (``License-Use``): the partner writes it
into the holder's journal. What comes back is a file like any other, and nothing is believed of it
that it does not show.
"""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

from api.authentication import READ, require_scope
from api.errors import CheckCodeMismatchError, NumberOfPartnerError, UseMissingError
from api.verification_answers import LicenseAnswer, answer_to, decisions_of
from license_vault.errors import IdentifierInvalidError, OrganisationUnknownError
from license_vault.exchange.errors import PartnerAnswerError, PartnerUnreachableError
from license_vault.exchange.question import FILE, NOT_FOUND, Answer
from license_vault.license_identifier import parse
from license_vault.partners.errors import PartnerSuspendedError
from license_vault.partners.status_lists import PartnerStatusLists
from license_vault.registry.authorities import Authorities
from license_vault.sharing.sharing import LicenseOfRegion
from verification.revocation import Moments
from verification.unseen_report import report_unseen

if TYPE_CHECKING:
    from typing import Any

    from api.services import Services
    from api.verification_question import Asker, VerificationQuestion
    from license_vault.access.use import Use
    from license_vault.api_clients import Caller

_log = logging.getLogger("license_vault.exchange")


def partner_of_number(services: Services, identifier: str) -> str | None:
    """Return the partner region whose accepted list names the authority in a number.

    None: the number is none, or its authority is ours or nobody's that we know.
    """
    try:
        code = parse(identifier).authority_code
    except IdentifierInvalidError:
        return None
    with services.database.reading() as session:
        try:
            Authorities(session).get(code)
        except OrganisationUnknownError:
            found = services.partners.lists.of_authority(code, services.region_code)
            return None if found is None else found.region
    return None


def ask_issuer(
    services: Services, region: str, number: tuple[str, str], question: VerificationQuestion
) -> LicenseAnswer | dict[str, Any]:
    """Return the answer about the file that a partner hands out for a number and its check code.

    If the region does not hand it out now, the report says so, and how old what we keep of it is.

    Args:
        number: the identifier, and the check code in its plain form.

    Raises:
        NumberOfPartnerError: nobody is logged in who may have a partner asked.
        UseMissingError, ForbiddenError: the caller does not say what for, or may not read.
        CheckCodeMismatchError: the region has no license of this number with this check code.
        PartnerRefusedError, PartnerAnswerError: as ``Asking.ask``.
    """
    caller, use = _who(question.asker, region)
    body = dict(zip(("identifier", "check_code"), number, strict=True))
    try:
        answer = services.exchange.asking.ask(region, FILE, use, body, caller.name)
    except PartnerSuspendedError:
        return _unseen(services, region, (number[0], "partner-suspended"), question)
    except PartnerUnreachableError as error:
        return _unseen(services, region, (number[0], error.reason), question)
    if answer.outcome == NOT_FOUND:
        raise CheckCodeMismatchError
    if not answer.is_done:
        return _unseen(services, region, (number[0], str(answer.body.get("reason"))), question)
    found = answer_to(services, _file_in(answer), question)
    _require_same(found, answer, number[0])
    return found


def _who(asker: Asker, region: str) -> tuple[Caller, Use]:
    if asker.caller is None:
        raise NumberOfPartnerError(region)
    if not asker.is_device:
        require_scope(asker.caller, READ)
    if asker.use is None:
        raise UseMissingError
    return asker.caller, asker.use


def _file_in(answer: Answer) -> bytes:
    try:
        return base64.b64decode(answer.body["file"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise _not_taken(answer, "no-file") from error


def _require_same(found: LicenseAnswer, answer: Answer, identifier: str) -> None:
    """Check that what came is the license asked for: of this number, and of this region."""
    report, trust = found.report, found.evidence.trust
    named = identifier if report.license is None else report.license.identifier
    if report.copy is not None or named != identifier:
        raise _not_taken(answer, "another-license")
    if report.license is not None and trust is not None and trust.region != answer.region:
        raise _not_taken(answer, "another-region")


def _not_taken(answer: Answer, reason: str) -> PartnerAnswerError:
    fields = {"region": answer.region, "exchange": answer.exchange_id, "reason": reason}
    _log.critical("a partner's answer was refused", extra={"fields": fields})
    return PartnerAnswerError(answer.region, reason, answer.exchange_id)


def _unseen(
    services: Services, region: str, missed: tuple[str, str], question: VerificationQuestion
) -> dict[str, Any]:
    """Return the report that nothing was seen; ``missed`` is which number, and why."""
    identifier, why = missed
    with services.database.reading() as session:
        kept = PartnerStatusLists(session).of_region(region)
    now = services.clock()
    moments = Moments(question.at or now, now)
    kept_at = min((one.checked_at for one in kept), default=None)
    report = report_unseen(region, why, kept_at, question.policy, moments)
    shown = report.to_json()
    if question.item_code:
        license_ = LicenseOfRegion(parse(identifier).type_code, region, None)
        decision = decisions_of(services).about(report, license_, question.item_code)
        shown["decision"] = decision.to_json()
    return shown
