"""Whatever the bytes, nothing leaves keys but its own errors, and nothing wrong holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from effort import examples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from keys import certificate_authority as authority
from keys import der, envelope, second_opinion, sm2
from keys.certificate import (
    RevokedEntry,
    read_certificate,
    read_revocation_list,
    verify_issued_by,
    verify_revocation_list,
)
from keys.certificate_authority import CertificateOrder, Subject
from keys.errors import (
    CertificateUnreadableError,
    EnvelopeBrokenError,
    InvalidKeyError,
    InvalidSignatureError,
    KeyCustodyError,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = sm2.PrivateKey.from_scalar(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
LENIENT = settings(
    max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@cache
def root() -> bytes:
    order = CertificateOrder(
        authority.ROOT,
        Subject("演示根", "演示"),
        KEY.public_point,
        77,
        START,
        START + timedelta(days=900),
        "http://crl.example.cn/a.crl",
    )
    return authority.build_certificate(order, None, KEY.sign)


@cache
def crl() -> bytes:
    revoked = [RevokedEntry(5, START, "keyCompromise"), RevokedEntry(6, START)]
    return authority.build_revocation_list(
        read_certificate(root()), KEY.sign, 1, START, START + timedelta(days=9), revoked
    )


@cache
def request() -> bytes:
    return authority.build_request(Subject("31011500000001"), KEY.public_point, KEY.sign)


def one_changed(good: bytes) -> st.SearchStrategy[bytes]:
    """Return the bytes with one stretch cut out, put in, replaced or doubled."""
    place = st.integers(0, len(good))
    return st.one_of(
        st.builds(lambda a, b, new: good[: min(a, b)] + new + good[max(a, b) :], place, place,
                  st.binary(max_size=12)),
        st.builds(lambda a, new: good[:a] + new + good[a + len(new) :], place,
                  st.binary(min_size=1, max_size=4)),
        st.builds(lambda a, b: good[: max(a, b)] + good[min(a, b) :], place, place),
    )  # fmt: skip


@cache
def element_spans(good: bytes) -> tuple[tuple[int, int], ...]:
    """Return where every element of a DER value begins and ends, at every depth."""
    spans: list[tuple[int, int]] = []

    def walk(data: bytes, offset: int) -> None:
        at = offset
        for each in der.elements(data):
            end = at + len(each.encoded)
            spans.append((at, end))
            if each.tag & 0x20:
                walk(each.content, end - len(each.content))
            at = end

    walk(good, 0)
    return tuple(spans)


@st.composite
def well_formed_change(draw: st.DrawFn, good: bytes) -> bytes:
    """Return the DER with one element replaced and every length around it put right."""
    start, end = draw(st.sampled_from(element_spans(good)))
    replacement = draw(
        st.one_of(
            st.just(b""),
            st.builds(der.tlv, st.integers(0, 255), st.binary(max_size=40)),
            st.just(good[start:end] * 2),
        )
    )
    return rebuilt(good, start, end, replacement)


def rebuilt(data: bytes, start: int, end: int, replacement: bytes) -> bytes:
    at, out = 0, b""
    for each in der.elements(data):
        stop = at + len(each.encoded)
        if (at, stop) == (start, end):
            out += replacement
        elif at <= start and end <= stop and each.tag & 0x20:
            body = stop - len(each.content)
            out += der.tlv(each.tag, rebuilt(each.content, start - body, end - body, replacement))
        else:
            out += each.encoded
        at = stop
    return out


READERS = {
    "certificate": (read_certificate, root),
    "revocation list": (read_revocation_list, crl),
    "request": (authority.read_request, request),
}


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
@LENIENT
def test_any_bytes_are_read_or_refused_by_name(kind: str, data: st.DataObject) -> None:
    read, make = READERS[kind]
    bad = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.builds(der.tlv, st.just(0x30), st.binary(max_size=100)),
            one_changed(make()),
            well_formed_change(make()),
        )
    )
    try:
        read(bad)
    except (CertificateUnreadableError, InvalidSignatureError):
        return


@given(bad=st.one_of(one_changed(root()), well_formed_change(root())))
@LENIENT
def test_a_changed_certificate_never_holds(bad: bytes) -> None:
    if bad == root():
        return
    with pytest.raises((CertificateUnreadableError, InvalidSignatureError)):
        verify_issued_by(read_certificate(bad), read_certificate(root()))


@given(bad=st.one_of(one_changed(crl()), well_formed_change(crl())))
@LENIENT
def test_a_changed_revocation_list_never_holds(bad: bytes) -> None:
    if bad == crl():
        return
    with pytest.raises((CertificateUnreadableError, InvalidSignatureError)):
        verify_revocation_list(read_revocation_list(bad), read_certificate(root()))


@given(
    serial=st.integers(1, 2**159 - 1),
    name=st.text(min_size=1, max_size=40).filter(str.isprintable),
    organization=st.text(max_size=40).filter(str.isprintable),
    days=st.integers(0, 9000),
    profile=st.sampled_from([authority.ROOT, authority.SEAL_CA]),
)
@settings(max_examples=examples(40), deadline=None)
def test_what_is_ordered_is_what_is_read(serial, name, organization, days, profile) -> None:
    until = START + timedelta(days=days)
    order = CertificateOrder(
        profile, Subject(name, organization), KEY.public_point, serial, START, until
    )
    read = read_certificate(authority.build_certificate(order, None, KEY.sign))
    assert (read.serial, read.not_after, read.common_name, read.organization) == (
        serial,
        until,
        name,
        organization,
    )


@given(signature=st.binary(max_size=90), message=st.binary(max_size=50))
@LENIENT
@example(sm2.EXAMPLE_SIGNATURE, b"m")
def test_no_bytes_are_a_signature_by_chance(signature: bytes, message: bytes) -> None:
    with pytest.raises(InvalidSignatureError):
        sm2.verify(KEY.public_point, message, signature)


@given(bad=one_changed(sm2.EXAMPLE_SIGNATURE))
@LENIENT
def test_a_changed_signature_never_holds(bad: bytes) -> None:
    if bad == sm2.EXAMPLE_SIGNATURE:
        return
    with pytest.raises(InvalidSignatureError):
        sm2.verify(sm2.EXAMPLE_POINT, sm2.EXAMPLE_MESSAGE, bad)


@given(point=st.one_of(st.binary(max_size=70), one_changed(sm2.EXAMPLE_POINT)))
@LENIENT
def test_any_point_is_a_key_on_the_curve_or_refused_by_name(point: bytes) -> None:
    try:
        sm2.verify(point, sm2.EXAMPLE_MESSAGE, sm2.EXAMPLE_SIGNATURE)
    except (InvalidKeyError, InvalidSignatureError):
        return
    assert point == sm2.EXAMPLE_POINT


@given(bad=st.one_of(st.binary(max_size=150), one_changed(KEY.to_pkcs8())))
@LENIENT
def test_any_private_key_bytes_are_read_or_refused_by_name(bad: bytes) -> None:
    try:
        read = sm2.PrivateKey.from_pkcs8(bad)
    except InvalidKeyError:
        return
    sm2.verify(read.public_point, b"m", read.sign(b"m"))


@given(r=st.integers(-(2**260), 2**260), s=st.integers(-(2**260), 2**260))
@settings(max_examples=examples(25), deadline=None)
@example(0, 0)
@example(1, sm2.CURVE_ORDER - 1)
@example(sm2.CURVE_ORDER, 1)
def test_the_second_opinion_agrees_on_any_two_integers(r: int, s: int) -> None:
    def integer(value: int) -> bytes:
        size = (value if value >= 0 else ~value).bit_length() // 8 + 1
        return der.tlv(der.INTEGER, value.to_bytes(size, "big", signed=True))

    signature = der.tlv(der.SEQUENCE, integer(r), integer(s))
    with pytest.raises(InvalidSignatureError):
        sm2.verify(KEY.public_point, b"m", signature)
    assert not second_opinion.agrees_valid(KEY.public_point, b"m", signature)


@given(message=st.binary(max_size=4096))
@settings(max_examples=examples(50), deadline=None)
def test_what_is_signed_verifies_and_is_minimal_der(message: bytes) -> None:
    signature = KEY.sign(message)
    sm2.verify(KEY.public_point, message, signature)
    r, s = sm2.split_signature(signature)
    assert der.tlv(0x30, der.write_integer(r), der.write_integer(s)) == signature


@given(plaintext=st.binary(max_size=200), context=st.binary(max_size=50), data=st.data())
@LENIENT
def test_an_envelope_opens_unchanged_or_not_at_all(plaintext, context, data) -> None:
    key = bytes(16)
    sealed = envelope.encrypt(key, plaintext, context, lambda size: b"n" * size)
    assert envelope.decrypt(key, sealed, context) == plaintext
    bad = data.draw(one_changed(sealed))
    if bad != sealed:
        with pytest.raises(EnvelopeBrokenError):
            envelope.decrypt(key, bad, context)


@given(data=st.binary(max_size=60))
@LENIENT
def test_der_is_read_to_the_same_bytes_or_refused(data: bytes) -> None:
    try:
        found = der.elements(data)
    except der.DerError:
        return
    assert b"".join(der.tlv(each.tag, each.content) for each in found) == data


@given(label=st.text(max_size=30))
@LENIENT
def test_any_label_is_a_plain_file_name_or_refused(label: str) -> None:
    from keys.provider_software import _file_name

    try:
        name = _file_name(label)
    except KeyCustodyError:
        return
    assert "/" not in name
    assert not name.startswith(".")
    assert name.removesuffix(".key.json").replace("__", "/") == label
