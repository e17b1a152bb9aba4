"""Operations about files: hand one out, make a purpose-bound copy, say whether one is ours.

A file is handed out to who shows that its holder agreed: by the check code (查验码) that stands on
the license, or by a code that the holder presents. A copy is made for the asking organisation.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from keys.sm3 import sm3
from license_vault.check_code import normalised
from license_vault.copies.errors import CopyRefusedError
from license_vault.copies.making import CopyMaking, CopyOrder, CopyRequest
from license_vault.database.sessions import Reading
from license_vault.errors import LicenseNotFoundError
from license_vault.exchange.errors import ExchangeBodyError
from license_vault.exchange.operations import (
    Asked,
    Ground,
    Result,
    Seen,
    done,
    granted_license,
    granted_types,
    not_done,
    not_found,
    optional_text,
    require_members,
    text_in,
)
from license_vault.exchange.question import CHECK_FILE, COPY
from license_vault.holding.journal import DOWNLOADED, VERIFIED
from license_vault.license import LicenseStatus
from license_vault.presenting.errors import PresentationCodeError, PresentationUnknownError
from license_vault.presenting.resolution import Resolution
from license_vault.presenting.standing import standing_of
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import Holders
from license_vault.registry.records import FormRecord, LicenseRecord
from license_vault.registry.registry import KeptLicense, Registry
from license_vault.vault import FORMS, OFD, PDF
from signing.sealed_json.exchange import LARGEST_BYTES

_CHECK_CODE = re.compile(r"[0-9A-Z]{13}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NEVER_MADE = (LicenseStatus.ISSUING, LicenseStatus.VOID)
# As base64, with what stands around it, it must fit into an answer.
_LARGEST_FILE = LARGEST_BYTES * 3 // 4 - 64 * 1024
_LONGEST_USER, _LONGEST_PURPOSE, _LONGEST_ITEM = 50, 100, 50


class FileOperations:
    """Hands files to partners; made once, used by all threads."""

    def __init__(self, ground: Ground, copies: CopyMaking, resolution: Resolution) -> None:
        self._ground = ground
        self._copies = copies
        self._resolution = resolution

    def file(self, asked: Asked) -> Result:
        """Hand out a sealed file: by identifier and check code, or by a code that is presented.

        An unknown number and a wrong check code answer alike.

        Raises:
            AccessNotGrantedError: what is presented was not granted for the use.
        """
        if "code" in asked.body:
            return self._presented(asked)
        require_members(asked.body, ("identifier", "check_code"), ("form",))
        wanted = _form_in(asked.body)
        with self._ground.database.reading() as session:
            found = self._by_check_code(session, asked)
        return not_found() if found is None else self._handed_out(found, wanted)

    def copy(self, asked: Asked) -> Result:
        """Make a purpose-bound copy (加注件) for the asking organisation, by the check code.

        Raises:
            AccessNotGrantedError, NotSharedError: the use was not granted, or is not shared.
        """
        body, use = asked.body, asked.use
        require_members(body, ("identifier", "check_code", "until"))
        until = _day_in(body, "until")
        with self._ground.database.reading() as session:
            try:
                granted_license(session, self._ground, asked, COPY)
            except LicenseNotFoundError:
                return not_found()
            found = self._by_check_code(session, asked)
            if found is None:
                return not_found()
            record = found[0]
            holder = Holders(session).by_handle(record.holders[0])
            user = Authorities(session).get(asked.caller.organisation_code).name
        order = CopyOrder(
            user[:_LONGEST_USER],
            use.purpose[:_LONGEST_PURPOSE],
            use.item_name[:_LONGEST_ITEM],
            use.item_code[:_LONGEST_ITEM],
            until,
        )
        request = CopyRequest(record, holder, asked.caller.name, asked.mark)
        try:
            copied = self._copies.make(order, request)
        except CopyRefusedError as error:
            return not_done(error.reason)
        data = self._copies.file(copied.kept, holder)
        told = {"copy_id": copied.kept.copy_id, "expires_on": until.isoformat()}
        return done({**told, "form": PDF, "sm3": sm3(data).hex(), "file": _text(data)})

    def check_file(self, asked: Asked) -> Result:
        """Say whether a file, by its SM3, is one that was issued here, and of which license.

        Raises:
            AccessNotGrantedError, NotSharedError: it is, and the use was not granted, or is not
                shared.
        """
        require_members(asked.body, ("sm3",), ("file",))
        digest = text_in(asked.body, "sm3", 64)
        if not _DIGEST.fullmatch(digest):
            raise ExchangeBodyError("/sm3", "not-a-digest")
        if "file" in asked.body and sm3(_bytes_in(asked.body)).hex() != digest:
            return done({"result": "different"})
        with self._ground.database.reading() as session:
            record = Registry(session).by_file(bytes.fromhex(digest))
            if record is None or record.status in _NEVER_MADE:
                return done({"result": "unknown"})
            granted_types(session, self._ground, asked, CHECK_FILE, record.type_code)
            state = standing_of(session, record, asked.at).value
        form = next(form.form for form in record.forms if form.sm3.hex() == digest)
        body = {"result": "same", "identifier": record.identifier, "form": form, "state": state}
        return done(body, Seen(record, VERIFIED, (), "check-file"))

    def _presented(self, asked: Asked) -> Result:
        """Resolve a code that a holder presents, and hand out the license shown as a whole."""
        require_members(asked.body, ("code",), ("identifier", "form"))
        wanted, code = _form_in(asked.body), text_in(asked.body, "code", 512)
        try:
            resolved = self._resolution.resolve(code, asked.use, asked.caller, asked.mark)
            shown = [license_ for license_ in resolved.receipt.licenses if license_.files]
            identifier = optional_text(asked.body, "identifier", 128) or (
                shown[0].identifier if shown else ""
            )
            record = self._resolution.license_shown(
                resolved.presentation_id, identifier, asked.use.organisation
            )
        except PresentationCodeError as error:
            return not_done(f"code-{error.reason}")
        except PresentationUnknownError:
            return not_done("not-shown-as-a-whole")
        with self._ground.database.reading() as session:
            kept = Registry(session).kept(record.identifier)
        result = self._handed_out((record, kept), wanted)
        return replace(result, body={**result.body, "receipt": _text(resolved.file)})

    def _by_check_code(
        self, session: Reading, asked: Asked
    ) -> tuple[LicenseRecord, KeptLicense] | None:
        identifier = text_in(asked.body, "identifier", 128)
        code = normalised(text_in(asked.body, "check_code", 32))
        # Computed for unknown numbers too, so that time does not tell them apart.
        shown = self._ground.macs.check_code(identifier, code)
        try:
            kept = Registry(session).kept(identifier)
        except LicenseNotFoundError:
            return None
        fits = hmac.compare_digest(shown, kept.check_code_mac) and _CHECK_CODE.fullmatch(code)
        if not fits or kept.status in _NEVER_MADE:
            return None
        return Registry(session).get(identifier), kept

    def _handed_out(self, found: tuple[LicenseRecord, KeptLicense], wanted: str | None) -> Result:
        record, kept = found
        form = _wanted(record, wanted)
        if form is None:
            return not_done("form-not-available")
        if form.size_bytes > _LARGEST_FILE:
            return not_done("too-large")
        data = self._ground.opener.file(kept, form)
        body = {
            "identifier": record.identifier,
            "form": form.form,
            "media_type": form.media_type,
            "sm3": form.sm3.hex(),
            "file": _text(data),
        }
        return done(body, Seen(record, DOWNLOADED, (), form.form))


def _wanted(record: LicenseRecord, form: str | None) -> FormRecord | None:
    """Return the form that is wanted; if none is named the original (原件), OFD, before PDF."""
    found = {kept.form: kept for kept in record.forms}
    if form is not None:
        return found.get(form)
    return found.get(OFD) or found.get(PDF)


def _form_in(body: Mapping[str, Any]) -> str | None:
    form = optional_text(body, "form", 8)
    if form is not None and form not in FORMS:
        raise ExchangeBodyError("/form", "not-a-choice")
    return form


def _day_in(body: Mapping[str, Any], name: str) -> date:
    text = text_in(body, name, 10)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ExchangeBodyError(f"/{name}", "not-a-day") from error


def _bytes_in(body: Mapping[str, Any]) -> bytes:
    text = body["file"]
    if not isinstance(text, str):
        raise ExchangeBodyError("/file", "not-base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ExchangeBodyError("/file", "not-base64") from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
