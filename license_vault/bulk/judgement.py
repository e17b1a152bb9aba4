"""How far a file that was sealed elsewhere can be trusted: its grade, as values.

The vault never judges: a verifier does, which is handed in. What the grades mean is written in
docs/adr/0044.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class TrustLevel(StrEnum):
    """可信等级 of an adopted file.

    A: it verifies wholly here. B: seal and issuer do, something beside them is less than whole or
    not known. C: the seal is intact, its maker or issuer is not trusted here. D: nothing proves it.
    """

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class FileJudgement:
    """What the verifier said of a file; ``trust_level`` None: it was altered, and is not kept.

    ``form`` is what the file is ("pdf", "ofd"); ``codes`` are those of checks not passed;
    ``identifier`` is what its claims name it, "" if it has none that can be read.
    """

    form: str
    verdict: str
    trust_level: TrustLevel | None
    codes: tuple[str, ...]
    identifier: str = ""


Judge = Callable[[bytes], FileJudgement]
"""Judges a file.

Raises RowRefusedError "file-unreadable": it is of no form that is read.
"""
