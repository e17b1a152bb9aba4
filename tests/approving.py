"""Officers with keys of their own, who sign approvals of requests."""

import base64
from datetime import datetime, timedelta
from typing import Any

from pki import OWNER_CODE, Period, Pki

from keys import certificate_authority
from keys.certificate_authority import Subject
from keys.provider import KeyProvider
from license_vault.approvals.approvals import ApprovedCase, approval_bytes
from license_vault.approvals.items import ApprovalItem, ApprovalItemWriter, ApprovalMode
from license_vault.approvals.officers import Officer, OfficerWriter
from license_vault.database.sessions import Database
from license_vault.issuing.license_request import request_digest


class Approvers:
    """The officers of one authority and the items they decide; certificates last a year."""

    def __init__(self, database: Database, keys: KeyProvider, now: datetime) -> None:
        self._database = database
        self._keys = keys
        self._now = now
        self._pki = Pki()

    def add_item(self, code: str, mode: ApprovalMode) -> str:
        """Register an item."""
        with self._database.writing() as session:
            ApprovalItemWriter(session).add(ApprovalItem(code, "事项", mode), "tests", self._now)
        return code

    def add_officer(self, name: str, organisation: str = OWNER_CODE) -> None:
        """Take an officer in, with a certificate of the own key."""
        period = Period(self._now - timedelta(days=1), self._now + timedelta(days=365))
        der = self._pki.certify(
            f"officer/{name}", certificate_authority.SEAL, Subject(name), "ca/seal", period
        )
        with self._database.writing() as session:
            writer = OfficerWriter(session, self._keys)
            writer.add(Officer(name, organisation, der), "tests", self._now)

    def approval(
        self, body: dict[str, Any], name: str, step: str, at: datetime | None = None
    ) -> dict[str, str]:
        """What an officer's signature over a request looks like in it."""
        rest = {key: value for key, value in body.items() if key != "approvals"}
        case = ApprovedCase(body["case_number"], body["item_code"], request_digest(rest))
        return self.signed(case, name, step, at)

    def signed(
        self, case: ApprovedCase, name: str, step: str, at: datetime | None = None
    ) -> dict[str, str]:
        """What an officer's signature over a case looks like in a request."""
        at = at or self._now
        signature = self._pki.keys.sign(f"officer/{name}", approval_bytes(case, step, name, at))
        return {
            "officer_id": name,
            "step": step,
            "signed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "signature": base64.b64encode(signature).decode(),
        }

    def sign(self, name: str, message: bytes) -> bytes:
        """What an officer's signing tool makes of bytes."""
        return self._pki.keys.sign(f"officer/{name}", message)

    def private_key_pem(self, name: str) -> str:
        """The officer's key as a file, unencrypted."""
        encoded = base64.encodebytes(self._pki.keys.pkcs8(f"officer/{name}")).decode()
        return f"-----BEGIN PRIVATE KEY-----\n{encoded}-----END PRIVATE KEY-----\n"

    def approved(self, body: dict[str, Any], *who: tuple[str, str]) -> dict[str, Any]:
        """A request with the approvals of officers: (name, step) each."""
        return {**body, "approvals": [self.approval(body, name, step) for name, step in who]}
