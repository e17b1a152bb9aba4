"""Evidence on file → the report on file: a changed judgement shows as a difference to review.

``python tests/unit/verification/test_golden_reports.py`` writes those that are not on file yet.
When evidence changes its form, change the files by a program that keeps every value, so that old
evidence goes on giving its report; then read the difference.
"""

import json
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "goldens"
if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[3])]

from mutants.ofd_signing import (  # noqa: E402
    Description,
    gm_attributes,
    gm_value,
    signed_entries,
)
from mutants.ofd_world import CLAIMS, PAGE, packed, unpacked  # noqa: E402
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
    entries = unpacked(world.sealed_ofd())
    altered = packed(entries | {PAGE: entries[PAGE] + b" "})
    added = packed(entries | {"Doc_0/Res/more.png": b"x"})
    foreign = signed_entries(
        {name: data for name, data in unpacked(world.drawn_ofd()).items() if name != CLAIMS},
        lambda description: gm_value(
            partial(world.pki.keys.sign, world.seal.key_label),
            (world.seal.certificate,),
            None,
            attributes=gm_attributes(description),
        ),
        Description(kind="Sign", stamped=False, covered=[PAGE]),
    )
    stale = world.pki.revocation_lists(NOW - timedelta(days=9), NOW - timedelta(days=2))
    made = {
        "valid": world.evidence(),
        "cancelled": world.evidence(status=world.status(LicenseStatus.CANCELLED)),
        "stale-lists": world.evidence(trust=world.trust(revocation_lists=stale)),
        "altered": world.evidence(world.sealed().replace(b"595.276", b"595.277")),
        "owner-not-listed": world.evidence(trust=world.trust(authority=None)),
        "unsealed": world.evidence(draw(content())),
        "ofd-valid": world.evidence(world.sealed_ofd()),
        "ofd-altered": world.evidence(altered),
        "ofd-entry-added": world.evidence(added),
        "ofd-maker-not-named": world.evidence(world.sealed_ofd(), trust=world.trust(signers=())),
        "ofd-of-others-uncovered": world.evidence(packed(foreign)),
        "json-valid": world.evidence(world.sealed_json()),
        "seal-file": world.evidence(world.seal.ses),
        "reader-timeout": world.evidence(parse=lambda _: ReadFailure("reader-timeout", "")),
    }
    FOLDER.mkdir(exist_ok=True)
    for name, evidence in made.items():
        if name in NAMES:
            continue
        (FOLDER / f"{name}.evidence.json").write_text(to_json_text(evidence) + "\n", "utf-8")
        (FOLDER / f"{name}.report.json").write_text(report_text(evidence), "utf-8")


if __name__ == "__main__":
    write_goldens()
