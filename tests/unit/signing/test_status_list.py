"""The two signed files of a status list: packed, limited, read in one form only."""

import random
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from pki import NOW, STATUS_URI, Pki

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der, status_list
from signing.der import DerReader
from signing.errors import (
    MalformedStatusListError,
    StatusFilesConflictError,
    StatusIndexError,
)
from signing.status_file import read_file_head
from signing.status_list import StatusListContent, build_status_list, read_status_list
from signing.status_reasons import build_status_reasons, read_status_reasons, states_of

PKI = Pki()
CODES = bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 10, 11, 12, 13, 14, 15, 1])


def codes(number: int, seed: int = 1) -> bytes:
    return bytes(random.Random(seed).choices(range(16), k=number))


@pytest.mark.parametrize("states", [b"", *(CODES[:size] for size in (1, 2, 8, 9, 17)), codes(999)])
def test_every_state_comes_back_from_the_two_files(states: bytes) -> None:
    plane, reasons = PKI.status_files(states)
    found, why = read_status_list(plane), read_status_reasons(reasons)

    assert states_of(found, why) == states
    assert bytes(why.state_code(found, index) for index in range(len(states))) == states
    assert [found.in_force(i) for i in range(len(states))] == [c == 1 or c > 9 for c in states]
    assert (found.uri, found.sequence) == (STATUS_URI, 1)
    assert found.issued_at == NOW - timedelta(minutes=5)
    assert found.next_update == NOW + timedelta(days=1)
    assert found.head.states_sm3 == why.head.states_sm3 == sm3(states)


def test_the_signature_is_over_the_bytes_received() -> None:
    for encoded in PKI.status_files(CODES):
        head = read_file_head(encoded)
        assert head.der == encoded
        assert head.signer_certificate == PKI.status
        point = read_certificate(head.signer_certificate).public_point
        sm2.verify(point, head.tbs, head.signature)


@pytest.mark.parametrize("index", [-1, len(CODES), 1 << 40])
def test_an_index_beyond_the_list_is_named(index: int) -> None:
    plane, reasons = PKI.status_files(CODES)
    found = read_status_list(plane)
    with pytest.raises(StatusIndexError):
        found.in_force(index)
    with pytest.raises(StatusIndexError):
        read_status_reasons(reasons).state_code(found, index)


def test_a_hundred_thousand_states_are_small_to_carry() -> None:
    states = bytes(1 if number % 50 else 5 for number in range(100_000))

    assert sum(map(len, PKI.status_files(states))) < 4_000


def test_a_plane_of_random_bits_is_within_one_per_cent_of_what_it_says() -> None:
    states = bytes(random.Random(2).choices((1, 9), (3, 1), k=1 << 17))

    assert len(PKI.status_list(states)) < (1 << 17) / 8 * 0.8113 * 1.015 + 800


def test_files_of_two_publications_do_not_answer_together() -> None:
    plane, reasons = PKI.status_files(CODES)
    found = read_status_list(plane)
    for other, code in (
        (PKI.status_files(CODES, sequence=2)[1], "status-files-of-two-publications"),
        (PKI.status_files(CODES + b"\1")[1], "status-files-of-two-publications"),
        (PKI.status_files(CODES, uri="https://other.example/1")[1], "status-files-of-two-lists"),
    ):
        with pytest.raises(StatusFilesConflictError, match=code):
            read_status_reasons(other).state_code(found, 0)
    why = read_status_reasons(reasons)
    with pytest.raises(StatusFilesConflictError, match="count"):
        states_of(found, replace(why, reasons=why.reasons[1:]))
    with pytest.raises(StatusFilesConflictError, match="mark"):
        states_of(found, replace(why, marks={1: 12}))


def content(states: bytes = CODES, uri: str = STATUS_URI) -> StatusListContent:
    return StatusListContent(uri, 1, NOW, NOW + timedelta(days=1), states)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (content(bytes([16])), "status-list-code-unknown"),
        (content(uri=""), "status-list-too-large"),
        (content(uri="x" * 513), "status-list-too-large"),
        (content(bytes(4_000_001)), "status-list-too-large"),
    ],
    ids=["code", "no uri", "long uri", "too many"],
)
def test_what_nobody_could_read_is_not_built(wrong: StatusListContent, code: str) -> None:
    for build in (build_status_list, build_status_reasons):
        with pytest.raises(MalformedStatusListError, match=code):
            build(wrong, PKI.status, lambda _: b"")


HEAD = ("version", "kind", "uri", "sequence", "issued", "next", "length", "sm3")
OUTER = ("certificate", "algorithm", "signature")


def rebuilt(encoded: bytes, own: tuple[str, ...], **changes: bytes) -> bytes:
    """A file with some of its elements replaced; not signed again."""
    reader = DerReader(encoded).enter(der.SEQUENCE, "list")
    inner = reader.enter(der.SEQUENCE, "tbs")
    tbs = {name: inner.element(None, name) for name in (*HEAD, *own)}
    outer = {name: reader.element(None, name) for name in OUTER}
    tbs.update({name: value for name, value in changes.items() if name in tbs})
    outer.update({name: value for name, value in changes.items() if name in outer})
    extra = changes.get("extra", b"")
    return der.sequence(der.sequence(*tbs.values(), extra), *outer.values())


PLANE, REASONS = PKI.status_files(CODES)


def plane(**changes: bytes) -> bytes:
    return rebuilt(PLANE, ("plane",), **changes)


def reasons(**changes: bytes) -> bytes:
    return rebuilt(REASONS, ("count", "reasons", "marked", "marks"), **changes)


def packed(raw: bytes, extra: bytes = b"") -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return der.tlv(der.OCTET_STRING, stream.compress(raw) + stream.flush() + extra)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (plane(version=der.integer(1)), "status-list-version"),
        (plane(kind=der.integer(2)), "status-list-kind"),
        (plane(kind=der.integer(4)), "status-list-kind"),
        (plane(uri=der.tlv(der.UTF8_STRING, b"\xff")), "status-list-uri"),
        (plane(uri=der.tlv(der.UTF8_STRING, b"a\nb")), "status-list-uri"),
        (plane(sequence=der.integer(-1)), "status-list-out-of-range"),
        (plane(length=der.integer(1 << 60)), "status-list-out-of-range"),
        (plane(next=der.tlv(der.GENERALIZED_TIME, b"20200101000000Z")), "status-list-out-of-range"),
        (plane(next=der.tlv(der.GENERALIZED_TIME, b"tomorrow")), "status-list-time-malformed"),
        (plane(sm3=der.tlv(der.OCTET_STRING, bytes(31))), "status-list-digest"),
        (plane(algorithm=der.sequence()), "status-list-algorithm"),
        (plane(plane=der.tlv(der.OCTET_STRING, b"\xff")), "status-list-states-broken"),
        (plane(plane=packed(bytes(2))), "status-list-states-length"),
        (plane(plane=packed(bytes(1 << 24))), "status-list-states-length"),
        (plane(plane=packed(bytes(3), b"x")), "status-list-states-length"),
        (plane(plane=packed(b"\xff" * 3)), "status-list-states-padding"),
        (plane(extra=der.integer(1)), "status-list-der-trailing-bytes"),
        (PLANE + b"x", "status-list-der-trailing-bytes"),
        (b"", "status-list-der-truncated"),
        (bytes(status_list.MAX_LIST_BYTES + 1), "status-list-too-large"),
        (REASONS, "status-list-kind"),
    ],
)
def test_a_wrong_plane_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(MalformedStatusListError) as caught:
        read_status_list(data)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (reasons(count=der.integer(-1)), "status-list-out-of-range"),
        (reasons(count=der.integer(18)), "status-list-out-of-range"),
        (reasons(count=der.integer(7)), "status-list-states-length"),
        (reasons(reasons=packed(b"\x23\x45\x67\x80\x91")), "status-list-states-padding"),
        (reasons(reasons=packed(b"\x23\x45\x67\x81\x90")), "status-list-code-unknown"),
        (reasons(marked=der.integer(5)), "status-list-states-length"),
        (reasons(marked=der.integer(7)), "status-list-sparse"),
        (
            reasons(marks=packed(b"\x0a\x01\x01\x01\x01\x03\xab\xcd\xef")),
            "status-list-out-of-range",
        ),
        (reasons(marks=packed(b"\x0a\x01\x01\x00\x01\x01\xab\xcd\xef")), "status-list-sparse"),
        (reasons(marks=packed(b"\x0a\x01\x01\x81\x00\x01\x01\xab\xcd\xef")), "status-list-sparse"),
        (
            reasons(marks=packed(b"\x0a\x01\x01\x01\x01\x01\xab\xcd\xe1")),
            "status-list-code-unknown",
        ),
        (reasons(marks=packed(b"\xff" * 9)), "status-list-sparse"),
        (reasons(marks=packed(bytes(1 << 20))), "status-list-states-length"),
        (reasons(extra=der.integer(1)), "status-list-der-trailing-bytes"),
        (PLANE, "status-list-kind"),
    ],
)
def test_wrong_reasons_are_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(MalformedStatusListError) as caught:
        read_status_reasons(data)

    assert caught.value.code == code
