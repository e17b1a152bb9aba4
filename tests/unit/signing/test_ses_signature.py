"""Document signatures with a seal inside: made, read in three versions, refused field by field."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from pki import NOW, VALID_FROM, VALID_UNTIL, Pki
from ses_forge import (
    DATA_HASH,
    SIGNATURE_PATH,
    SesForge,
    bits,
    extension,
    generalized,
    ia5,
    octets,
    tagged,
    utc,
)

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der
from signing.errors import MalformedSealError, SealPeriodError, SignerNotInSealError
from signing.ses.extension import SesExtension
from signing.ses.reader import MAX_VALUE_BYTES
from signing.ses.signature import (
    SealUse,
    SESSignature,
    check_seal_use,
    make_ses_signature,
    read_ses_signature,
)
from signing.timestamps.token import read_timestamp_token


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
        read_ses_signature(value)
    return refused.value.code


def use(**changes: bytes) -> SealUse:
    return SealUse(
        seal=changes.get("seal") or pki().ses_seal(forge().certificate),
        signer_certificate=changes.get("signer_certificate", forge().certificate),
        data_hash=changes.get("data_hash", DATA_HASH),
        property_info=SIGNATURE_PATH,
        signed_at=NOW,
    )


def verify(read: SESSignature) -> None:
    point = read_certificate(read.signer_certificate).public_point
    sm2.verify(point, read.signed_bytes, read.signature)


def test_a_signature_reads_as_it_was_made() -> None:
    wanted = use()
    made = make_ses_signature(wanted, forge().signer(), pki().timestamper().timestamp)
    read = read_ses_signature(made)
    verify(read)
    assert (read.version, read.seal.der, read.signed_at) == (4, wanted.seal, NOW)
    assert (read.data_hash, read.property_info) == (DATA_HASH, SIGNATURE_PATH)
    assert read.signer_certificate == forge().certificate
    assert (read.extensions, read.deviations) == ((), ())
    assert read.seal.lists(read.signer_certificate)


def test_the_time_stamp_is_over_the_octets_of_the_signature_value() -> None:
    read = read_ses_signature(
        make_ses_signature(use(), forge().signer(), pki().timestamper().timestamp)
    )
    assert read.timestamp is not None
    assert read_timestamp_token(read.timestamp).imprint == sm3(read.signature_value)
    assert read.signature_value == read.signature


def test_a_signature_may_be_made_without_a_time_stamp() -> None:
    assert read_ses_signature(make_ses_signature(use(), forge().signer(), None)).timestamp is None


@pytest.mark.parametrize("version", [1, 4, 5])
def test_signatures_of_every_version_are_read_and_verify(version: int) -> None:
    read = read_ses_signature(forge(version).signature())
    verify(read)
    assert (read.version, read.seal.version, read.deviations) == (version, version, ())
    assert (read.signed_at, read.property_info) == (NOW, SIGNATURE_PATH)
    assert (read.timestamp is None) == (version == 1)


CIVIL = b"2026-06-01 12:00:00"
TOKEN = der.sequence(der.integer(1))


@pytest.mark.parametrize(
    ("time", "signed_at", "token", "deviations"),
    [
        (bits(b"20260601040000Z"), NOW, None, ()),
        (bits(b"260601040000Z"), NOW, None, ()),
        (bits(utc(NOW)), NOW, None, ()),
        (bits(generalized(NOW)), NOW, None, ()),
        (bits(CIVIL), NOW, None, ("ses-time-without-zone",)),
        (octets(CIVIL), NOW, None, ("ses-octet-for-bit-string", "ses-time-without-zone")),
        (bits(TOKEN), None, TOKEN, ()),
    ],
)
def test_the_time_of_a_version_1_signature_is_written_in_many_ways(
    time: bytes, signed_at: datetime | None, token: bytes | None, deviations: tuple[str, ...]
) -> None:
    read = read_ses_signature(forge(1).signature(time=time))
    assert (read.signed_at, read.timestamp, read.deviations) == (signed_at, token, deviations)


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (b"yesterday", "ses-time-not-utc"),
        (b"2026-06-31 12:00:00", "ses-time-not-a-time"),
        (b"2026-6-01  12:00:00", "ses-time-not-a-time"),
        (b"20260601040000+0800", "ses-time-not-a-time"),
        (b"\x17\x0e260601040000Z", "ses-time-truncated"),
        (utc(NOW) + b"\0", "ses-time-trailing-bytes"),
        (b"260631040000Z", "ses-time-no-such-time"),
    ],
)
def test_a_time_of_version_1_that_says_nothing_is_refused(time: bytes, code: str) -> None:
    assert code_of(forge(1).signature(time=bits(time))) == code


FALSE = der.tlv(der.BOOLEAN, b"\0")
LISTED = der.sequence(extension())
HARMLESS: dict[str, dict[str, bytes]] = {
    "ses-time-utc": {"time": utc(NOW)},
    "ses-octet-for-bit-string": {"data_hash": octets(DATA_HASH)},
    "ses-property-info-not-a-path": {"property_info": ia5("ByteRange 0 840 9000 960")},
    "ses-extensions-tag": {"extensions_signed": LISTED},
    "ses-default-encoded": {"extensions_signed": tagged(der.sequence(extension(critical=FALSE)))},
    "ses-algorithm-sm2-signature": {"algorithm": der.object_identifier("1.2.156.10197.1.301.1")},
}


@pytest.mark.parametrize("code", HARMLESS)
def test_what_others_write_and_does_no_harm_is_named(code: str) -> None:
    read = read_ses_signature(forge().signature(**HARMLESS[code]))
    assert read.deviations == (code,)
    verify(read)


def test_extensions_of_a_signature_are_read() -> None:
    read = read_ses_signature(forge().signature(extensions_signed=tagged(LISTED)))
    assert (read.extensions, read.deviations) == ((SesExtension("1.2.3", False, b"x"),), ())


@pytest.mark.parametrize("version", [1, 4, 5])
def test_a_raw_signature_value_is_read_by_its_length_and_named(version: int) -> None:
    made = forge(version)
    to_sign = made.to_sign()
    r, s = sm2.split_signature(made.sign(to_sign))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    read = read_ses_signature(made.signature(to_sign=to_sign, signature=bits(raw)))
    verify(read)
    assert (read.deviations, read.signature_value) == (("signature-raw",), raw)


def test_deviations_of_the_seal_stay_with_the_seal() -> None:
    seal = forge().seal(created=utc(VALID_FROM))
    read = read_ses_signature(forge().signature(seal=seal))
    assert (read.deviations, read.seal.deviations) == ((), ("ses-time-utc",))


# One thing wrong in each, and each its own reason.
FAULTS: dict[str, dict[str, bytes]] = {
    "ses-to-sign-unexpected-tag": {"to_sign": der.integer(5)},
    "ses-version-unknown": {"version": der.integer(2)},
    "ses-version-integer-not-minimal": {"version": b"\x02\x02\x00\x04"},
    "ses-version-unexpected-tag": {"version": b""},
    "ses-version-out-of-range": {"version": der.integer(1 << 64)},
    "ses-eseal-unexpected-tag": {"seal": octets(b"seal")},
    "ses-time-unexpected-tag": {"time": ia5("20260601040000Z")},
    "ses-time-not-utc": {"time": der.tlv(der.GENERALIZED_TIME, b"20260601120000+0800")},
    "ses-time-not-a-time": {"time": der.tlv(der.GENERALIZED_TIME, b"20260601040000.5Z")},
    "ses-time-no-such-time": {"time": der.tlv(der.GENERALIZED_TIME, b"20261301040000Z")},
    "ses-data-hash-length": {"data_hash": bits(DATA_HASH[:20])},
    "ses-data-hash-unused-bits": {"data_hash": bits(DATA_HASH, unused=3)},
    "ses-data-hash-empty": {"data_hash": bits(b"")},
    "ses-data-hash-too-large": {"data_hash": bits(bytes(65))},
    "ses-property-info-not-ia5": {"property_info": ia5("/文档/Signature.xml")},
    "ses-property-info-control-characters": {"property_info": ia5("/Doc_0\0/Signature.xml")},
    "ses-property-info-unexpected-tag": {
        "property_info": der.tlv(der.UTF8_STRING, SIGNATURE_PATH.encode())
    },
    "ses-property-info-length-not-minimal": {
        "property_info": b"\x16\x81\x21" + SIGNATURE_PATH.encode()
    },
    "ses-property-info-too-large": {"property_info": ia5("/" * 1025)},
    "ses-extensions-unexpected-tag": {"extensions_signed": tagged(octets(b""))},
    "ses-extensions-trailing-bytes": {"extensions_signed": tagged(LISTED + LISTED)},
    "ses-to-sign-trailing-bytes": {"to_sign_more": octets(b"")},
    "ses-signer-certificate-empty": {"signer_certificate": octets(b"")},
    "ses-signer-certificate-unexpected-tag": {"signer_certificate": der.sequence()},
    "ses-signer-certificate-not-a-certificate": {"signer_certificate": octets(b"\x30\x00\x00")},
    "ses-signer-certificate-too-large": {"signer_certificate": octets(bytes(1 << 15))},
    "ses-signature-algorithm-not-accepted": {
        "algorithm": der.object_identifier("1.2.156.10197.1.504")
    },
    "ses-signature-algorithm-unexpected-tag": {
        "algorithm": der.sequence(der.object_identifier("1.2.156.10197.1.501"))
    },
    "ses-signature-unused-bits": {"signature": bits(b"\x30\x00", unused=7)},
    "ses-signature-empty": {"signature": bits(b"")},
    "ses-signature-unexpected-tag": {"signature": ia5("signature")},
    "ses-signature-too-large": {"signature": bits(bytes(300))},
    "ses-signature-value-truncated": {"signature": bits(b"\x30\x44\x02\x20")},
    "ses-signature-value-unexpected-tag": {"signature": bits(bytes(63))},
    "ses-signature-value-integer-not-minimal": {
        "signature": bits(der.sequence(b"\x02\x02\x00\x01", der.integer(1)))
    },
    "ses-signature-value-third-number": {"signature": bits(der.sequence(*(der.integer(1),) * 3))},
    "ses-signature-value-trailing-bytes": {
        "signature": bits(der.sequence(*(der.integer(1),) * 2) + b"\0")
    },
    "ses-signature-value-length-not-minimal": {"signature": bits(b"\x30\x81\x06\2\1\1\2\1\1")},
    "ses-signature-value-indefinite-length": {"signature": bits(b"\x30\x80\2\1\1\2\1\1\0\0")},
    "ses-signature-value-r-zero": {"signature": bits(bytes(64))},
    "ses-signature-value-sum-is-the-order": {
        "signature": bits(der.sequence(der.integer(1), der.integer(sm2.CURVE_ORDER - 1)))
    },
    "ses-timestamp-empty": {"timestamp": tagged(bits(b""))},
    "ses-timestamp-unused-bits": {"timestamp": tagged(bits(b"token", unused=1))},
    "ses-timestamp-unexpected-tag": {"timestamp": tagged(TOKEN)},
    "ses-timestamp-trailing-bytes": {"timestamp": tagged(bits(b"one") + bits(b"two"))},
    "ses-timestamp-too-large": {"timestamp": tagged(bits(bytes(1 << 17)))},
    "ses-value-trailing-bytes": {"value_more": tagged(bits(b"another token"))},
}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_has_a_reason_of_its_own(code: str) -> None:
    assert code_of(forge().signature(**FAULTS[code])) == code


def test_fields_that_are_missing_are_named() -> None:
    made = forge()
    to_sign = made.to_sign()
    certificate, algorithm = octets(made.certificate), der.object_identifier("1.2.156.10197.1.501")
    parts = [to_sign, certificate, algorithm]
    missing = ("signer-certificate", "signature-algorithm", "signature")
    for count, name in enumerate(missing, 1):
        assert code_of(der.sequence(*parts[:count])) == f"ses-{name}-missing"
    assert code_of(der.sequence()) == "ses-to-sign-missing"
    assert code_of(b"") == "ses-value-missing"


@pytest.mark.parametrize(
    ("version", "parts", "code"),
    [
        (4, {"version": der.integer(5)}, "ses-version-differs"),
        (5, {"version": der.integer(4)}, "ses-version-differs"),
        (4, {"version": der.integer(1)}, "ses-version-differs"),
        (1, {"version": der.integer(4)}, "ses-version-differs"),
        (4, {"time": bits(b"20260601040000Z")}, "ses-version-shape"),
        (1, {"time": utc(NOW)}, "ses-version-shape"),
        (1, {"to_sign_more": der.integer(0)}, "ses-to-sign-trailing-bytes"),
        (1, {"value_more": tagged(bits(b"token"))}, "ses-value-trailing-bytes"),
    ],
)
def test_one_version_does_not_pass_for_another(
    version: int, parts: dict[str, bytes], code: str
) -> None:
    assert code_of(forge(version).signature(**parts)) == code


@pytest.mark.parametrize(("outer", "inner"), [(4, 1), (4, 5), (5, 4), (5, 1), (1, 4), (1, 5)])
def test_a_seal_of_one_version_is_not_used_in_a_signature_of_another(
    outer: int, inner: int
) -> None:
    value = forge(outer).signature(seal=forge(inner).seal())
    assert code_of(value) == "ses-version-differs"


def test_a_seal_inside_that_is_none_gives_its_own_reason() -> None:
    seal = forge().seal(es_id=ia5(""))
    assert code_of(forge().signature(seal=seal)) == "ses-es-id-empty"


def test_bytes_around_a_signature_are_refused() -> None:
    good = forge().signature()
    assert code_of(good + b"\0") == "ses-value-trailing-bytes"
    assert code_of(good[:-1]) == "ses-value-truncated"
    assert code_of(bytes(MAX_VALUE_BYTES + 1)) == "ses-value-too-large"


def test_bare_numbers_are_no_signature_with_a_seal() -> None:
    assert code_of(der.sequence(der.integer(5), der.integer(7))) == "ses-to-sign-unexpected-tag"


def test_a_seal_is_used_by_those_it_lists_only() -> None:
    check_seal_use(use())
    with pytest.raises(SignerNotInSealError) as refused:
        check_seal_use(use(signer_certificate=pki().tsa))
    assert refused.value.es_id in str(refused.value)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (VALID_FROM, True),
        (VALID_FROM - timedelta(seconds=1), False),
        (VALID_UNTIL, True),
        (VALID_UNTIL + timedelta(seconds=1), False),
    ],
)
def test_a_seal_is_used_in_its_period_only(moment: datetime, allowed: bool) -> None:
    wanted = SealUse(use().seal, forge().certificate, DATA_HASH, SIGNATURE_PATH, moment)
    if allowed:
        check_seal_use(wanted)
    else:
        with pytest.raises(SealPeriodError) as refused:
            check_seal_use(wanted)
        assert refused.value.moment == moment


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seal": b"seal"}, "ses-seal-unexpected-tag"),
        ({"data_hash": b"short"}, "ses-data-hash-length"),
    ],
)
def test_a_use_that_cannot_be_written_is_refused(changes: dict[str, bytes], code: str) -> None:
    with pytest.raises(MalformedSealError) as refused:
        check_seal_use(use(**changes))
    assert refused.value.code == code


def test_only_a_seal_of_version_4_is_used() -> None:
    with pytest.raises(MalformedSealError) as refused:
        check_seal_use(use(seal=forge(1).seal()))
    assert refused.value.code == "ses-version-differs"


def test_a_path_that_is_not_ascii_is_not_written() -> None:
    wanted = SealUse(use().seal, forge().certificate, DATA_HASH, "/文档.xml", NOW.astimezone(UTC))
    with pytest.raises(MalformedSealError) as refused:
        make_ses_signature(wanted, forge().signer(), None)
    assert refused.value.code == "ses-property-info-not-ia5"
