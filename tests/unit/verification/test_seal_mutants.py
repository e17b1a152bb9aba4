"""Mutants of packages, seals, CMS and SM2 values, made new: never valid, each with its reason.

The published set (tests/vectors/seals) is made by the same generators; here they run again, with
other keys, and must say the same of every file.
"""

import json
from collections import Counter
from pathlib import Path

import pytest
from mutants.families import families, originals
from mutants.mutant import Mutant, reasons_of
from mutants.publish import expectation
from mutants.vector_world import VERIFY_AT, VectorWorld

from signing.trust_bundle import read_trust_bundle
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict, VerificationReport
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

INDEX = json.loads((Path(__file__).parents[2] / "vectors/seals/index.json").read_text("utf-8"))
FAMILIES = ("package", "ses", "cms", "sm2")


@pytest.fixture(scope="module")
def vectors() -> VectorWorld:
    return VectorWorld()


@pytest.fixture(scope="module")
def made(vectors: VectorWorld) -> dict[str, tuple[Mutant, ...]]:
    return families(vectors)


def judged(vectors: VectorWorld, mutant: Mutant) -> VerificationReport:
    sources = bundle_sources(read_trust_bundle(vectors.bundle))
    policy = load_policy(mutant.policy)
    return Verifier(sources, read_document, policy, lambda: VERIFY_AT).verify(mutant.data)


def test_what_the_mutants_are_made_of_is_as_it_should_be(vectors: VectorWorld) -> None:
    for original in originals(vectors):
        report = judged(vectors, original)
        assert report.verdict == original.verdict, original.name
        assert reasons_of(report) == set(original.reasons), original.name


@pytest.mark.parametrize("family", FAMILIES)
def test_no_mutant_is_valid_and_each_has_its_reason(vectors, made, family: str) -> None:
    for mutant in made[family]:
        report = judged(vectors, mutant)
        assert report.verdict is not Verdict.VALID, mutant.name
        assert report.verdict == mutant.verdict, mutant.name
        assert set(mutant.reasons) <= reasons_of(report), (mutant.name, reasons_of(report))


@pytest.mark.parametrize("family", FAMILIES)
def test_no_two_mutants_of_a_form_share_their_reason(made, family: str) -> None:
    given = Counter((mutant.form, frozenset(mutant.reasons)) for mutant in made[family])
    assert [key for key, count in given.items() if count > 1] == []
    assert all(mutant.reasons for mutant in made[family])


def test_there_are_as_many_as_promised(made) -> None:
    assert len(made["package"]) >= 40
    assert len(made["ses"]) >= 40
    assert len(made["cms"]) >= 30
    assert Counter(mutant.attack for mutant in made["sm2"])["C5"] == 24
    attacks = {mutant.attack for found in made.values() for mutant in found}
    assert attacks == {*(f"C{n}" for n in range(1, 8)), *(f"O{n}" for n in range(1, 9))}


def test_the_published_set_says_of_each_what_the_generator_says(made) -> None:
    said = {entry["id"]: entry for entry in INDEX["mutants"]}
    for family, found in made.items():
        for mutant in found:
            wanted = expectation(family, mutant)
            entry = said.pop(wanted["id"])
            assert {key: entry[key] for key in wanted} == wanted
            assert entry.keys() - wanted.keys() == {"file"}
    assert said == {}
