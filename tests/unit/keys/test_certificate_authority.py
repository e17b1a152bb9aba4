from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keys import certificate_authority as authority
from keys import der, sm2
from keys.certificate import (
    REASONS,
    RevocationList,
    RevokedEntry,
    read_certificate,
    read_revocation_list,
    verify_revocation_list,
)
from keys.certificate_authority import Subject, build_request, read_request
from keys.errors import CertificateUnreadableError, InvalidKeyError, InvalidSignatureError

if TYPE_CHECKING:
    from conftest import Hierarchy

WEEK = timedelta(days=7)


def crl(hierarchy: Hierarchy, *revoked: RevokedEntry) -> RevocationList:
    start = hierarchy.order.not_before
    return read_revocation_list(
        authority.build_revocation_list(
            hierarchy.ca, hierarchy.ca_key.sign, 7, start, start + WEEK, revoked
        )
    )


def test_a_revocation_list_reads_as_it_was_built(hierarchy: Hierarchy) -> None:
    start = hierarchy.order.not_before
    entries = [
        RevokedEntry(100 + code, start + timedelta(hours=code), reason)
        for code, reason in REASONS.items()
    ]
    read = crl(hierarchy, *reversed(entries))
    assert dict(read.revoked) == {entry.serial: entry for entry in entries}
    assert list(read.revoked) == sorted(read.revoked)
    assert (read.number, read.this_update, read.next_update) == (7, start, start + WEEK)
    verify_revocation_list(read, hierarchy.ca)


def test_an_empty_revocation_list_is_one(hierarchy: Hierarchy) -> None:
    read = crl(hierarchy)
    assert dict(read.revoked) == {}
    verify_revocation_list(read, hierarchy.ca)


def test_a_revocation_list_is_not_by_another_ca(hierarchy: Hierarchy) -> None:
    read = crl(hierarchy)
    reasons = {}
    twin = replace(hierarchy.ca, public_point=hierarchy.root.public_point)
    for name, issuer in {
        "root": hierarchy.root,
        "twin": twin,
        "other key id": replace(hierarchy.ca, subject_key_id=b"another"),
        "no ca": replace(hierarchy.ca, is_ca=False),
        "no usage": replace(hierarchy.ca, key_usages=frozenset({"keyCertSign"})),
    }.items():
        with pytest.raises(InvalidSignatureError) as refused:
            verify_revocation_list(read, issuer)
        reasons[name] = refused.value.reason
    assert reasons == {
        "root": "issuer-name-differs",
        "twin": "signature-invalid",
        "other key id": "key-identifier-differs",
        "no ca": "issuer-not-a-ca",
        "no usage": "issuer-may-not-sign",
    }


def test_a_flipped_bit_anywhere_never_leaves_a_list_that_holds(hierarchy: Hierarchy) -> None:
    good = crl(hierarchy, RevokedEntry(9, hierarchy.order.not_before, "keyCompromise")).der
    for position in range(len(good) * 8):
        bad = bytearray(good)
        bad[position // 8] ^= 1 << position % 8
        with pytest.raises((CertificateUnreadableError, InvalidSignatureError)):
            verify_revocation_list(read_revocation_list(bytes(bad)), hierarchy.ca)


def rebuilt(hierarchy: Hierarchy, entries: bytes, extensions: bytes, *, upto: bool = True) -> bytes:
    found = [each.encoded for each in der.elements(der.only(crl(hierarchy).tbs, 0x30).content)]
    # version, algorithm, issuer, thisUpdate, nextUpdate
    tbs = der.tlv(der.SEQUENCE, *found[: 5 if upto else 4], entries, extensions)
    algorithm = found[1]
    signature = der.tlv(der.BIT_STRING, b"\0", hierarchy.ca_key.sign(tbs))
    return der.tlv(der.SEQUENCE, tbs, algorithm, signature)


def entry(serial: int, when: bytes = b"260101000000Z", extension: bytes = b"") -> bytes:
    moment = der.tlv(der.UTC_TIME, when)
    more = der.tlv(der.SEQUENCE, extension) if extension else b""
    return der.tlv(der.SEQUENCE, der.write_integer(serial), moment, more)


def extension(kind: str, value: bytes, critical: bytes = b"") -> bytes:
    oid = der.write_object_identifier(kind)
    return der.tlv(der.SEQUENCE, oid, critical, der.tlv(der.OCTET_STRING, value))


def test_of_two_entries_for_one_serial_the_earlier_counts(hierarchy: Hierarchy) -> None:
    for order in ((b"260101000000Z", b"260601000000Z"), (b"260601000000Z", b"260101000000Z")):
        entries = der.tlv(der.SEQUENCE, *(entry(5, when) for when in order))
        read = read_revocation_list(rebuilt(hierarchy, entries, b""))
        assert read.revoked[5].revoked_at.month == 1
        assert read.number is None


PARTIAL = {
    "unknown critical": ("1.2.3", b"x", b"\1\1\xff"),
    "delta": ("2.5.29.27", b"\2\1\1", b"\1\1\xff"),
    "delta, not critical": ("2.5.29.27", b"\2\1\1", b""),
    "issuing point": ("2.5.29.28", b"\x30\0", b"\1\1\xff"),
    "issuing point, not critical": ("2.5.29.28", b"\x30\0", b""),
}


@pytest.mark.parametrize("what", PARTIAL)
def test_a_list_that_is_not_the_whole_list_is_unreadable(hierarchy: Hierarchy, what: str) -> None:
    found = der.tlv(0xA0, der.tlv(der.SEQUENCE, extension(*PARTIAL[what])))
    with pytest.raises(CertificateUnreadableError):
        read_revocation_list(rebuilt(hierarchy, b"", found))


ENTRIES = {
    "of another ca": entry(1, extension=extension("2.5.29.29", b"\x30\0", b"\1\1\xff")),
    "of another ca, not critical": entry(1, extension=extension("2.5.29.29", b"\x30\0")),
    "unknown critical": entry(1, extension=extension("1.2.3", b"x", b"\1\1\xff")),
    "no such reason": entry(1, extension=extension("2.5.29.21", b"\x0a\1\7")),
    "removeFromCRL": entry(1, extension=extension("2.5.29.21", b"\x0a\1\x08")),
    "reason as INTEGER": entry(1, extension=extension("2.5.29.21", b"\2\1\1")),
    "serial 0": entry(0),
    "no such day": entry(1, b"260230000000Z"),
    "not an entry": der.write_integer(1),
}


@pytest.mark.parametrize("what", ENTRIES)
def test_an_entry_we_do_not_understand_makes_the_list_unreadable(
    hierarchy: Hierarchy, what: str
) -> None:
    with pytest.raises(CertificateUnreadableError):
        read_revocation_list(rebuilt(hierarchy, der.tlv(der.SEQUENCE, ENTRIES[what]), b""))


def test_a_list_without_a_next_update_is_unreadable(hierarchy: Hierarchy) -> None:
    with pytest.raises(CertificateUnreadableError):
        read_revocation_list(rebuilt(hierarchy, b"", b"", upto=False))


def test_a_certificate_is_no_revocation_list_and_the_other_way_round(hierarchy: Hierarchy) -> None:
    with pytest.raises(CertificateUnreadableError):
        read_revocation_list(hierarchy.seal.der)
    with pytest.raises(CertificateUnreadableError):
        read_certificate(crl(hierarchy).der)


def test_an_invalidity_date_is_passed_over(hierarchy: Hierarchy) -> None:
    dated = entry(5, extension=extension("2.5.29.24", b"\x18\x0f20250101000000Z"))
    read = read_revocation_list(rebuilt(hierarchy, der.tlv(der.SEQUENCE, dated), b""))
    assert read.revoked[5].reason == "unspecified"


def test_a_wrong_order_is_refused_before_it_is_handed_out(hierarchy: Hierarchy) -> None:
    for changes, error in (
        ({"serial": 0}, CertificateUnreadableError),
        ({"serial": 1 << 160}, CertificateUnreadableError),
        ({"not_after": hierarchy.order.not_before - WEEK}, CertificateUnreadableError),
        ({"public_point": bytes(65)}, InvalidKeyError),
        ({"crl_url": "http://例子.cn/a.crl"}, CertificateUnreadableError),
    ):
        with pytest.raises(error):
            hierarchy.issue(**changes)


def test_a_certificate_signed_with_another_key_is_not_handed_out(hierarchy: Hierarchy) -> None:
    for issuer, sign in (
        (hierarchy.ca, hierarchy.root_key.sign),
        (hierarchy.seal, hierarchy.seal_key.sign),
        (None, hierarchy.ca_key.sign),
    ):
        with pytest.raises(InvalidSignatureError):
            authority.build_certificate(hierarchy.order, issuer, sign)


def test_a_list_signed_by_one_who_may_not_is_not_handed_out(hierarchy: Hierarchy) -> None:
    start = hierarchy.order.not_before
    for issuer, sign in (
        (hierarchy.ca, hierarchy.root_key.sign),
        (hierarchy.seal, hierarchy.seal_key.sign),
    ):
        with pytest.raises(InvalidSignatureError):
            authority.build_revocation_list(issuer, sign, 1, start, start + WEEK, ())
    for bad in (RevokedEntry(0, start), RevokedEntry(1, start, "bored")):
        with pytest.raises(CertificateUnreadableError):
            crl(hierarchy, bad)


@pytest.mark.parametrize(
    ("name", "organization", "country"),
    [("", "o", "CN"), ("a\nb", "", "CN"), ("a", "o\0", "CN"), ("a", "", "CHN"), ("a", "", "中国"),
     ("a\u202eb", "", "CN")],
)  # fmt: skip
def test_a_subject_that_would_read_as_another_is_refused(
    name: str, organization: str, country: str
) -> None:
    with pytest.raises(CertificateUnreadableError):
        Subject(name, organization, country)


@pytest.mark.parametrize(
    "subject", [Subject("31011500000001", "演示局", "CN"), Subject("a,b=c", "", "")]
)
def test_a_request_reads_as_it_was_built(hierarchy: Hierarchy, subject: Subject) -> None:
    point = hierarchy.seal_key.public_point
    assert read_request(build_request(subject, point, hierarchy.seal_key.sign)) == (subject, point)


def test_a_request_must_be_signed_by_its_own_key(hierarchy: Hierarchy) -> None:
    subject, point = Subject("31011500000001"), hierarchy.seal_key.public_point
    with pytest.raises(InvalidSignatureError):
        build_request(subject, point, hierarchy.ca_key.sign)
    with pytest.raises(InvalidKeyError):
        build_request(subject, bytes(65), hierarchy.ca_key.sign)
    good = build_request(subject, point, hierarchy.seal_key.sign)
    for position in range(len(good) * 8):
        bad = bytearray(good)
        bad[position // 8] ^= 1 << position % 8
        with pytest.raises((CertificateUnreadableError, InvalidSignatureError)):
            read_request(bytes(bad))


def test_keys_of_certificates_are_checked_on_the_curve_before_anything_is_signed(
    hierarchy: Hierarchy,
) -> None:
    signed: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return hierarchy.ca_key.sign(message)

    off = sm2.EXAMPLE_POINT[:-1] + b"\0"
    with pytest.raises(InvalidKeyError):
        authority.build_certificate(replace(hierarchy.order, public_point=off), hierarchy.ca, sign)
    assert signed == []


def test_maker_and_library_have_purposes_of_their_own(hierarchy: Hierarchy) -> None:
    signing = frozenset({"digitalSignature", "nonRepudiation"})
    purposes = set()
    for profile in (authority.STATUS, authority.SEAL_MAKER, authority.SYSTEM):
        read = read_certificate(hierarchy.issue(profile=profile).der)
        assert (read.key_usages, read.is_ca, read.unknown_critical) == (signing, False, ())
        purposes |= read.extended_key_usages
    assert purposes == {
        authority.STATUS_SIGNING_EKU,
        authority.SEAL_MAKING_EKU,
        authority.SYSTEM_SIGNING_EKU,
    }
