"""GB/T 35275 signatures as others write them: read, departures named, faults refused."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from pki import NOW, SEAL_CODE, Pki

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.gm_signature import GmSignature, read_gm_signature
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    SignerInfo,
    attributes_to_sign,
    encode_signed_data,
)
from signing.errors import MalformedCmsError

CONTENT = b"the bytes of Signature.xml"
SM3_NULL = identifiers.SM3_ALGORITHM_NULL
SM2_PLAIN = der.sequence(identifiers.SM2_SIGNATURE)


@cache
def pki() -> Pki:
    return Pki()


@cache
def certificate() -> bytes:
    return pki().seal_certificate()


def sign(message: bytes) -> bytes:
    certificate()
    return pki().keys.sign(f"seal/{SEAL_CODE}", message)


def octets(value: bytes) -> bytes:
    return der.tlv(der.OCTET_STRING, value)


def utc_now() -> bytes:
    return der.tlv(der.UTC_TIME, NOW.strftime("%y%m%d%H%M%SZ").encode())


KIND = Attribute(identifiers.CONTENT_TYPE, (identifiers.GM_DATA,))
DIGEST = Attribute(identifiers.MESSAGE_DIGEST, (octets(sm3(CONTENT)),))
TIME = Attribute(identifiers.SIGNING_TIME, (utc_now(),))
GOOD = (KIND, DIGEST, TIME)


def named(algorithm: bytes, digest: bytes) -> Attribute:
    entry = der.sequence(algorithm, octets(digest))
    return Attribute(identifiers.SIGNING_CERTIFICATE_V2, (der.sequence(der.sequence(entry)),))


def parts(content: bytes | None, message: bytes | None, signature: bytes) -> SignedData:
    """A plain GB/T 35275 SignedData: nothing in it is a deviation but what the caller asked for."""
    read = read_certificate(certificate())
    signer = SignerInfo(
        version=1,
        issuer=read.issuer_der,
        serial=read.serial,
        digest_algorithm=identifiers.SM3_ALGORITHM,
        signed_attributes=(),
        signed_attributes_sorted=True,
        to_be_signed=message or b"",
        signature_algorithm=SM2_PLAIN,
        signature=signature,
        unsigned_attributes=None,
    )
    return SignedData(
        outer_type=identifiers.GM_SIGNED_DATA,
        version=1,
        digest_algorithms=(identifiers.SM3_ALGORITHM,),
        content_type=identifiers.GM_DATA,
        content=content,
        certificates=(certificate(), pki().seal_ca),
        signer=signer,
    )


def with_attributes(
    attributes: Sequence[Attribute] = GOOD, content: bytes | None = None
) -> SignedData:
    message = attributes_to_sign(attributes)
    return parts(content, message, sign(message))


def without_attributes(content: bytes | None = CONTENT) -> SignedData:
    return parts(content, None, sign(CONTENT if content is None else content))


def read(made: SignedData) -> GmSignature:
    return read_gm_signature(encode_signed_data(made))


def signer_changed(made: SignedData, **changes: object) -> SignedData:
    return replace(made, signer=replace(made.signer, **changes))  # type: ignore[arg-type]


def holds(found: GmSignature, content: bytes) -> bool:
    message = content if found.message is None else found.message
    point = read_certificate(found.signer_certificate).public_point
    sm2.verify(point, message, found.signature)
    return True


def test_a_signature_over_attributes_is_read() -> None:
    found = read(with_attributes())
    assert holds(found, b"")
    assert (found.content, found.message_digest, found.signed_at) == (None, sm3(CONTENT), NOW)
    assert found.outer_type == "1.2.156.10197.6.1.4.2.2"
    assert found.inner_type == "1.2.156.10197.6.1.4.2.1"
    assert found.digest_algorithm == "1.2.156.10197.1.401"
    assert found.signature_algorithm == "1.2.156.10197.1.301.1"
    assert found.signer_certificate == certificate()
    assert set(found.certificates) == {certificate(), pki().seal_ca}
    assert (found.timestamp, found.deviations) == (None, ())


def test_a_signature_over_the_content_itself_is_read_inside_and_outside() -> None:
    enclosed, detached = read(without_attributes()), read(without_attributes(None))
    assert (enclosed.content, detached.content) == (CONTENT, None)
    for found in (enclosed, detached):
        assert (found.message, found.message_digest, found.signed_at) == (None, None, None)
        assert found.deviations == ("cms-signed-attributes-missing",)
        assert holds(found, CONTENT)


def test_the_enclosed_content_must_be_what_the_attributes_name() -> None:
    assert read(with_attributes(content=CONTENT)).deviations == ()
    again = read(with_attributes(content=sm3(CONTENT)))
    assert again.deviations == ("cms-message-digest-is-content",)
    assert code_of(with_attributes(content=b"other")) == "cms-message-digest-differs"


def raw(signature: bytes) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in sm2.split_signature(signature))


RFC = {"outer_type": identifiers.SIGNED_DATA}
RFC_KIND = Attribute(identifiers.CONTENT_TYPE, (identifiers.DATA,))
PADES = (RFC_KIND, DIGEST, named(identifiers.SM3_ALGORITHM, bytes(32)))
UNSIGNED = (Attribute(identifiers.SIGNING_TIME, (utc_now(),)),)


def harmless() -> dict[str, SignedData]:
    good = with_attributes()
    null_parameters = der.sequence(identifiers.SM2_SIGNATURE, b"\x05\x00")
    unsorted = der.tlv(der.SET, DIGEST.encode(), KIND.encode())
    rfc = with_attributes((RFC_KIND, DIGEST))
    return {
        "cms-rfc5652-types": replace(
            rfc, outer_type=identifiers.SIGNED_DATA, content_type=identifiers.DATA
        ),
        "cms-inner-type-differs": replace(rfc, content_type=identifiers.DATA),
        "cms-content-type-differs": rfc,
        "cms-version": replace(good, version=3),
        "cms-signed-attributes-missing": without_attributes(),
        "cms-signed-attributes-not-sorted": parts(None, unsorted, sign(unsorted)),
        "cms-digest-algorithms": replace(good, digest_algorithms=(SM3_NULL,)),
        "cms-parameters-null": signer_changed(good, signature_algorithm=null_parameters),
        "cms-algorithm-sm2-with-sm3": signer_changed(
            good, signature_algorithm=identifiers.SM2_WITH_SM3_ALGORITHM
        ),
        "signature-raw": signer_changed(good, signature=raw(good.signer.signature)),
        "cms-signing-time-unreadable": with_attributes(
            (KIND, DIGEST, Attribute(identifiers.SIGNING_TIME, (octets(b"now"),)))
        ),
        "cms-signing-certificate-sha256": with_attributes(
            (*GOOD, named(b"", hashlib.sha256(certificate()).digest()))
        ),
        "cms-unsigned-attribute-unexpected": signer_changed(good, unsigned_attributes=UNSIGNED),
        "cms-certificate-unreadable": replace(
            good, certificates=(certificate(), der.sequence(der.integer(1)))
        ),
    }


def test_what_others_write_and_does_no_harm_is_named() -> None:
    found = {code: read(made) for code, made in harmless().items()}
    assert {code: each.deviations for code, each in found.items()} == {c: (c,) for c in found}
    assert all(holds(each, CONTENT) for each in found.values())


@pytest.mark.parametrize("said", [b"260631040000Z", b"260601040000", b"yesterday"])
def test_a_signing_time_that_says_nothing_is_none(said: bytes) -> None:
    time = Attribute(identifiers.SIGNING_TIME, (der.tlv(der.UTC_TIME, said),))
    found = read(with_attributes((KIND, DIGEST, time)))
    assert (found.signed_at, found.deviations) == (None, ("cms-signing-time-unreadable",))


def test_a_signed_data_without_its_envelope_is_read_and_named() -> None:
    whole = der.DerReader(encode_signed_data(without_attributes())).enter(der.SEQUENCE, "")
    whole.element(der.OBJECT_IDENTIFIER, "")
    alone = whole.enter(der.context(0), "").element(der.SEQUENCE, "")
    found = read_gm_signature(alone)
    assert found.deviations[0] == "cms-without-content-info"
    assert found.der == alone
    assert holds(found, CONTENT)


def test_a_time_stamp_over_the_signature_value_is_found() -> None:
    good = with_attributes()
    token = pki().timestamper().timestamp(sm3(good.signer.signature))
    stamped = signer_changed(
        good, unsigned_attributes=(Attribute(identifiers.SIGNATURE_TIMESTAMP, (token,)),)
    )
    found = read(stamped)
    assert (found.timestamp, found.deviations) == (token, ())
    assert found.signature_value == good.signer.signature


def test_a_signing_certificate_by_sm3_is_checked_and_no_deviation() -> None:
    attribute = named(identifiers.SM3_ALGORITHM, sm3(certificate()))
    assert read(with_attributes((*GOOD, attribute))).deviations == ()


def code_of(made: SignedData) -> str:
    with pytest.raises(MalformedCmsError) as refused:
        read(made)
    return refused.value.code


ECDSA = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
SHA256 = der.sequence(identifiers.SHA256)


def faults() -> dict[str, SignedData]:
    good, plain = with_attributes(), without_attributes()
    message = attributes_to_sign(GOOD)
    other = Attribute(identifiers.MESSAGE_DIGEST, (octets(sm3(b"other")),))
    twice = replace(DIGEST, values=(*DIGEST.values, *other.values))
    token = Attribute(identifiers.SIGNATURE_TIMESTAMP, (der.sequence(),))
    second = replace(token, values=(der.sequence(der.integer(1)),))
    one_bit = der.sequence(identifiers.SM2_SIGNATURE, der.integer(1))
    return {
        "cms-digest-not-accepted": signer_changed(good, digest_algorithm=SHA256),
        "cms-digest-algorithms-differ": replace(good, digest_algorithms=(SHA256,)),
        "cms-signature-algorithm-not-accepted": signer_changed(good, signature_algorithm=ECDSA),
        "cms-signature-algorithm-parameters": signer_changed(good, signature_algorithm=one_bit),
        "cms-signer-certificate-missing": replace(good, certificates=(pki().seal_ca,)),
        "cms-certificates-missing": replace(good, certificates=()),
        "cms-message-digest-missing": with_attributes((KIND, TIME)),
        "cms-message-digest-values": with_attributes((KIND, twice)),
        "cms-message-digest-malformed": with_attributes(
            (KIND, Attribute(identifiers.MESSAGE_DIGEST, (octets(bytes(20)),)))
        ),
        "cms-signed-attribute-twice": with_attributes((KIND, DIGEST, other)),
        "cms-signing-certificate-mismatch": with_attributes(
            (*GOOD, named(identifiers.SM3_ALGORITHM, sm3(pki().seal_ca)))
        ),
        "cms-signing-certificate-not-sm3": with_attributes((*GOOD, named(SHA256, bytes(32)))),
        "cms-content-is-attributes": parts(message, None, sign(message)),
        "cms-timestamp-twice": signer_changed(good, unsigned_attributes=(token, second)),
        "cms-not-signed-data": replace(good, outer_type=identifiers.GM_DATA),
        "der-r-zero": signer_changed(good, signature=bytes(64)),
        "der-unexpected-tag": signer_changed(plain, signature=bytes(63)),
        "der-integer-not-minimal": signer_changed(
            plain, signature=der.sequence(b"\2\2\0\1", der.integer(1))
        ),
    }


def test_what_leaves_open_who_signed_what_is_refused() -> None:
    found = {code: code_of(made) for code, made in faults().items()}
    assert found == {code: code for code in found}


def test_two_certificates_under_one_name_and_number_are_refused() -> None:
    # The same certificate signed twice: another signature, all else the same.
    first = der.DerReader(certificate()).enter(der.SEQUENCE, "")
    tbs, algorithm = first.element(der.SEQUENCE, ""), first.element(der.SEQUENCE, "")
    again = der.sequence(
        tbs, algorithm, der.tlv(der.BIT_STRING, b"\0", pki().keys.sign("ca/seal", tbs))
    )
    made = replace(with_attributes(), certificates=(certificate(), again))
    assert code_of(made) == "cms-signer-certificate-ambiguous"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "der-truncated"),
        (der.sequence(der.integer(5), der.integer(7)), "der-unexpected-tag"),
        (bytes((8 << 20) + 1), "cms-too-large"),
        (der.sequence(identifiers.GM_SIGNED_DATA), "der-truncated"),
        (der.sequence(der.integer(1)) + b"\0", "der-trailing-bytes"),
    ],
)
def test_what_is_no_signature_is_refused(value: bytes, code: str) -> None:
    with pytest.raises(MalformedCmsError) as refused:
        read_gm_signature(value)
    assert refused.value.code == code


def test_bytes_after_a_signature_are_refused() -> None:
    with pytest.raises(MalformedCmsError) as refused:
        read_gm_signature(encode_signed_data(with_attributes()) + b"\0")
    assert refused.value.code == "der-trailing-bytes"
