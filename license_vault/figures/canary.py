"""The canary (巡检): a document of no meaning, signed and verified every few minutes.

It takes the way of every document: drawn by the press, signed with the library's live key and
time-stamped, read in the parser's process, judged by what is trusted now. It is a copy of nothing,
bears no authority's seal, is kept nowhere and says so on its face. What does not work is found
before a license is lost to it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import TypeVar

import pikepdf

from keys.errors import KeyCustodyError
from license_vault.clock import Clock, civil_date
from license_vault.copies.drawing import CopyDrawing
from license_vault.database.sessions import Database
from license_vault.errors import LicenseVaultError
from license_vault.figures.canary_runs import CanaryRun, CanaryRunWriter
from license_vault.library_signature import LibrarySigner
from license_vault.registry.holders import new_handle
from signing.errors import SigningError
from signing.millimetres import POINTS_PER_MM
from signing.pdf.library_signature import sign_for_library
from signing.sealed_json.copy_record import CopyParent, CopyRecord

SEAL, VERIFY = "seal", "verify"
EVERY = timedelta(minutes=5)
_LIVES = timedelta(minutes=10)
# In place of identifier and codes: nothing is ever found under it.
_NOTHING = "canary"
_A7_MM = (74.0, 105.0)
_LONGEST_REASON = 200
T = TypeVar("T")
_log = logging.getLogger("license_vault.canary")


@dataclass(frozen=True, slots=True)
class CanaryTools:
    """What makes and judges documents; ``judge`` returns why one is not good, empty: it is."""

    drawing: CopyDrawing
    signer: LibrarySigner
    judge: Callable[[bytes], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CanaryServices:
    """What it is made with; ``stopwatch`` gives seconds that only ever grow."""

    database: Database
    tools: CanaryTools
    clock: Clock
    stopwatch: Callable[[], float]
    random_bytes: Callable[[int], bytes]


class Canary:
    """Runs the canary; made once for a node."""

    def __init__(self, services: CanaryServices) -> None:
        self._services = services

    def run(self) -> CanaryRun:
        """Seal, verify, and keep how that went; a failure is kept too, never raised."""
        began_at, steps = self._services.clock(), _Steps(self._services.stopwatch)
        document = steps.take(SEAL, lambda: self._sealed(began_at))
        if document is not None:
            steps.take(VERIFY, lambda: self._verified(document))
        run = CanaryRun(
            began_at,
            steps.failed_step,
            steps.reason[:_LONGEST_REASON],
            steps.milliseconds.get(SEAL, 0),
            steps.milliseconds.get(VERIFY, 0),
        )
        if not run.has_passed:
            fields = {"step": run.failed_step, "reason": run.reason}
            _log.critical("the canary failed", extra={"fields": fields})
        with self._services.database.writing() as session:
            CanaryRunWriter(session).add(run)
        return run

    def _sealed(self, at: datetime) -> bytes:
        tools, signer = self._services.tools, self._services.tools.signer
        record = _record(new_handle(self._services.random_bytes), at)
        drawn = tools.drawing.draw(_blank_page(), record)
        return sign_for_library(drawn, signer.identity, signer.sign, signer.timestamper, at)

    def _verified(self, document: bytes) -> bool:
        if codes := self._services.tools.judge(document):
            raise _NotGoodError(codes)
        return True


class _NotGoodError(Exception):
    """The verifier found something."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(" ".join(codes))


class _Steps:
    """Steps of a run: how long each took, and at which it stopped why."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self.milliseconds: dict[str, int] = {}
        self.failed_step = self.reason = ""

    def take(self, step: str, do: Callable[[], T]) -> T | None:
        """Do a step; None if it failed."""
        began = self._stopwatch()
        try:
            return do()
        except _NotGoodError as error:
            self._failed(step, str(error))
        except (LicenseVaultError, KeyCustodyError, SigningError, OSError) as error:
            self._failed(step, type(error).__name__)
        finally:
            self.milliseconds[step] = round((self._stopwatch() - began) * 1000)
        return None

    def _failed(self, step: str, reason: str) -> None:
        self.failed_step, self.reason = step, reason


def _record(handle: str, at: datetime) -> CopyRecord:
    return CopyRecord(
        copy_id=handle,
        created_at=at,
        expires_at=at + _LIVES,
        creator="证照库巡检",
        user="证照库",
        item_name="",
        item_code="",
        purpose="巡检，无任何效力",
        parent=CopyParent(
            identifier=_NOTHING,
            content_id="0" * 64,
            type_code=_NOTHING,
            type_name="巡检件",
            authority_code=_NOTHING,
            authority_name="证照库",
            valid_from=civil_date(at),
            valid_until=civil_date(at),
            status_uri=_NOTHING,
            status_index=0,
        ),
    )


def _blank_page() -> bytes:
    width, height = (side * POINTS_PER_MM for side in _A7_MM)
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(width, height))
        pdf.save(out)
    return out.getvalue()
