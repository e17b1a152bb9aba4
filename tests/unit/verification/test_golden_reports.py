"""Evidence on file → the report on file: a changed judgement shows as a difference to review.

Written anew by ``python tests/unit/verification/test_golden_reports.py`` (only when evidence
itself changes its form; then read the difference).
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "goldens"
if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[3])]

from mutants.world import World, content, draw  # noqa: E402
from pki import NOW  # noqa: E402

from license_vault.license import LicenseStatus  # noqa: E402
from verification.evidence import Evidence, ReadFailure  # noqa: E402
from verification.evidence_json import from_json_text, to_json_text  # noqa: E402
from verification.judging import judge  # noqa: E402
from verification.policy import load_policy  # noqa: E402

NAMES = sorted(path.name.split(".")[0] for path in FOLDER.glob("*.evidence.json"))


def report_text(evidence: Evidence) -> str:
    report = judge(evidence, load_policy("default"), NOW, NOW).to_json()
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_on_file_gives_the_report_on_file(name: str) -> None:
    evidence = from_json_text(Evidence, (FOLDER / f"{name}.evidence.json").read_text("utf-8"))
    assert report_text(evidence) == (FOLDER / f"{name}.report.json").read_text("utf-8")


def test_there_is_a_golden_report_for_every_verdict() -> None:
    reports = [json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.report.json")]
    assert {report["verdict"] for report in reports} == {
        "valid", "not_in_force", "indeterminate", "altered", "untrusted", "unsealed",
    }  # fmt: skip


def write_goldens() -> None:
    world = World()
    stale = world.pki.revocation_lists(NOW - timedelta(days=9), NOW - timedelta(days=2))
    made = {
        "valid": world.evidence(),
        "cancelled": world.evidence(status=world.status(LicenseStatus.CANCELLED)),
        "stale-lists": world.evidence(trust=world.trust(revocation_lists=stale)),
        "altered": world.evidence(world.sealed().replace(b"595.276", b"595.277")),
        "owner-not-listed": world.evidence(trust=world.trust(authority=None)),
        "unsealed": world.evidence(draw(content())),
        "reader-timeout": world.evidence(parse=lambda _: ReadFailure("reader-timeout", "")),
    }
    FOLDER.mkdir(exist_ok=True)
    for name, evidence in made.items():
        (FOLDER / f"{name}.evidence.json").write_text(to_json_text(evidence) + "\n", "utf-8")
        (FOLDER / f"{name}.report.json").write_text(report_text(evidence), "utf-8")


if __name__ == "__main__":
    write_goldens()
