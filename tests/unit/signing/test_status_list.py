"""The signed list of license states: packed, limited, read in one form only."""

import zlib
from datetime import timedelta

import pytest
from pki import NOW, STATUS_URI, Pki

from keys import sm2
from keys.certificate import read_certificate
from signing import der, status_list
from signing.der import DerReader
from signing.errors import MalformedStatusListError, StatusIndexError
from signing.status_list import StatusListContent, build_status_list, read_status_list

PKI = Pki()
CODES = bytes([1, 2, 3, 4, 5, 6, 7, 8, 0])


@pytest.mark.parametrize("length", [0, 1, 2, 9])
def test_every_state_comes_back(length: int) -> None:
    found = read_status_list(PKI.status_list(CODES[:length]))

    assert bytes(map(found.state_code, range(length))) == CODES[:length]
    assert (found.uri, found.sequence) == (STATUS_URI, 1)
    assert found.issued_at == NOW - timedelta(minutes=5)
    assert found.next_update == NOW + timedelta(days=1)


def test_the_signature_is_over_the_bytes_received() -> None:
    found = read_status_list(PKI.status_list(CODES))

    assert found.signer_certificate == PKI.status
    point = read_certificate(found.signer_certificate).public_point
    sm2.verify(point, found.tbs, found.signature)


@pytest.mark.parametrize("index", [-1, 9, 1 << 40])
def test_an_index_beyond_the_list_is_named(index: int) -> None:
    with pytest.raises(StatusIndexError):
        read_status_list(PKI.status_list(CODES)).state_code(index)


def test_a_hundred_thousand_states_are_small_to_carry() -> None:
    states = bytes(1 if number % 50 else 5 for number in range(100_000))

    assert len(PKI.status_list(states)) < 10_000


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
    with pytest.raises(MalformedStatusListError, match=code):
        build_status_list(wrong, PKI.status, lambda _: b"")


def rebuilt(**changes: bytes) -> bytes:
    """A list with some of its elements replaced; not signed again."""
    reader = DerReader(PKI.status_list(CODES)).enter(der.SEQUENCE, "list")
    inner = reader.enter(der.SEQUENCE, "tbs")
    names = ("version", "uri", "sequence", "issued", "next", "length", "states")
    tbs = {name: inner.element(None, name) for name in names}
    outer = {name: reader.element(None, name) for name in ("certificate", "algorithm", "signature")}
    tbs.update({name: value for name, value in changes.items() if name in tbs})
    outer.update({name: value for name, value in changes.items() if name in outer})
    extra = changes.get("extra", b"")
    return der.sequence(der.sequence(*tbs.values(), extra), *outer.values())


def states(packed: bytes) -> bytes:
    return der.tlv(der.OCTET_STRING, packed)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (rebuilt(version=der.integer(2)), "status-list-version"),
        (rebuilt(uri=der.tlv(der.UTF8_STRING, b"\xff")), "status-list-uri"),
        (rebuilt(uri=der.tlv(der.UTF8_STRING, b"a\nb")), "status-list-uri"),
        (rebuilt(sequence=der.integer(-1)), "status-list-out-of-range"),
        (rebuilt(length=der.integer(1 << 60)), "status-list-out-of-range"),
        (
            rebuilt(next=der.tlv(der.GENERALIZED_TIME, b"20200101000000Z")),
            "status-list-out-of-range",
        ),
        (rebuilt(next=der.tlv(der.GENERALIZED_TIME, b"tomorrow")), "status-list-time-malformed"),
        (rebuilt(algorithm=der.sequence()), "status-list-algorithm"),
        (rebuilt(states=states(b"no zlib")), "status-list-states-broken"),
        (rebuilt(states=states(zlib.compress(bytes(4)))), "status-list-states-length"),
        (rebuilt(states=states(zlib.compress(bytes(1 << 24)))), "status-list-states-length"),
        (rebuilt(states=states(zlib.compress(bytes(5)) + b"x")), "status-list-states-length"),
        (rebuilt(states=states(zlib.compress(b"\x11" * 5))), "status-list-states-padding"),
        (rebuilt(extra=der.integer(1)), "status-list-der-trailing-bytes"),
        (PKI.status_list(CODES) + b"x", "status-list-der-trailing-bytes"),
        (b"", "status-list-der-truncated"),
        (bytes(status_list.MAX_LIST_BYTES + 1), "status-list-too-large"),
    ],
)
def test_a_wrong_list_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(MalformedStatusListError) as caught:
        read_status_list(data)

    assert caught.value.code == code
