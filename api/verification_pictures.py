"""Pictures beside a report: the page as uploaded, as sealed, and the seals from their structure.

Drawn in a process of its own, beside the verification and not before it. Nothing is kept.

"As sealed" is what the last seal reaches, where its digest holds. Where it does not, and the
license is ours, it is the page of the file on record, but only for whoever brings a file that
carries a seal of that very file: a number alone shows nobody what a license says.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from license_vault.errors import LicenseNotFoundError, LicenseVaultError
from license_vault.license import LicenseStatus
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import KeptLicense, LicenseRecord, Registry
from verification.errors import VerificationError
from verification.evidence import ReadFailure
from verification.judging import read_document_claims
from verification.parser_process import ParserPool
from verification.picturing import LIMITS, READER, PicturedFile

if TYPE_CHECKING:
    from api.services import Services
    from verification.evidence import Evidence
    from verification.report import VerificationReport

_AT_ONCE = 2
_BUSY = ReadFailure("busy", "")
# What they judge stands in the bytes that the seal is over.
_OF_THE_BYTES = ("references", "coverage", "integrity")
# What was appended to a PDF: up to the last seal it is still as sealed.
_APPENDED = frozenset({"later-change-not-allowed", "coverage-incomplete", "content-uncovered"})
_UNFINISHED = {LicenseStatus.ISSUING, LicenseStatus.VOID}

Pictured = PicturedFile | ReadFailure


class Pictures:
    """Draws files in processes that are started by the first that asks. Close it when done."""

    def __init__(self, require_isolation: bool) -> None:
        self._require_isolation = require_isolation
        self._lock = threading.Lock()
        self._pool: ParserPool | None = None
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pictures")

    def begin(self, data: bytes) -> Future[Pictured]:
        """Begin to draw a file; whatever goes wrong is a ReadFailure."""
        return self._threads.submit(self.draw, data)

    def draw(self, data: bytes) -> Pictured:
        """Return pictures of a file, or why there are none."""
        try:
            return self._children().ask(data, PicturedFile)
        except VerificationError:
            return _BUSY

    def close(self) -> None:
        """End threads and processes."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
        self._threads.shutdown(cancel_futures=True)

    def _children(self) -> ParserPool:
        with self._lock:
            if self._pool is None:
                self._pool = ParserPool(
                    1, LIMITS, require_isolation=self._require_isolation, reader=READER
                )
            return self._pool


def pictures_json(
    services: Services, report: VerificationReport, evidence: Evidence, drawn: Pictured
) -> dict[str, Any]:
    """Return the member "pictures" of a report; pictures are base64."""
    if isinstance(drawn, ReadFailure):
        return {"problem": drawn.code}
    on_record = _on_record(services, evidence)
    source, sealed = _as_sealed(services, report, drawn, on_record)
    same_file = on_record is not None and on_record.sm3 == evidence.document.sm3
    return {
        "problem": "",
        "pages": drawn.pages,
        "uploaded": _encoded(drawn.shown),
        "sealed": {"source": source, "shown": _encoded(sealed)},
        "same": sealed == drawn.shown if sealed else None,
        "on_record": same_file,
        "seals": [
            {"seal": each.seal, "source": each.source, "png": base64.b64encode(each.png).decode()}
            for each in drawn.seals
        ],
        "parts_missed": drawn.parts_missed,
    }


def _encoded(pictures: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in pictures]


class _Kept:
    """The file on record that an uploaded one says it is, and its digest (hex)."""

    def __init__(self, kept: KeptLicense, record: LicenseRecord, form: str) -> None:
        self._kept, self._form = kept, record.form(form)
        self.sm3 = self._form.stored_file.sm3.hex()

    def open(self, services: Services) -> bytes:
        return LicenseOpener(services.vault).file(self._kept, self._form)


def _on_record(services: Services, evidence: Evidence) -> _Kept | None:
    parsed = evidence.document.parsed
    claims = read_document_claims(parsed.claims if parsed else None).claims
    if claims is None:
        return None
    with services.database.reading() as session:
        registry = Registry(session)
        try:
            kept, record = registry.kept(claims.identifier), registry.get(claims.identifier)
            return (
                None if kept.status in _UNFINISHED else _Kept(kept, record, evidence.document.form)
            )
        except LicenseNotFoundError:
            return None


def _as_sealed(
    services: Services, report: VerificationReport, drawn: PicturedFile, on_record: _Kept | None
) -> tuple[str, tuple[bytes, ...]]:
    """Return where the page as sealed comes from, and its pictures: none, if nobody knows it."""
    if not drawn.seal_values:
        return "unsealed", ()
    broken = {
        check.code
        for check in report.checks
        if check.check in _OF_THE_BYTES and check.outcome.value in ("failed", "indeterminate")
    }
    if not broken - _APPENDED:
        return ("last-seal", drawn.sealed) if drawn.sealed else ("file", drawn.shown)
    return _of_record(services, drawn, on_record)


def _of_record(
    services: Services, drawn: PicturedFile, on_record: _Kept | None
) -> tuple[str, tuple[bytes, ...]]:
    """Draw the file on record, for a file that carries one of its seals."""
    if on_record is not None:
        try:
            kept = services.pictures.draw(on_record.open(services))
        except LicenseVaultError:
            return "unknown", ()
        if isinstance(kept, PicturedFile) and {*kept.seal_values} & {*drawn.seal_values}:
            return "on-record", kept.shown
    return "unknown", ()
