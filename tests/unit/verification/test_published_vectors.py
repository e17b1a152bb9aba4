"""The published set of seals and mutants (tests/vectors/seals), as anybody may use it.

With the trust bundle beside it and at the time it names, every file gives the verdict and the
reasons of the index; and it still does years later, asked about that time.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mutants.mutant import Reason, reasons_of
from mutants.publish import MOST_BYTES, SCHEMA

from signing.trust_bundle import read_trust_bundle
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

FOLDER = Path(__file__).parents[2] / "vectors/seals"
INDEX = json.loads((FOLDER / "index.json").read_text("utf-8"))
VERIFY_AT = datetime.fromisoformat(INDEX["verify_at"])
YEARS_LATER = datetime(2033, 5, 4, tzinfo=UTC)
SOURCES = bundle_sources(read_trust_bundle((FOLDER / INDEX["trust_bundle"]).read_bytes()))
ENTRIES = [*INDEX["originals"], *INDEX["mutants"]]
# The version and the lengths before a private number, in PKCS#8 and SEC 1.
PRIVATE_KEY = bytes.fromhex("0201010420")


@pytest.mark.parametrize("clock", [VERIFY_AT, YEARS_LATER], ids=["then", "years-later"])
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_every_file_gives_its_verdict_and_its_reasons(entry: dict[str, Any], clock) -> None:
    policy = load_policy(entry.get("policy", "default"))
    verifier = Verifier(SOURCES, read_document, policy, lambda: clock)
    report = verifier.verify((FOLDER / entry["file"]).read_bytes(), VERIFY_AT)
    assert report.verdict == entry["verdict"]
    wanted = {Reason(**reason) for reason in entry.get("reasons", ())}
    assert wanted <= reasons_of(report)
    if entry["family"] != "originals":
        assert report.verdict is not Verdict.VALID
        assert wanted


def test_the_index_names_every_file_once() -> None:
    named = [entry["file"] for entry in ENTRIES]
    folders = {name.partition("/")[0] for name in named}
    found = {
        path.relative_to(FOLDER).as_posix()
        for folder in folders
        for path in (FOLDER / folder).iterdir()
    }
    assert len(set(named)) == len(named)
    assert set(named) == found
    assert INDEX["schema"] == SCHEMA
    assert INDEX["licence"] == "Apache-2.0"


def test_the_set_is_small_and_holds_no_private_key() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    for path in files:
        assert PRIVATE_KEY not in path.read_bytes()
        assert b"PRIVATE KEY" not in path.read_bytes()
