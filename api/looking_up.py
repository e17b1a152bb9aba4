"""Look a license up by its number: only with its check code, and an unknown one answers alike.

A number whose authority a partner's accepted trust list names is asked of that partner.

What is answered is the verification of the file on record, by the same verifier
as any upload. It says nothing about a document in somebody's hand: the report
says so in ``not_checked``.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.errors import CheckCodeMismatchError
from api.partner_numbers import ask_issuer, partner_of_number
from api.verification_answers import LicenseAnswer, answer_to
from license_vault.check_code import normalised
from license_vault.errors import LicenseNotFoundError
from license_vault.license import LicenseStatus
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import FormRecord
from license_vault.registry.registry import KeptLicense, LicenseRecord, Registry
from license_vault.vault import OFD, PDF

if TYPE_CHECKING:
    from api.services import Services
    from api.verification_question import VerificationQuestion

PRESENTED_FILE = "presented-file"
_IDENTIFIER = re.compile(r"[0-9A-Z.]{1,128}", re.ASCII)
_CHECK_CODE = re.compile(r"[0-9A-Z]{13}", re.ASCII)
_UNFINISHED = {LicenseStatus.ISSUING, LicenseStatus.VOID}


def look_up(
    services: Services, identifier: str, check_code: str, question: VerificationQuestion
) -> LicenseAnswer | dict[str, Any]:
    """Return the answer about the file that we keep of a license, or its issuing region does.

    The report alone, if that region did not hand it out.

    Raises:
        CheckCodeMismatchError: no such license, another check code, or none issued.
        NumberOfPartnerError, UseMissingError, ForbiddenError, PartnerRefusedError,
        PartnerAnswerError: as ``ask_issuer``.
    """
    number = identifier.strip().upper(), normalised(check_code)
    # A number and its code tell the state of a license, and never show its face.
    question = replace(question, wants_pictures=False)
    try:
        kept, record = _find(services, *number)
    except CheckCodeMismatchError:
        region = partner_of_number(services, number[0])
        if region is None or not _CHECK_CODE.fullmatch(number[1]):
            raise
        found = ask_issuer(services, region, number, question)
    else:
        data = LicenseOpener(services.vault).file(kept, _original(record))
        found = answer_to(services, data, question)
    if not isinstance(found, LicenseAnswer):
        return found
    found.shown["not_checked"] = [*found.shown["not_checked"], PRESENTED_FILE]
    return found


def _original(record: LicenseRecord) -> FormRecord:
    """Return the original form (原件), which is OFD; older licenses have a PDF only."""
    found = {form.form: form for form in record.forms}
    return found.get(OFD) or record.form(PDF)


def _find(services: Services, identifier: str, code: str) -> tuple[KeptLicense, LicenseRecord]:
    if not (_IDENTIFIER.fullmatch(identifier) and _CHECK_CODE.fullmatch(code)):
        raise CheckCodeMismatchError
    # The MAC is computed for unknown numbers too, so that time does not tell them apart.
    shown = services.macs.check_code(identifier, code)
    with services.database.reading() as session:
        registry = Registry(session)
        try:
            kept = registry.kept(identifier)
        except LicenseNotFoundError as error:
            raise CheckCodeMismatchError from error
        fits = hmac.compare_digest(shown, kept.check_code_mac)
        if not fits or kept.status in _UNFINISHED:
            raise CheckCodeMismatchError
        return kept, registry.get(identifier)
