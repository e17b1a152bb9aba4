"""Files given together: each has its own report; do they say the same?

No sealed file names the digest of another, so that two are twins is said only of files at hand:
their claims are the same bytes, to which each file has been held. A manifest of the library, where
one is given too, says whether they are the very files that it issued.

Source: decision 3 and ADR 0036.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from verification.explanations import Sentence
from verification.manifest_judgement import ManifestReport
from verification.report import Verdict, VerificationReport

SCHEMA = "license-vault/together/1"
_SAME = Sentence(
    "这些文件是同一份证照：照面数据相同。", "The files are one license: they carry the same claims."
)
# Whoever is not trusted may have written them all: no license is spoken of.
_SAME_CLAIMS = Sentence("这些文件的照面数据相同。", "The files carry the same claims.")
_DIFFERENT = Sentence(
    "这些文件不是同一份证照：照面数据不同。",
    "The files are not one license: their claims differ.",
)
_UNKNOWN = Sentence(
    "无法比较：有文件的照面数据不可用。",
    "They cannot be compared: the claims of a file cannot be used.",
)
_ALONE = Sentence("没有可以比较的文件。", "There are no files to compare.")


@dataclass(frozen=True, slots=True)
class TogetherReport:
    """The reports of files given together; ``same_content`` is nothing where it is not known."""

    reports: tuple[VerificationReport, ...]
    same_content: bool | None
    sentence: Sentence
    manifests: tuple[ManifestReport, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the whole as JSON values, license-vault/together/1."""
        return {
            "schema": SCHEMA,
            "reports": [report.to_json() for report in self.reports],
            "same_content": self.same_content,
            "sentence": self.sentence.to_json(),
            "manifests": [manifest.to_json() for manifest in self.manifests],
        }


def compare(
    reports: Sequence[VerificationReport | None], manifests: tuple[ManifestReport, ...]
) -> TogetherReport:
    """Return the report about files given together.

    Args:
        reports: one a file; nothing for a file that was refused.
    """
    judged = tuple(report for report in reports if report is not None)
    contents = [None if report is None else report.content_id for report in reports]
    same, sentence = _same(contents)
    if same and any(report.verdict is Verdict.UNTRUSTED for report in judged):
        sentence = _SAME_CLAIMS
    return TogetherReport(judged, same, sentence, manifests)


def _same(contents: Sequence[str | None]) -> tuple[bool | None, Sentence]:
    """Two that differ settle it; one that is not known leaves it open."""
    if len(contents) < 2:
        return None, _ALONE
    if len(set(contents) - {None}) > 1:
        return False, _DIFFERENT
    return (None, _UNKNOWN) if None in contents else (True, _SAME)
