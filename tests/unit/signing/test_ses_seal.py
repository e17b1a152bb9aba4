"""Electronic seals: made, read in three versions, and refused field by field."""

import hashlib
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache, partial

import pytest
from pki import OWNER_NAME, SEAL_CODE, VALID_FROM, VALID_UNTIL, Pki, red_square_png
from ses_forge import SesForge, bits, extension, generalized, ia5, octets, tagged, utc

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der
from signing.errors import MalformedSealError
from signing.ses.extension import SesExtension
from signing.ses.reader import MAX_VALUE_BYTES
from signing.ses.seal import SealMaking, SesPicture, make_ses_seal, read_ses_seal

CURVE_ORDER = sm2.CURVE_ORDER


@cache
def pki() -> Pki:
    return Pki()


@cache
def forges() -> dict[int, SesForge]:
    return {version: SesForge.of(pki(), version) for version in (1, 4, 5)}


def forge(version: int = 4) -> SesForge:
    return forges()[version]


def code_of(value: bytes) -> str:
    with pytest.raises(MalformedSealError) as refused:
        read_ses_seal(value)
    return refused.value.code


def making(**changes: object) -> SealMaking:
    made = SealMaking(
        es_id=SEAL_CODE,
        kind=1,
        name=OWNER_NAME,
        certificates=(forge().certificate,),
        created_at=VALID_FROM,
        valid_from=VALID_FROM,
        valid_until=VALID_UNTIL,
        picture=SesPicture("PNG", red_square_png(8), 45, 30),
        vendor="TESTVAULT",
        maker_certificate=pki().maker,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def make(**changes: object) -> bytes:
    return make_ses_seal(making(**changes), forge().sign_as_maker)


def test_a_seal_reads_as_it_was_made() -> None:
    extensions = (SesExtension("1.2.156.10197.6.7.2.2.1", False, b"2.1"),)
    seal = read_ses_seal(make(extensions=extensions))
    wanted = making(extensions=extensions)
    read = {each.name: getattr(seal, each.name) for each in fields(SealMaking)}
    assert read == {each.name: getattr(wanted, each.name) for each in fields(SealMaking)}
    assert (seal.version, seal.certificate_digests, seal.timestamp) == (4, (), None)
    assert seal.deviations == ()
    assert seal.signature_algorithm == "1.2.156.10197.1.501"
    sm2.verify(read_certificate(pki().maker).public_point, seal.signed_bytes, seal.signature)


@pytest.mark.parametrize("version", [1, 4, 5])
def test_seals_of_every_version_are_read_and_verify(version: int) -> None:
    seal = read_ses_seal(forge(version).seal())
    assert (seal.version, seal.es_id, seal.deviations) == (version, forge(version).code, ())
    assert (seal.valid_from, seal.valid_until) == (VALID_FROM, VALID_UNTIL)
    assert seal.lists(forge(version).certificate)
    assert not seal.lists(pki().maker)
    sm2.verify(read_certificate(seal.maker_certificate).public_point, seal.signed_bytes,
               seal.signature)  # fmt: skip


def test_the_maker_of_a_version_1_seal_signs_certificate_and_algorithm_too() -> None:
    seal = read_ses_seal(forge(1).seal())
    algorithm = der.object_identifier(seal.signature_algorithm)
    assert seal.signed_bytes.endswith(octets(seal.maker_certificate) + algorithm)


def test_a_version_5_seal_may_carry_a_time_stamp() -> None:
    seal = read_ses_seal(forge(5).seal(seal_timestamp=tagged(bits(b"token"))))
    assert seal.timestamp == b"token"


def digests(*entries: tuple[str, bytes]) -> dict[str, bytes]:
    listed = (
        der.sequence(der.tlv(der.PRINTABLE_STRING, kind.encode()), octets(value))
        for kind, value in entries
    )
    return {"list_type": der.integer(2), "certificates": der.sequence(*listed)}


@pytest.mark.parametrize(
    ("kind", "digest", "deviations"),
    [
        ("SM3", "sm3", ()),
        ("1.2.156.10197.1.401", "sm3", ()),
        ("SHA256", "sha256", ()),
        ("2.16.840.1.101.3.4.2.1", "sha256", ()),
        ("cert", "sm3", ("ses-digest-type",)),
        ("cert", "sha256", ("ses-digest-type",)),
    ],
)
def test_signers_may_be_listed_by_digest(
    kind: str, digest: str, deviations: tuple[str, ...]
) -> None:
    certificate = forge().certificate
    value = sm3(certificate) if digest == "sm3" else hashlib.sha256(certificate).digest()
    seal = read_ses_seal(forge().seal(**digests((kind, value))))
    assert (seal.certificates, seal.certificate_digests) == ((), ((kind, value),))
    assert seal.deviations == deviations
    assert seal.lists(certificate)
    assert not seal.lists(pki().tsa)


def test_a_digest_under_the_name_of_another_algorithm_lists_nobody() -> None:
    certificate = forge().certificate
    swapped = digests(("SHA256", sm3(certificate)), ("SM3", hashlib.sha256(certificate).digest()))
    assert not read_ses_seal(forge().seal(**swapped)).lists(certificate)


FALSE, TRUE = der.tlv(der.BOOLEAN, b"\0"), der.tlv(der.BOOLEAN, b"\xff")
HARMLESS = {
    "ses-default-encoded": (4, {"extensions": der.sequence(extension(critical=FALSE))}),
    "ses-extensions-tag": (4, {"extensions": tagged(der.sequence(extension()))}),
    "ses-time-utc": (4, {"created": utc(VALID_FROM)}),
    "ses-time-generalized": (1, {"created": generalized(VALID_FROM)}),
    "ses-algorithm-sm2-signature": (
        4,
        {"seal_algorithm": der.object_identifier("1.2.156.10197.1.301.1")},
    ),
}


@pytest.mark.parametrize("code", HARMLESS)
def test_what_others_write_and_does_no_harm_is_named(code: str) -> None:
    version, parts = HARMLESS[code]
    assert read_ses_seal(forge(version).seal(**parts)).deviations == (code,)


@pytest.mark.parametrize("version", [1, 4])
def test_a_maker_signature_of_another_encoding_is_read_and_named(version: int) -> None:
    made = forge(version)
    good = read_ses_seal(made.seal())
    r, s = sm2.split_signature(good.signature)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    for field, deviations in (
        (bits(raw), ("signature-raw",)),
        (octets(good.signature), ("ses-octet-for-bit-string",)),
        (octets(raw), ("ses-octet-for-bit-string", "signature-raw")),
    ):
        seal = read_ses_seal(made.seal(seal_signature=field))
        assert (seal.deviations, seal.signature) == (deviations, good.signature)
    assert seal.signature_value == raw


def test_a_type_that_nobody_knows_is_no_reason_to_refuse() -> None:
    parts = {"kind": der.integer(99), "picture_kind": ia5("svg"), "vendor": ia5("")}
    seal = read_ses_seal(forge().seal(**parts))
    assert (seal.kind, seal.picture.kind, seal.vendor) == (99, "svg", "")


def test_extensions_are_read_with_their_weight() -> None:
    listed = der.sequence(extension("1.2.3", TRUE, b"a"), extension("1.2.4", b"", b""))
    seal = read_ses_seal(forge().seal(extensions=listed))
    assert seal.extensions == (
        SesExtension("1.2.3", True, b"a"),
        SesExtension("1.2.4", False, b""),
    )


def numbers(r: int, s: int) -> bytes:
    return bits(der.sequence(der.integer(r), der.integer(s)))


PADDED_FOUR = b"\x02\x02\x00\x04"
LISTED = der.sequence(octets(b"\x30\x00"))

# One thing wrong in each, and each its own reason.
FAULTS: dict[str, dict[str, bytes]] = {
    "ses-header-unexpected-tag": {"header": der.integer(4)},
    "ses-header-id-not-es": {"header_id": ia5("EX")},
    "ses-header-id-unexpected-tag": {"header_id": der.tlv(der.UTF8_STRING, b"ES")},
    "ses-header-version-unknown": {"header_version": der.integer(3)},
    "ses-header-version-integer-not-minimal": {"header_version": PADDED_FOUR},
    "ses-header-version-out-of-range": {"header_version": der.integer(-4)},
    "ses-vendor-not-ia5": {"vendor": ia5("厂商")},
    "ses-vendor-missing": {"vendor": b""},
    "ses-header-trailing-bytes": {"header_more": der.integer(1)},
    "ses-es-id-not-ia5": {"es_id": ia5("印章1")},
    "ses-es-id-unexpected-tag": {"es_id": der.tlv(der.UTF8_STRING, SEAL_CODE.encode())},
    "ses-es-id-empty": {"es_id": ia5("")},
    "ses-es-id-control-characters": {"es_id": ia5("1101\n")},
    "ses-es-id-too-large": {"es_id": ia5("1" * 1025)},
    "ses-property-unexpected-tag": {"property": der.tlv(der.SET)},
    "ses-kind-out-of-range": {"kind": der.integer(1 << 40)},
    "ses-kind-unexpected-tag": {"kind": ia5("1")},
    "ses-name-unexpected-tag": {"name": ia5("seal")},
    "ses-name-not-utf8": {"name": der.tlv(der.UTF8_STRING, b"\xd3\xa1\xd5\xc2")},
    "ses-name-empty": {"name": der.tlv(der.UTF8_STRING)},
    "ses-name-control-characters": {"name": der.tlv(der.UTF8_STRING, b"a\x1b")},
    "ses-certificate-list-type-unknown": {"list_type": der.integer(3)},
    "ses-certificate-list-type-unexpected-tag": {"list_type": b""},
    "ses-certificate-list-empty": {"certificates": der.sequence()},
    "ses-certificate-list-unexpected-tag": {"certificates": der.tlv(der.SET, octets(b"\x30\0"))},
    "ses-certificate-list-not-of-its-type": {"list_type": der.integer(2), "certificates": LISTED},
    "ses-certificate-list-entry-twice": {
        "certificates": der.sequence(octets(b"\x30\x00"), octets(b"\x30\x00"))
    },
    "ses-certificate-list-too-long": {
        "certificates": der.sequence(*(octets(der.sequence(der.integer(i))) for i in range(65)))
    },
    "ses-listed-certificate-not-a-certificate": {"certificates": der.sequence(octets(b"\x31\0"))},
    "ses-listed-certificate-too-large": {"certificates": der.sequence(octets(bytes(1 << 15)))},
    "ses-digest-value-length": digests(("SM3", bytes(20))),
    "ses-digest-type-unexpected-tag": {
        "list_type": der.integer(2),
        "certificates": der.sequence(der.sequence(ia5("SM3"), octets(bytes(32)))),
    },
    "ses-listed-digest-trailing-bytes": {
        "list_type": der.integer(2),
        "certificates": der.sequence(
            der.sequence(der.tlv(der.PRINTABLE_STRING, b"SM3"), octets(bytes(32)), octets(b""))
        ),
    },
    "ses-created-not-utc": {"created": der.tlv(der.GENERALIZED_TIME, b"20250101080000+0800")},
    "ses-created-not-a-time": {"created": der.tlv(der.GENERALIZED_TIME, b"202501010000Z")},
    "ses-created-unexpected-tag": {"created": ia5("20250101000000Z")},
    "ses-valid-from-no-such-time": {
        "valid_from": der.tlv(der.GENERALIZED_TIME, b"20250230000000Z")
    },
    "ses-valid-until-missing": {"valid_until": b""},
    "ses-period-reversed": {"valid_until": generalized(VALID_FROM - timedelta(seconds=1))},
    "ses-property-trailing-bytes": {"property_more": der.integer(0)},
    "ses-picture-unexpected-tag": {"picture": octets(b"")},
    "ses-picture-kind-empty": {"picture_kind": ia5("")},
    "ses-picture-kind-length-not-minimal": {"picture_kind": b"\x16\x81\x03PNG"},
    "ses-picture-data-empty": {"picture_data": octets(b"")},
    "ses-picture-data-too-large": {"picture_data": octets(bytes((2 << 20) + 1))},
    "ses-picture-data-unexpected-tag": {"picture_data": bits(b"PNG")},
    "ses-picture-size-zero": {"width": der.integer(0)},
    "ses-picture-height-out-of-range": {"height": der.integer(501)},
    "ses-picture-width-out-of-range": {"width": der.integer(-42)},
    "ses-picture-trailing-bytes": {"picture_more": der.integer(0)},
    "ses-extension-twice": {"extensions": der.sequence(extension(), extension())},
    "ses-extension-id-identifier-padded": {
        "extensions": der.sequence(der.sequence(b"\x06\x03\x2a\x80\x01", octets(b"")))
    },
    "ses-extension-critical-malformed": {"extensions": der.sequence(extension(critical=b"\1\1\1"))},
    "ses-extension-value-missing": {
        "extensions": der.sequence(der.sequence(der.object_identifier("1.2.3")))
    },
    "ses-extension-trailing-bytes": {
        "extensions": der.sequence(der.sequence(der.object_identifier("1.2.3"), octets(b""), FALSE))
    },
    "ses-extensions-too-many": {
        "extensions": der.sequence(*(extension(f"1.2.{i}") for i in range(65)))
    },
    "ses-info-trailing-bytes": {"info_more": der.integer(0)},
    "ses-info-unexpected-tag": {"info": der.tlv(der.SET)},
    "ses-info-indefinite-length": {"info": b"\x30\x80\x00\x00"},
    "ses-maker-certificate-empty": {"maker_certificate": octets(b"")},
    "ses-maker-certificate-not-a-certificate": {"maker_certificate": octets(b"\x30\x00\x00")},
    "ses-seal-algorithm-not-accepted": {
        "seal_algorithm": der.object_identifier("1.2.840.10045.4.3.2")
    },
    "ses-seal-algorithm-unexpected-tag": {
        "seal_algorithm": der.sequence(der.object_identifier("1.2.156.10197.1.501"))
    },
    "ses-seal-signature-empty": {"seal_signature": der.tlv(der.BIT_STRING)},
    "ses-seal-signature-unused-bits": {"seal_signature": bits(b"\x30\x00", unused=1)},
    "ses-seal-signature-value-unexpected-tag": {"seal_signature": bits(b"\x31\x00")},
    "ses-seal-signature-value-trailing-bytes": {
        "seal_signature": bits(der.sequence(der.integer(1), der.integer(1)) + b"\0")
    },
    "ses-seal-signature-value-r-zero": {"seal_signature": numbers(0, 5)},
    "ses-seal-signature-value-s-zero": {"seal_signature": bits(b"\0" * 31 + b"\1" + bytes(32))},
    "ses-seal-signature-value-r-negative": {"seal_signature": numbers(-1, 5)},
    "ses-seal-signature-value-s-negative": {"seal_signature": numbers(5, -1)},
    "ses-seal-signature-value-r-is-the-order": {"seal_signature": numbers(CURVE_ORDER, 5)},
    "ses-seal-signature-value-r-too-large": {"seal_signature": numbers(CURVE_ORDER + 1, 5)},
    "ses-seal-signature-value-s-too-large": {"seal_signature": bits(b"\1" * 32 + b"\xff" * 32)},
    "ses-seal-signature-value-sum-is-the-order": {"seal_signature": numbers(CURVE_ORDER - 5, 5)},
    "ses-seal-timestamp-in-version-4": {"seal_timestamp": tagged(bits(b"token"))},
    "ses-seal-timestamp-unused-bits": {"seal_timestamp": tagged(bits(b"token", unused=4))},
    "ses-seal-timestamp-trailing-bytes": {"seal_timestamp": tagged(bits(b"a") + bits(b"b"))},
    "ses-seal-timestamp-unexpected-tag": {"seal_timestamp": tagged(ia5("token"))},
    "ses-seal-trailing-bytes": {"seal_more": der.integer(0)},
}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_has_a_reason_of_its_own(code: str) -> None:
    assert code_of(forge().seal(**FAULTS[code])) == code


@pytest.mark.parametrize(
    ("version", "as_version"), [(1, 4), (4, 1), (1, 5), (5, 1), (4, 5), (5, 4)]
)
def test_one_version_does_not_pass_for_another(version: int, as_version: int) -> None:
    stamp = tagged(bits(b"token")) if version == 5 else b""
    value = forge(version).seal(header_version=der.integer(as_version), seal_timestamp=stamp)
    wanted = {
        (1, 4): "ses-certificate-list-type-unexpected-tag",
        (1, 5): "ses-certificate-list-type-unexpected-tag",
        (4, 1): "ses-certificate-list-unexpected-tag",
        (5, 1): "ses-certificate-list-unexpected-tag",
        (5, 4): "ses-seal-timestamp-in-version-4",
    }
    if (version, as_version) == (4, 5):
        # Without a time-stamp both have the same shape; the maker signed the number itself.
        assert read_ses_seal(value).version == 5
    else:
        assert code_of(value) == wanted[version, as_version]


def test_information_of_one_version_with_the_signature_of_another_is_refused() -> None:
    old, new = forge(1), forge(4)
    assert code_of(old.seal(info=new.information())) == "ses-seal-version-shape"
    assert code_of(new.seal(info=old.information())) == "ses-seal-version-shape"
    old_more = old.seal(sign_more=der.integer(0))
    assert code_of(old_more) == "ses-sign-info-trailing-bytes"
    assert code_of(old.seal(seal_more=der.integer(0))) == "ses-seal-trailing-bytes"


def test_bytes_around_a_seal_or_missing_at_its_end_are_refused() -> None:
    good = forge().seal()
    assert code_of(b"") == "ses-seal-missing"
    assert code_of(good + b"\0") == "ses-seal-trailing-bytes"
    assert code_of(good[:-1]) == "ses-seal-truncated"
    assert code_of(b"\x30\x84" + bytes(4)) == "ses-seal-length-not-minimal"
    assert code_of(bytes(MAX_VALUE_BYTES + 1)) == "ses-seal-too-large"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"es_id": "印章"}, "ses-es-id-not-ia5"),
        ({"es_id": ""}, "ses-es-id-empty"),
        ({"vendor": "厂"}, "ses-vendor-not-ia5"),
        ({"name": ""}, "ses-name-empty"),
        ({"certificates": ()}, "ses-certificate-list-empty"),
        ({"certificates": (b"x",)}, "ses-listed-certificate-not-a-certificate"),
        ({"valid_until": VALID_FROM - timedelta(days=1)}, "ses-period-reversed"),
        ({"picture": SesPicture("PNG", b"", 42, 42)}, "ses-picture-data-empty"),
        ({"picture": SesPicture("PNG", b"x", 0, 42)}, "ses-picture-size-zero"),
        ({"maker_certificate": b"\x30\x00"}, "ses-maker-key-differs"),
    ],
)
def test_a_seal_that_nobody_could_read_is_not_made(changes: dict[str, object], code: str) -> None:
    with pytest.raises(MalformedSealError) as refused:
        make(**changes)
    assert refused.value.code == code


def test_a_seal_is_not_made_with_another_key_than_the_makers() -> None:
    with pytest.raises(MalformedSealError) as refused:
        make_ses_seal(making(), partial(pki().keys.sign, "tsa"))
    assert refused.value.code == "ses-maker-key-differs"


def test_a_seal_does_not_print_its_bytes() -> None:
    assert len(repr(read_ses_seal(make()))) < 1000
