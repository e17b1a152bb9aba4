"""The ranges are computed here again: a parser process in an attacker's hands gains nothing."""

from dataclasses import replace

import pytest
from mutants.world import World

from keys.sm3 import sm3
from verification.coverage import range_facts
from verification.evidence import ParsedDocument, ParsedSeal
from verification.reading import read_document
from verification.report import Verdict


def parsed_seal(world: World) -> ParsedSeal:
    parsed = read_document(world.sealed())
    assert isinstance(parsed, ParsedDocument)
    return parsed.seals[0]


def numbers_of(seal: ParsedSeal) -> tuple[int, ...]:
    assert seal.pdf is not None
    return seal.pdf.byte_range


def with_range(seal: ParsedSeal, numbers: tuple[int, ...]) -> ParsedSeal:
    assert seal.pdf is not None
    return replace(seal, pdf=replace(seal.pdf, byte_range=numbers))


def test_the_digests_are_those_of_the_bytes(world: World) -> None:
    data, seal = world.sealed(), parsed_seal(world)
    whole, (facts, same) = range_facts(data, [seal, seal])
    _, first, second, length = numbers_of(seal)
    assert whole == sm3(data).hex()
    assert facts.digest == same.digest == sm3(data[:first], data[second : second + length])
    assert range_facts(data, []) == (whole, ())


def test_the_ranges_of_a_sealed_document_reach_its_end(world: World) -> None:
    _, (facts,) = range_facts(world.sealed(), [parsed_seal(world)])
    assert facts.problem is None
    assert facts.reaches_end
    assert len(facts.digest) == 32


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda n: (), "not-four-numbers"),
        (lambda n: (*n, 0), "not-four-numbers"),
        (lambda n: (1, *n[1:]), "outside-the-document"),
        (lambda n: (0, -n[1], n[2], n[3]), "outside-the-document"),
        (lambda n: (0, n[2], n[1], n[3]), "outside-the-document"),
        (lambda n: (0, n[1], n[2], n[3] + 1), "outside-the-document"),
        (lambda n: (0, n[1], n[2], 0), "outside-the-document"),
        (lambda n: (0, n[1], n[2], -5), "outside-the-document"),
        (lambda n: (0, 10**30, n[2], n[3]), "outside-the-document"),
        (lambda n: (0, n[1] - 2, n[2], n[3]), "gap-is-not-the-value"),
        (lambda n: (0, n[1] + 2, n[2], n[3]), "gap-is-not-the-value"),
        (lambda n: (0, n[1], n[2] - 2, n[3]), "gap-is-not-the-value"),
        (lambda n: (0, n[1], n[1] + 1, n[3]), "gap-is-not-the-value"),
    ],
)
def test_other_ranges_have_a_problem_and_no_digest(world: World, change, problem: str) -> None:
    seal = parsed_seal(world)
    _, (facts,) = range_facts(world.sealed(), [with_range(seal, change(numbers_of(seal)))])
    assert facts.problem == problem
    assert facts.digest == b""


def test_another_value_than_the_one_in_the_gap_is_noticed(world: World) -> None:
    seal = parsed_seal(world)
    for value in (b"", seal.value[:-1] + b"\xff", seal.value + b"\x01"):
        _, (facts,) = range_facts(world.sealed(), [replace(seal, value=value)])
        assert facts.problem == "gap-is-not-the-value"


def test_mixed_hex_is_noticed(world: World) -> None:
    seal, data = parsed_seal(world), bytearray(world.sealed())
    at = next(i for i in range(numbers_of(seal)[1] + 1, len(data)) if chr(data[i]).isalpha())
    data[at] ^= 0x20
    _, (facts,) = range_facts(bytes(data), [seal])
    assert facts.problem == "gap-is-not-one-case-hex"


def test_a_lying_parser_process_cannot_make_an_altered_document_valid(world: World) -> None:
    """It answers for the genuine document whatever it is given."""
    genuine = read_document(world.sealed())
    altered = world.sealed().replace(b"595.276", b"595.277")
    assert altered != world.sealed()
    report = world.report(altered, parse=lambda _: genuine)
    assert report.verdict is Verdict.ALTERED
    assert "digest-mismatch" in report.codes


def test_a_lying_parser_process_cannot_pass_off_a_document_behind_a_genuine_one(
    world: World,
) -> None:
    genuine = read_document(world.sealed())
    report = world.report(world.sealed() + b"%evil", parse=lambda _: genuine)
    assert report.verdict is Verdict.ALTERED
    assert "coverage-incomplete" in report.codes
