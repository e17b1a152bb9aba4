"""Flip any bit of a sealed document and it is never valid; also in the hex of /Contents."""

from collections.abc import Iterator

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants.world import World

from verification.errors import NotALicenseFileError
from verification.report import Verdict

WORLD = World()
DATA = WORLD.sealed()
HOLE = DATA.rfind(b"/Contents <") + len(b"/Contents <")
HOLE_END = DATA.index(b">", HOLE)
VERIFIER = WORLD.verifier()
NEVER = (Verdict.VALID, Verdict.NOT_IN_FORCE)


def flipped(bit: int) -> bytes:
    data = bytearray(DATA)
    data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def verdict_of(bit: int) -> Verdict | None:
    try:
        return VERIFIER.verify(flipped(bit)).verdict
    except NotALicenseFileError:
        return None  # a bit of the first five bytes


@given(st.integers(0, len(DATA) * 8 - 1))
@settings(max_examples=examples(300), deadline=None)
def test_a_document_with_one_bit_flipped_is_never_valid(bit: int) -> None:
    assert verdict_of(bit) not in NEVER


@given(st.integers(HOLE * 8, HOLE_END * 8 - 1))
@settings(max_examples=examples(300), deadline=None)
def test_a_seal_with_one_bit_flipped_is_altered(bit: int) -> None:
    assert verdict_of(bit) is Verdict.ALTERED


@given(st.integers(0, len(DATA) - 1), st.integers(0, len(DATA)))
@settings(max_examples=examples(100), deadline=None)
def test_a_document_with_a_part_cut_out_is_never_valid(start: int, end: int) -> None:
    data = DATA[: min(start, end)] + DATA[max(start, end) :]
    if data == DATA or not data.startswith(b"%PDF-"):
        return
    assert VERIFIER.verify(data).verdict not in NEVER


def test_a_seal_that_no_longer_parses_is_altered_not_missing() -> None:
    # qpdf reads what follows a letter that is no hex as a number, here one beyond its range,
    # and drops the whole signature dictionary: the field is then there, and empty.
    end = HOLE + len(DATA[HOLE:HOLE_END].rstrip(b"0"))
    data = DATA[: end - 2] + b"G5" + DATA[end:]
    report = VERIFIER.verify(data)
    assert report.verdict is Verdict.ALTERED
    assert "seal-destroyed" in report.codes


def every_bit(start: int, end: int) -> Iterator[int]:
    return iter(range(start * 8, end * 8))


@pytest.mark.slow
def test_every_bit_of_the_seal() -> None:
    # With its verdict and the bytes around it: keys are new in every run, so it comes once.
    wrong = [
        (bit - HOLE * 8, verdict, DATA[HOLE:HOLE_END])
        for bit in every_bit(HOLE, HOLE_END)
        if (verdict := verdict_of(bit)) is not Verdict.ALTERED
    ]
    assert wrong == []


@pytest.mark.slow
def test_every_bit_of_the_document() -> None:
    wrong = [bit for bit in every_bit(0, len(DATA)) if verdict_of(bit) in NEVER]
    assert wrong == []
