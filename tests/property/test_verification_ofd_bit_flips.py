"""Flip any bit of a sealed OFD, of one of its signed entries, of a JSON or a seal: never valid.

In the value of the seal (SignedValue.dat) any flip is ``altered``: the seal is there, and wrong.
One thing a flip may do to a package: give another compressed stream of the very same bytes (a few
of 68,000 do: two distances that reach the same text). Every entry is then as it was sealed, so
nothing is altered; what zlib may make of the same bytes differs between its versions.
"""

from collections.abc import Mapping

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants.ofd_world import DESCRIPTION, SEAL_FILE, VALUE, packed, unpacked
from mutants.world import World

from signing.errors import UnreadableDocumentError
from signing.ofd.package import open_package
from signing.ofd.zip import read_entries
from verification.errors import NotALicenseFileError
from verification.report import Verdict

WORLD = World()
OFD, JSON, SEAL = WORLD.sealed_ofd(), WORLD.sealed_json(), WORLD.seal.ses
ENTRIES: Mapping[str, bytes] = unpacked(OFD)
VERIFIER = WORLD.verifier()
STREAMS = [(entry.start, entry.end) for entry in read_entries(OFD, 100)]
NEVER = (Verdict.VALID, Verdict.NOT_IN_FORCE)
SIGNED = (DESCRIPTION, VALUE, SEAL_FILE)


def flipped(data: bytes, bit: int) -> bytes:
    made = bytearray(data)
    made[bit // 8] ^= 1 << bit % 8
    return bytes(made)


def verdict_of(data: bytes) -> Verdict | None:
    try:
        return VERIFIER.verify(data).verdict
    except NotALicenseFileError:
        return None  # a bit of the first bytes


def is_the_same(data: bytes) -> bool:
    """Whether every entry has the bytes that were sealed, and only a compressed stream differs."""
    try:
        package = open_package(data)
    except UnreadableDocumentError:
        return False
    found = {name.removeprefix("/"): package.read(name) for name in package.names}
    return found == ENTRIES and without_streams(data) == without_streams(OFD)


def without_streams(data: bytes) -> bytes:
    rest, at = [], 0
    for start, end in STREAMS:
        rest.append(data[at:start])
        at = end
    return b"".join((*rest, data[at:]))


def in_a_stream(bit: int) -> bool:
    return any(start <= bit // 8 < end for start, end in STREAMS)


def verdict_with(name: str, bit: int) -> Verdict | None:
    return verdict_of(packed({**ENTRIES, name: flipped(ENTRIES[name], bit)}))


@given(st.integers(0, len(OFD) * 8 - 1))
@settings(max_examples=examples(300), deadline=None)
def test_a_package_with_one_bit_flipped_is_never_valid(bit: int) -> None:
    data = flipped(OFD, bit)
    assert verdict_of(data) not in NEVER or is_the_same(data)


@given(st.sampled_from([bit for bit in range(len(OFD) * 8) if not in_a_stream(bit)]))
@settings(max_examples=examples(300), deadline=None)
def test_nothing_around_the_entries_is_free(bit: int) -> None:
    assert verdict_of(flipped(OFD, bit)) not in NEVER


def test_the_spare_bits_behind_a_stream_are_not_free() -> None:
    for _, end in STREAMS:
        assert verdict_of(flipped(OFD, end * 8 - 1)) not in NEVER


@given(st.integers(0, len(ENTRIES[VALUE]) * 8 - 1))
@settings(max_examples=examples(300), deadline=None)
def test_a_value_with_one_bit_flipped_is_altered(bit: int) -> None:
    assert verdict_with(VALUE, bit) is Verdict.ALTERED


@pytest.mark.parametrize("name", sorted(ENTRIES))
@given(data=st.data())
@settings(max_examples=examples(30), deadline=None)
def test_an_entry_with_one_bit_flipped_is_never_valid(name: str, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(ENTRIES[name]) * 8 - 1))
    assert verdict_with(name, bit) not in NEVER


@given(st.integers(0, len(JSON) * 8 - 1))
@settings(max_examples=examples(200), deadline=None)
def test_a_sealed_json_with_one_bit_flipped_is_never_valid(bit: int) -> None:
    assert verdict_of(flipped(JSON, bit)) not in NEVER


@given(st.integers(0, len(SEAL) * 8 - 1))
@settings(max_examples=examples(200), deadline=None)
def test_a_seal_with_one_bit_flipped_is_never_valid(bit: int) -> None:
    assert verdict_of(flipped(SEAL, bit)) not in NEVER


@given(st.integers(0, len(OFD) - 1), st.integers(0, len(OFD)))
@settings(max_examples=examples(100), deadline=None)
def test_a_package_with_a_part_cut_out_is_never_valid(start: int, end: int) -> None:
    data = OFD[: min(start, end)] + OFD[max(start, end) :]
    if data not in (OFD, b""):
        assert verdict_of(data) not in NEVER


@pytest.mark.slow
@pytest.mark.parametrize("name", SIGNED)
def test_every_bit_of_what_is_signed(name: str) -> None:
    wanted = {Verdict.ALTERED} if name == VALUE else set(Verdict) - set(NEVER)
    # With its verdict and the bytes: keys are new in every run, so it comes once.
    wrong = [
        (bit, verdict, ENTRIES[name])
        for bit in range(len(ENTRIES[name]) * 8)
        if (verdict := verdict_with(name, bit)) not in wanted
    ]
    assert wrong == []


@pytest.mark.slow
def test_every_bit_of_the_package() -> None:
    valid = [bit for bit in range(len(OFD) * 8) if verdict_of(flipped(OFD, bit)) in NEVER]
    assert [bit for bit in valid if not is_the_same(flipped(OFD, bit))] == []
    assert len(valid) < 50


@pytest.mark.slow
def test_every_bit_of_json_and_seal() -> None:
    for data in (JSON, SEAL):
        wrong = [bit for bit in range(len(data) * 8) if verdict_of(flipped(data, bit)) in NEVER]
        assert wrong == []
