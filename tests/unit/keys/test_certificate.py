from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from keys import certificate_authority as authority
from keys import certificate_extensions as extensions
from keys import der, oids, sm2
from keys.certificate import Certificate, read_certificate, verify_issued_by
from keys.errors import CertificateUnreadableError, InvalidSignatureError

if TYPE_CHECKING:
    from conftest import Hierarchy

VERSION, SERIAL, ALGORITHM, ISSUER, PERIOD, SUBJECT, SPKI, EXTENSIONS = range(8)
SM2_SM3 = der.tlv(der.SEQUENCE, der.write_object_identifier(oids.SM2_WITH_SM3))
SM2_SM3_NULL = der.tlv(der.SEQUENCE, der.write_object_identifier(oids.SM2_WITH_SM3), b"\5\0")
ECDSA = der.tlv(der.SEQUENCE, der.write_object_identifier("1.2.840.10045.4.3.2"))


def signed(hierarchy: Hierarchy, tbs: bytes, algorithm: bytes = SM2_SM3) -> bytes:
    signature = der.tlv(der.BIT_STRING, b"\0", hierarchy.ca_key.sign(tbs))
    return der.tlv(der.SEQUENCE, tbs, algorithm, signature)


def changed(hierarchy: Hierarchy, **parts: bytes) -> bytes:
    """Return the seal's certificate with parts of its TBS replaced, rightly signed."""
    found = [each.encoded for each in der.elements(der.only(hierarchy.seal.tbs, 0x30).content)]
    for name, content in parts.items():
        found[globals()[name.upper()]] = content
    return signed(hierarchy, der.tlv(der.SEQUENCE, *found))


def extension_list(*each: bytes) -> bytes:
    return der.tlv(0xA3, der.tlv(der.SEQUENCE, *each))


def extension(kind: str, value: bytes, flag: bytes = b"") -> bytes:
    oid = der.write_object_identifier(kind)
    return der.tlv(der.SEQUENCE, oid, flag, der.tlv(der.OCTET_STRING, value))


def spki(algorithm: str, parameters: bytes, point: bytes) -> bytes:
    named = der.tlv(der.SEQUENCE, der.write_object_identifier(algorithm), parameters)
    return der.tlv(der.SEQUENCE, named, der.tlv(der.BIT_STRING, b"\0", point))


CURVE = der.write_object_identifier(oids.SM2_CURVE)
CRITICAL = b"\x01\x01\xff"


def test_a_seal_certificate_reads_as_it_was_ordered(hierarchy: Hierarchy) -> None:
    seal, order = hierarchy.seal, hierarchy.order
    assert seal.common_name == "31011500000001"
    assert seal.organization == "113100000000000001 演示卫生健康委员会"
    assert seal.subject == "CN=31011500000001,O=113100000000000001 演示卫生健康委员会,C=CN"
    assert seal.issuer == hierarchy.ca.subject
    assert (seal.serial, seal.public_point) == (order.serial, order.public_point)
    assert (seal.not_before, seal.not_after) == (order.not_before, order.not_after)
    assert seal.key_usages == {"digitalSignature", "nonRepudiation"}
    assert (seal.is_ca, seal.path_length, seal.unknown_critical) == (False, None, ())
    assert seal.crl_urls == ("http://crl.example.cn/seal.crl",)
    assert seal.authority_key_id == hierarchy.ca.subject_key_id
    assert hierarchy.ca.path_length == 0
    assert hierarchy.root.path_length is None


def test_every_link_of_the_hierarchy_holds(hierarchy: Hierarchy) -> None:
    verify_issued_by(hierarchy.seal, hierarchy.ca)
    verify_issued_by(hierarchy.ca, hierarchy.root)
    verify_issued_by(hierarchy.root, hierarchy.root)


def test_an_unchanged_certificate_put_together_again_is_the_same(hierarchy: Hierarchy) -> None:
    again = read_certificate(changed(hierarchy))
    assert again.tbs == hierarchy.seal.tbs
    verify_issued_by(again, hierarchy.ca)


def reason(certificate: Certificate, issuer: Certificate) -> str:
    with pytest.raises(InvalidSignatureError) as refused:
        verify_issued_by(certificate, issuer)
    return refused.value.reason


def test_a_certificate_is_not_issued_by_another(hierarchy: Hierarchy) -> None:
    assert reason(hierarchy.seal, hierarchy.root) == "issuer-name-differs"
    assert reason(hierarchy.ca, hierarchy.ca) == "issuer-name-differs"


def test_a_seal_cannot_issue_certificates(hierarchy: Hierarchy) -> None:
    forged = read_certificate(changed(hierarchy, issuer=hierarchy.seal.subject_der))
    seal = replace(hierarchy.seal, subject_key_id=None)
    assert reason(forged, seal) == "issuer-not-a-ca"
    assert reason(forged, replace(seal, is_ca=True)) == "issuer-may-not-sign"


def test_a_ca_of_the_same_name_with_another_key_is_not_the_issuer(hierarchy: Hierarchy) -> None:
    other = sm2.PrivateKey.generate()
    twin = replace(hierarchy.ca, public_point=other.public_point, subject_key_id=b"another")
    assert reason(hierarchy.seal, twin) == "key-identifier-differs"
    assert reason(hierarchy.seal, replace(twin, subject_key_id=None)) == "signature-invalid"


def test_a_flipped_bit_anywhere_never_leaves_a_certificate_that_holds(
    hierarchy: Hierarchy,
) -> None:
    good = hierarchy.seal.der
    for position in range(0, len(good) * 8):
        bad = bytearray(good)
        bad[position // 8] ^= 1 << position % 8
        with pytest.raises((CertificateUnreadableError, InvalidSignatureError)):
            verify_issued_by(read_certificate(bytes(bad)), hierarchy.ca)


def test_a_cut_certificate_or_one_with_more_behind_is_unreadable(hierarchy: Hierarchy) -> None:
    good = hierarchy.seal.der
    for bad in (*(good[:size] for size in range(len(good))), good + b"\0", b"\0" + good):
        with pytest.raises(CertificateUnreadableError):
            read_certificate(bad)


UNREADABLE = {
    "version 1": {"version": b""},
    "version 2": {"version": der.tlv(0xA0, der.write_integer(1))},
    "version 4": {"version": der.tlv(0xA0, der.write_integer(3))},
    "serial 0": {"serial": der.write_integer(0)},
    "serial negative": {"serial": b"\x02\x01\x80"},
    "serial of 21 octets": {"serial": der.write_integer(1 << 160)},
    "serial padded": {"serial": b"\x02\x02\x00\x01"},
    "inner algorithm is another": {"algorithm": ECDSA},
    "inner algorithm with NULL, outer without": {"algorithm": SM2_SM3_NULL},
    "no issuer": {"issuer": der.tlv(der.SEQUENCE)},
    "issuer is a set": {"issuer": der.tlv(der.SET)},
    "issuer with an empty part": {"issuer": der.tlv(der.SEQUENCE, der.tlv(der.SET))},
    "subject is no name": {"subject": der.tlv(der.SEQUENCE, der.write_integer(1))},
    "period of one": {"period": der.tlv(der.SEQUENCE, der.tlv(der.UTC_TIME, b"260101000000Z"))},
    "period of three": {"period": der.tlv(der.SEQUENCE, *[der.tlv(23, b"260101000000Z")] * 3)},
    "extensions empty": {"extensions": extension_list()},
    "extensions not a sequence": {"extensions": der.tlv(0xA3, der.write_integer(1))},
    "something after the extensions": {"extensions": extension_list(extension("2.5.29.14", b"\4\0")) + b"\5\0"},  # noqa: E501
    "an extension twice": {"extensions": extension_list(*[extension("2.5.29.14", b"\4\1a")] * 2)},
    "critical is neither": {"extensions": extension_list(extension("2.5.29.14", b"\4\0", b"\1\1\1"))},  # noqa: E501
    "key usage no bits": {"extensions": extension_list(extension("2.5.29.15", b"\x03\x02\x01\xff"))},  # noqa: E501
    "extended usage empty": {"extensions": extension_list(extension("2.5.29.37", b"\x30\0"))},
    "path length negative": {"extensions": extension_list(extension("2.5.29.19", b"\x30\6\1\1\xff\2\1\xff"))},  # noqa: E501
    "basic constraints with more": {"extensions": extension_list(extension("2.5.29.19", b"\x30\2\5\0"))},  # noqa: E501
    "an extension of a huge type": {"extensions": extension_list(der.tlv(0x30, der.tlv(6, b"\xff" * 9999 + b"\x7f"), b"\4\0"))},  # noqa: E501
    "authority key id cut": {"extensions": extension_list(extension("2.5.29.35", b"\x30\2\x80\5"))},
}  # fmt: skip


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_not_of_the_profile_is_unreadable(hierarchy: Hierarchy, what: str) -> None:
    with pytest.raises(CertificateUnreadableError):
        read_certificate(changed(hierarchy, **UNREADABLE[what]))


@pytest.mark.parametrize("algorithm", [ECDSA, SM2_SM3_NULL, der.tlv(0x30), b""])
def test_the_outer_algorithm_must_be_the_inner_one(hierarchy: Hierarchy, algorithm: bytes) -> None:
    with pytest.raises(CertificateUnreadableError):
        read_certificate(signed(hierarchy, hierarchy.seal.tbs, algorithm))


def test_null_parameters_are_let_pass_when_both_have_them(hierarchy: Hierarchy) -> None:
    found = [each.encoded for each in der.elements(der.only(hierarchy.seal.tbs, 0x30).content)]
    found[ALGORITHM] = SM2_SM3_NULL
    read = read_certificate(signed(hierarchy, der.tlv(der.SEQUENCE, *found), SM2_SM3_NULL))
    verify_issued_by(read, hierarchy.ca)


def test_both_forms_of_the_public_key_in_the_field_are_read(hierarchy: Hierarchy) -> None:
    point = hierarchy.seal_key.public_point
    for key in (
        spki(oids.EC_PUBLIC_KEY, CURVE, point),
        spki(oids.SM2_CURVE, CURVE, point),
        spki(oids.SM2_CURVE, b"", point),
        spki(oids.SM2_CURVE, b"\5\0", point),
    ):
        assert read_certificate(changed(hierarchy, spki=key)).public_point == point


def test_a_key_of_another_kind_or_off_the_curve_is_unreadable(hierarchy: Hierarchy) -> None:
    point = hierarchy.seal_key.public_point
    p256 = der.write_object_identifier("1.2.840.10045.3.1.7")
    compressed = bytes((2 + point[-1] % 2,)) + point[1:33]
    for key in (
        spki(oids.EC_PUBLIC_KEY, p256, point),
        spki(oids.EC_PUBLIC_KEY, b"", point),
        spki(oids.EC_PUBLIC_KEY, CURVE + CURVE, point),
        spki("1.2.840.113549.1.1.1", b"\5\0", point),
        spki(oids.EC_PUBLIC_KEY, CURVE, point[:-1] + bytes((point[-1] ^ 1,))),
        spki(oids.EC_PUBLIC_KEY, CURVE, compressed),
        spki(oids.EC_PUBLIC_KEY, CURVE, b""),
    ):
        with pytest.raises(CertificateUnreadableError):
            read_certificate(changed(hierarchy, spki=key))


def test_unknown_critical_extensions_are_named_and_others_passed_over(
    hierarchy: Hierarchy,
) -> None:
    found = extension_list(
        extension("1.2.3.4", b"whatever", CRITICAL),
        extension("1.2.156.10260.4.1.4", b"\x0c\x03abc"),
        extension("2.5.29.30", b"\x30\0", CRITICAL),
        extension(extensions.POLICIES, b"\x30\0", CRITICAL),
    )
    read = read_certificate(changed(hierarchy, extensions=found))
    # 2.5.29.30 is nameConstraints, which we do not apply and so must not pass over.
    assert read.unknown_critical == ("1.2.3.4", "2.5.29.30")


def test_habits_of_real_certificates_are_let_pass(hierarchy: Hierarchy) -> None:
    found = extension_list(
        extension(extensions.KEY_USAGE, b"\x03\x02\x00\xc0", b"\x01\x01\x00"),
        extension(extensions.BASIC_CONSTRAINTS, b"\x30\6\1\1\0\2\1\0"),
    )
    read = read_certificate(changed(hierarchy, extensions=found))
    assert read.key_usages == {"digitalSignature", "nonRepudiation"}
    assert (read.is_ca, read.path_length) == (False, None)


def test_a_certificate_without_extensions_or_subject_is_read_as_such(hierarchy: Hierarchy) -> None:
    bare = changed(hierarchy, extensions=b"", subject=der.tlv(der.SEQUENCE))
    read = read_certificate(bare)
    assert (read.subject, read.common_name, read.key_usages) == ("", "", frozenset())
    with_ids = changed(hierarchy, extensions=der.tlv(0x81, b"\0a") + der.tlv(0x82, b"\0b"))
    assert read_certificate(with_ids).public_point == hierarchy.seal.public_point


def test_addresses_of_other_kinds_among_the_crl_points_are_passed_over(
    hierarchy: Hierarchy,
) -> None:
    names = der.tlv(0xA4, b"\x30\0") + der.tlv(0x86, b"http://a.example/1") + der.tlv(0x82, b"a")
    point = der.tlv(0x30, der.tlv(0xA0, der.tlv(0xA0, names)), der.tlv(0x81, b"\0\1"))
    no_name = der.tlv(0x30, der.tlv(0xA2, b""))
    value = der.tlv(0x30, point, no_name)
    found = extension_list(extension(extensions.CRL_POINTS, value))
    assert read_certificate(changed(hierarchy, extensions=found)).crl_urls == (
        "http://a.example/1",
    )


def test_a_certificate_may_run_past_2049(hierarchy: Hierarchy) -> None:
    until = datetime(2051, 1, 1, tzinfo=UTC)
    assert hierarchy.issue(not_after=until).not_after == until


def test_a_certificate_does_not_print_its_bytes(hierarchy: Hierarchy) -> None:
    assert len(repr(hierarchy.seal)) < 1500
    assert "der=" not in repr(hierarchy.seal)


def test_profiles_say_what_a_certificate_may_do(hierarchy: Hierarchy) -> None:
    stamp = hierarchy.issue(profile=authority.TSA)
    assert stamp.extended_key_usages == {"1.3.6.1.5.5.7.3.8"}
    status = hierarchy.issue(profile=authority.STATUS)
    assert status.extended_key_usages == {authority.STATUS_SIGNING_EKU}
    assert stamp.unknown_critical == status.unknown_critical == ()
    assert hierarchy.seal.extended_key_usages == frozenset()
