"""What the routes and background tasks about figures stand on: the canary, and who judges it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from license_vault.figures.canary import Canary, CanaryServices, CanaryTools
from verification.errors import VerificationError
from verification.policy import load_policy
from verification.report import Outcome, Verdict

if TYPE_CHECKING:
    from license_vault.clock import Clock
    from license_vault.copies.drawing import CopyDrawing
    from license_vault.database.sessions import Database
    from license_vault.library_signature import LibrarySigner
    from verification.verifier import Verifier


def canary_of(
    database: Database,
    drawing: CopyDrawing,
    signer: LibrarySigner,
    verifier: Verifier,
    ground: tuple[Clock, Callable[[int], bytes]],
) -> Canary:
    """Return the canary of a node; ``ground`` gives instants and random bytes."""
    at, random_bytes = ground
    tools = CanaryTools(drawing, signer, judgement_of(verifier))
    return Canary(CanaryServices(database, tools, at, time.monotonic, random_bytes))


def judgement_of(verifier: Verifier) -> Callable[[bytes], tuple[str, ...]]:
    """Return what says why a canary's document is not good.

    It is a copy of nothing, so that no list has its state: the policy skips that and asks all else.
    """
    strict = verifier.under(load_policy("final_check"))

    def judge(document: bytes) -> tuple[str, ...]:
        try:
            report = strict.verify(document)
        except VerificationError as error:
            return (type(error).__name__,)
        if report.verdict is Verdict.VALID_COPY:
            return ()
        wrong = {Outcome.FAILED, Outcome.INDETERMINATE}
        codes = tuple(line.code for line in report.checks if line.outcome in wrong)
        return codes or (report.verdict.value,)

    return judge
