"""Pull what a partner publishes about sharing: its catalogue, its use list, its maps.

Each is a part of its own and fails by itself. A region that has published none is no failure; what
was taken in once stays until a newer version comes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from license_vault.errors import FieldInvalidError, RowConflictError
from license_vault.partners.errors import PullRefusedError
from license_vault.partners.reach import Reach
from license_vault.partners.services import PullServices
from license_vault.partners.states import Part, PartStates, PartStateWriter
from license_vault.sharing.errors import SharingDocumentRefusedError
from license_vault.sharing.publishing import Judge, take_in
from signing.errors import MalformedSharingDocumentError
from signing.sealed_json.sharing_document import SharingKind, read_sharing_document

SHARING: Final = "/v1/sharing"
KIND_OF: Final = {
    Part.SHARING_CATALOGUE: SharingKind.CATALOGUE,
    Part.USE_LIST: SharingKind.USE_LIST,
    Part.SHARING_MAPS: SharingKind.MAPS,
}
# That it cannot be known now is our own lists' age; everything else is the partner's doing.
_NOT_KNOWN: Final = "receipt-signer-unknown"
_BY: Final = "system"


class SharingPull:
    """Pulls one kind of document. May be used from many threads."""

    def __init__(self, services: PullServices, part: Part, judge: Judge) -> None:
        """Take what says why a document is not to be believed; ``part`` is one of ``KIND_OF``."""
        self._services = services
        self._part = part
        self._judge = judge

    def pull(self, reach: Reach) -> None:
        """Bring a partner's document to its newest.

        Raises:
            PullRefusedError: it cannot be had, or why it is not taken.
        """
        region, services, kind = reach.partner.region, self._services, KIND_OF[self._part]
        with services.database.reading() as session:
            etag = PartStates(session).etag(region, self._part)
        answer = reach.ask(f"{SHARING}/{kind.value}", etag=etag)
        if answer.status == HTTPStatus.NOT_FOUND or answer.is_unchanged:
            return
        if not answer.is_ok:
            raise PullRefusedError(f"status-{answer.status}")
        refused = self._refusal(region, kind, answer.body)
        if refused is not None:
            raise PullRefusedError(refused, alarming=refused != _NOT_KNOWN)
        self._take_in(region, answer.body, answer.etag)

    def _refusal(self, region: str, kind: SharingKind, file: bytes) -> str | None:
        """Say why a document is not this region's of this kind, before anything is written."""
        try:
            document = read_sharing_document(file).document
        except MalformedSharingDocumentError:
            return "sharing-malformed"
        if (document.region, document.kind) != (region, kind):
            return "another-document"
        return self._judge(file, region)

    def _take_in(self, region: str, file: bytes, etag: str | None) -> None:
        at = self._services.clock()
        try:
            with self._services.database.writing() as session:
                take_in(session, file, _believed, _BY, at)
                PartStateWriter(session).succeeded(region, self._part, at, etag)
        except FieldInvalidError as error:
            raise PullRefusedError("sharing-invalid", alarming=True) from error
        except SharingDocumentRefusedError as error:
            raise PullRefusedError(error.reason, alarming=True) from error
        except RowConflictError:
            return  # another node of ours took the same in at this moment


def _believed(file: bytes, region: str) -> None:
    """Stand in for the judge, who was asked outside the transaction."""
    del file, region
