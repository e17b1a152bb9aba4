"""How far an adopted file can be trusted, from what our verifier says of it (docs/adr/0044)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from license_vault.bulk.errors import JudgeUnavailableError, RowRefusedError
from license_vault.bulk.judgement import FileJudgement, Judge, TrustLevel
from verification.errors import (
    ParserUnavailableError,
    VerificationRefusedError,
    VerifierBusyError,
)
from verification.report import Check, Outcome, Verdict, VerificationReport

if TYPE_CHECKING:
    from verification.verifier import Verifier

# What may be unknown of a file whose seal, sealing time and issuer all passed.
_BESIDE_THE_SEAL: Final = frozenset({"content", "status"})
_NOT_PASSED: Final = frozenset({Outcome.FAILED, Outcome.INDETERMINATE})


def judge_by(verifier: Verifier) -> Judge:
    """Return what judges files for adoption."""

    def judge(data: bytes) -> FileJudgement:
        try:
            report = verifier.verify(data)
        except (VerifierBusyError, ParserUnavailableError) as error:
            raise JudgeUnavailableError(type(error).__name__) from error
        except VerificationRefusedError as error:
            raise RowRefusedError("file-unreadable", "/file") from error
        return FileJudgement(
            form=report.document.form,
            verdict=report.verdict.value,
            trust_level=trust_level(report),
            codes=tuple(sorted({line.code for line in _not_passed(report)})),
            identifier=report.license.identifier if report.license else "",
        )

    return judge


def trust_level(report: VerificationReport) -> TrustLevel | None:
    """Return the grade of a file that was verified; None: it was altered."""
    match report.verdict:
        case Verdict.ALTERED:
            return None
        case Verdict.UNSEALED:
            return TrustLevel.D
        case Verdict.UNTRUSTED:
            return TrustLevel.C
        case Verdict.INDETERMINATE:
            beside = {line.check for line in _not_passed(report)} <= _BESIDE_THE_SEAL
            return TrustLevel.B if beside else TrustLevel.C
        case _:
            return TrustLevel.B if report.marks else TrustLevel.A


def _not_passed(report: VerificationReport) -> tuple[Check, ...]:
    return tuple(line for line in report.checks if line.outcome in _NOT_PASSED)
