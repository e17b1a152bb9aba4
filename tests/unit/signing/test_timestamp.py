"""Time-stamp tokens: what the local authority makes, and each way a token can be wrong."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from pki import NOW, Pki

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import (
    Attribute,
    attributes_to_sign,
    encode_signed_data,
    read_signed_data,
)
from signing.errors import MalformedTimestampError
from signing.timestamps.token import read_generalized_time, read_timestamp_token

IMPRINT = sm3(b"signature value")
SHA256_ALGORITHM = der.sequence(identifiers.SHA256)


@cache
def hierarchy() -> Pki:
    return Pki()


@cache
def token() -> bytes:
    return hierarchy().timestamper().timestamp(IMPRINT)


def test_a_token_names_the_imprint_the_time_and_its_authority() -> None:
    found = read_timestamp_token(token())

    assert (found.imprint, found.generated_at, found.nonce) == (IMPRINT, NOW, None)
    assert found.authority_certificate == hierarchy().tsa
    point = read_certificate(found.authority_certificate).public_point
    sm2.verify(point, found.signed_attributes, found.signature)


def test_two_tokens_have_two_serial_numbers() -> None:
    stamper = hierarchy().timestamper()
    serials = {read_timestamp_token(stamper.timestamp(IMPRINT)).serial for _ in range(20)}

    assert len(serials) == 20


def test_no_token_is_larger_than_said() -> None:
    stamper = hierarchy().timestamper()

    assert all(len(stamper.timestamp(IMPRINT)) <= stamper.largest_token for _ in range(50))


def test_the_local_authority_warns_and_is_not_for_production(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not hierarchy().timestamper().for_production
    assert "development" in caplog.text


def statement(*, algorithm: bytes = identifiers.SM3_ALGORITHM, **changes: bytes) -> bytes:
    parts = {
        "version": der.integer(1),
        "policy": identifiers.LOCAL_TIMESTAMP_POLICY,
        "imprint": der.sequence(algorithm, der.tlv(der.OCTET_STRING, IMPRINT)),
        "serial": der.integer(7),
        "time": der.tlv(der.GENERALIZED_TIME, b"20260601040000Z"),
        "rest": b"",
    }
    return der.sequence(*(parts | changes).values())


def with_statement(content: bytes) -> bytes:
    """A token whose attributes name this content; its signature need not hold to be read."""
    parts = read_signed_data(token())
    digest = Attribute(identifiers.MESSAGE_DIGEST, (der.tlv(der.OCTET_STRING, sm3(content)),))
    return encode_signed_data(replace(parts, content=content, signer=with_attribute(digest)))


def with_attribute(new: Attribute) -> object:
    signer = read_signed_data(token()).signer
    assert signer.signed_attributes is not None
    kept = [each for each in signer.signed_attributes if each.type != new.type]
    return replace(signer, to_be_signed=attributes_to_sign([*kept, new]))


def with_signer(**changes: object) -> bytes:
    parts = read_signed_data(token())
    return encode_signed_data(replace(parts, signer=replace(parts.signer, **changes)))  # type: ignore[arg-type]


def with_parts(**changes: object) -> bytes:
    return encode_signed_data(replace(read_signed_data(token()), **changes))  # type: ignore[arg-type]


def attribute(kind: bytes, value: bytes) -> bytes:
    return with_parts(signer=with_attribute(Attribute(kind, (value,))))


MUTANTS: dict[str, Callable[[], bytes]] = {
    "timestamp-version": lambda: with_parts(version=1),
    "timestamp-not-a-statement": lambda: with_parts(content_type=identifiers.DATA),
    "timestamp-digest-algorithms-differ": lambda: with_parts(
        digest_algorithms=(identifiers.SM3_ALGORITHM_NULL,)
    ),
    "timestamp-digest-not-sm3": lambda: encode_signed_data(
        replace(
            read_signed_data(with_signer(digest_algorithm=SHA256_ALGORITHM)),
            digest_algorithms=(SHA256_ALGORITHM,),
        )
    ),
    "timestamp-signature-algorithm-not-accepted": lambda: with_signer(
        signature_algorithm=SHA256_ALGORITHM
    ),
    "timestamp-statement-version": lambda: with_statement(statement(version=der.integer(2))),
    "timestamp-imprint-not-sm3": lambda: with_statement(statement(algorithm=SHA256_ALGORITHM)),
    "timestamp-imprint-length": lambda: with_statement(
        statement(
            imprint=der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, bytes(20)))
        )
    ),
    "timestamp-time-malformed": lambda: with_statement(
        statement(time=der.tlv(der.GENERALIZED_TIME, b"20261301000000Z"))
    ),
    "timestamp-ordering": lambda: with_statement(statement(rest=der.tlv(der.BOOLEAN, b"\x00"))),
    "timestamp-extensions": lambda: with_statement(
        statement(rest=der.tlv(der.context(1), der.sequence()))
    ),
    "timestamp-authority-certificate-missing": lambda: with_parts(
        certificates=(hierarchy().tsa_ca,)
    ),
    "timestamp-certificate-unreadable": lambda: with_parts(
        certificates=(hierarchy().tsa, der.sequence())
    ),
    "timestamp-signed-attributes": lambda: with_signer(to_be_signed=b""),
    "timestamp-content-type": lambda: attribute(identifiers.CONTENT_TYPE, identifiers.DATA),
    "timestamp-message-digest": lambda: attribute(
        identifiers.MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, bytes(32))
    ),
    "timestamp-signing-certificate": lambda: attribute(
        identifiers.SIGNING_CERTIFICATE_V2,
        der.sequence(
            der.sequence(
                der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, bytes(32)))
            )
        ),
    ),
    "timestamp-unsigned-attributes": lambda: with_signer(
        unsigned_attributes=(Attribute(identifiers.DATA, (der.sequence(),)),)
    ),
    "timestamp-der-truncated": lambda: token()[:-1],
    "timestamp-der-trailing-bytes": lambda: with_statement(
        statement(rest=der.tlv(der.OCTET_STRING, b""))
    ),
    "timestamp-cms-not-signed-data": lambda: with_parts(outer_type=identifiers.DATA),
}


@pytest.mark.parametrize("code", MUTANTS)
def test_a_wrong_token_is_refused_by_name(code: str) -> None:
    with pytest.raises(MalformedTimestampError) as caught:
        read_timestamp_token(MUTANTS[code]())

    assert caught.value.code == code


def test_what_other_authorities_may_write_is_read() -> None:
    rest = der.sequence(der.integer(1)) + der.tlv(der.BOOLEAN, b"\xff") + der.integer(99)
    rest += der.tlv(der.context(0), der.tlv(der.context(4), der.sequence()))
    precise = der.tlv(der.GENERALIZED_TIME, b"20260601040000.123Z")
    found = read_timestamp_token(with_statement(statement(rest=rest, time=precise)))

    assert (found.nonce, found.generated_at) == (99, NOW)


def test_a_certificate_may_be_named_by_sha256() -> None:
    digest = hashlib.sha256(hierarchy().tsa).digest()
    entry = der.sequence(der.tlv(der.OCTET_STRING, digest))
    named = attribute(identifiers.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(entry)))

    assert read_timestamp_token(named).authority_certificate == hierarchy().tsa


@pytest.mark.parametrize(
    "text",
    ["20260601040000", "20260601040000+0800", "202606010400Z", "20260601040000.Z",
     "20260601040000.10Z", "2026060104000٣Z", "20260601040060Z", "00000101000000Z"],
)  # fmt: skip
def test_times_have_one_form(text: str) -> None:
    with pytest.raises(MalformedTimestampError):
        read_generalized_time(text.encode())


def test_fractions_of_a_second_are_cut_off() -> None:
    at = read_generalized_time(b"20260601040059.999Z")

    assert at == datetime(2026, 6, 1, 4, 0, 59, tzinfo=UTC)


def test_no_bit_of_a_token_is_free() -> None:
    """A changed byte is refused, or changes what is signed or the signature itself."""
    original = read_timestamp_token(token())
    covered = (original.signed_attributes, original.signature, original.authority_certificate)
    free = []
    for position in range(len(token())):
        changed = bytearray(token())
        changed[position] ^= 0x04
        try:
            found = read_timestamp_token(bytes(changed))
        except MalformedTimestampError:
            continue
        now = (found.signed_attributes, found.signature, found.authority_certificate)
        if now == covered and found.certificates == original.certificates:
            free.append(position)

    assert free == []
