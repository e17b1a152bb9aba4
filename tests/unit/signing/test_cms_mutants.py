"""One valid CMS signature, changed in one way at a time: each change has a code of its own.

The mutants are those of docs/attacks.md C1 (attributes), C3 (certificates) and C4 (algorithms).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from pki import SEAL_CODE, Pki

from keys.certificate_authority import SEAL
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.pdf_signature import CmsSignature, read_cms_signature
from signing.cms.pdf_signature_writer import SigningIdentity, sign_detached
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    attributes_to_sign,
    encode_signed_data,
    read_signed_data,
)
from signing.errors import MalformedCmsError

DIGEST = sm3(b"the document")
SHA256_ALGORITHM = der.sequence(identifiers.SHA256)
MD5_ALGORITHM = der.sequence(der.object_identifier("1.2.840.113549.2.5"))
ECDSA_ALGORITHM = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
NULL = b"\x05\x00"


@cache
def hierarchy() -> tuple[Pki, SigningIdentity]:
    pki = Pki()
    return pki, SigningIdentity(pki.seal_certificate(), (pki.seal_ca,))


@cache
def valid() -> bytes:
    pki, identity = hierarchy()
    return sign_detached(
        identity,
        DIGEST,
        sign=lambda message: pki.keys.sign(f"seal/{SEAL_CODE}", message),
        timestamp=pki.timestamper().timestamp,
    )


def parts() -> SignedData:
    return read_signed_data(valid())


def with_signer(**changes: object) -> bytes:
    found = parts()
    return encode_signed_data(replace(found, signer=replace(found.signer, **changes)))  # type: ignore[arg-type]


def with_parts(**changes: object) -> bytes:
    return encode_signed_data(replace(parts(), **changes))  # type: ignore[arg-type]


def attributes() -> dict[bytes, Attribute]:
    found = parts().signer.signed_attributes
    assert found is not None
    return {attribute.type: attribute for attribute in found}


def with_attributes(change: Callable[[dict[bytes, Attribute]], None], *more: Attribute) -> bytes:
    found = attributes()
    change(found)
    return with_signer(to_be_signed=attributes_to_sign([*found.values(), *more]))


def without(kind: bytes) -> bytes:
    return with_attributes(lambda found: found.pop(kind) and None)


def with_value(kind: bytes, *values: bytes) -> bytes:
    return with_attributes(lambda found: found.__setitem__(kind, Attribute(kind, values)))


def certificate_hash(*inner: bytes) -> bytes:
    value = der.sequence(der.sequence(der.sequence(*inner)))
    return with_value(identifiers.SIGNING_CERTIFICATE_V2, value)


def octets(content: bytes) -> bytes:
    return der.tlv(der.OCTET_STRING, content)


def unsorted_attributes() -> bytes:
    found = [attribute.encode() for attribute in attributes().values()]
    return with_signer(to_be_signed=der.tlv(der.SET, *sorted(found, reverse=True)))


def signature_time_stamps(count: int, *more: Attribute) -> bytes:
    stamp = Attribute(identifiers.SIGNATURE_TIMESTAMP, (octets(b"token"),))
    several = [replace(stamp, values=(octets(bytes([n])),)) for n in range(count)]
    return with_signer(unsigned_attributes=(*several, *more))


def certificates_not_sorted() -> bytes:
    found = parts().certificates
    right, wrong = b"".join(sorted(found)), b"".join(sorted(found, reverse=True))
    return valid().replace(right, wrong)


def other_certificate_same_name() -> bytes:
    """The key is another's: same issuer, another serial number."""
    pki, _ = hierarchy()
    return with_parts(certificates=(pki.certify("other", SEAL, _subject(), "ca/seal"), pki.seal_ca))


def same_issuer_and_serial_other_content() -> bytes:
    """A certificate with the signer's issuer and serial that is not the one hashed."""
    pki, identity = hierarchy()
    point = pki.keys.create("twin")
    return with_parts(certificates=(_certificate_like(identity.certificate, point), pki.seal_ca))


def _certificate_like(certificate: bytes, point: bytes) -> bytes:
    from keys.certificate import read_certificate

    own = read_certificate(certificate).public_point
    return certificate.replace(own, point)


def two_with_the_signers_number() -> bytes:
    pki, identity = hierarchy()
    twin = _certificate_like(identity.certificate, pki.keys.create("twin"))
    return with_parts(certificates=(identity.certificate, twin, pki.seal_ca))


def _subject() -> object:
    from keys.certificate_authority import Subject

    return Subject(SEAL_CODE)


def signer_twice() -> bytes:
    encoded = encode_signed_data(parts())
    signer = _signer_der(encoded)
    return _with_signer_infos(encoded, [signer, signer])


def _signer_der(encoded: bytes) -> bytes:
    return _signed_data_elements(encoded)[-1]


def _signed_data_elements(encoded: bytes) -> list[bytes]:
    body = der.DerReader(encoded).enter(der.SEQUENCE, "")
    body.element(None, "")
    inner = body.enter(der.context(0), "").enter(der.SEQUENCE, "")
    elements = []
    while not inner.at_end:
        elements.append(inner.element(None, ""))
    return [*elements[:-1], der.DerReader(elements[-1]).contents(der.SET, "")]


def _with_elements(*elements: bytes) -> bytes:
    body = der.sequence(*elements)
    return der.sequence(identifiers.SIGNED_DATA, der.tlv(der.context(0), body))


def _with_signer_infos(encoded: bytes, signers: list[bytes]) -> bytes:
    return _with_elements(*_signed_data_elements(encoded)[:-1], der.tlv(der.SET, *signers))


def with_revocation_lists() -> bytes:
    *before, signer = _signed_data_elements(valid())
    lists = der.tlv(der.context(1), der.sequence())
    return _with_elements(*before, lists, der.tlv(der.SET, signer))


def without_certificates() -> bytes:
    *before, signer = _signed_data_elements(valid())
    return _with_elements(*before[:-1], der.tlv(der.SET, signer))


def by_key_identifier() -> bytes:
    signer = der.DerReader(_signer_der(valid())).enter(der.SEQUENCE, "")
    version, _ = signer.element(None, ""), signer.element(None, "")
    rest = []
    while not signer.at_end:
        rest.append(signer.element(None, ""))
    named = der.sequence(version, der.tlv(der.context_primitive(0), bytes(20)), *rest)
    return _with_signer_infos(valid(), [named])


def long_form_length() -> bytes:
    inner = der.DerReader(valid()).contents(der.SEQUENCE, "")
    return b"\x30\x83" + len(inner).to_bytes(3, "big") + inner


def indefinite_length() -> bytes:
    return b"\x30\x80" + der.DerReader(valid()).contents(der.SEQUENCE, "") + b"\x00\x00"


def signature_pair(*numbers: int) -> bytes:
    return with_signer(signature=der.sequence(*map(der.integer, numbers)))


READABLE: dict[str, Callable[[], bytes]] = {
    # C1: attributes
    "cms-signed-attributes-missing": lambda: with_signer(to_be_signed=b""),
    "cms-content-type-missing": lambda: without(identifiers.CONTENT_TYPE),
    "cms-content-type-not-data": lambda: with_value(identifiers.CONTENT_TYPE, identifiers.TST_INFO),
    "cms-content-type-values": lambda: with_value(
        identifiers.CONTENT_TYPE, identifiers.DATA, identifiers.TST_INFO
    ),
    "cms-message-digest-missing": lambda: without(identifiers.MESSAGE_DIGEST),
    "cms-message-digest-malformed": lambda: with_value(
        identifiers.MESSAGE_DIGEST, octets(bytes(20))
    ),
    "cms-message-digest-values": lambda: with_value(
        identifiers.MESSAGE_DIGEST, octets(bytes(32)), octets(bytes(32))
    ),
    "cms-signed-attribute-twice": lambda: with_attributes(
        lambda _: None, Attribute(identifiers.CONTENT_TYPE, (identifiers.TST_INFO,))
    ),
    "cms-signed-attributes-not-sorted": unsorted_attributes,
    "cms-signed-attribute-unexpected": lambda: with_attributes(
        lambda _: None, Attribute(identifiers.SIGNING_TIME, (der.tlv(23, b"260601040000Z"),))
    ),
    "cms-signed-attribute-among-unsigned": lambda: signature_time_stamps(
        1, attributes()[identifiers.MESSAGE_DIGEST]
    ),
    "cms-unsigned-attribute-unexpected": lambda: signature_time_stamps(
        1, Attribute(der.object_identifier("1.2.3"), (NULL,))
    ),
    "cms-timestamp-missing": lambda: with_signer(unsigned_attributes=None),
    "cms-timestamp-twice": lambda: signature_time_stamps(2),
    "cms-timestamp-values": lambda: with_signer(
        unsigned_attributes=(
            Attribute(identifiers.SIGNATURE_TIMESTAMP, (octets(b"1"), octets(b"2"))),
        )
    ),
    "cms-content-enclosed": lambda: with_parts(content=b"the document"),
    "cms-encapsulated-type-not-data": lambda: with_parts(content_type=identifiers.TST_INFO),
    "cms-outer-type-not-rfc5652": lambda: with_parts(outer_type=identifiers.GM_SIGNED_DATA),
    "cms-version": lambda: with_parts(version=3),
    "cms-signer-version": lambda: with_signer(version=3),
    # C3: certificates
    "cms-signing-certificate-missing": lambda: without(identifiers.SIGNING_CERTIFICATE_V2),
    "cms-signing-certificate-not-sm3": lambda: certificate_hash(octets(bytes(32))),
    "cms-signing-certificate-malformed": lambda: certificate_hash(
        identifiers.SM3_ALGORITHM, octets(bytes(31))
    ),
    "cms-signing-certificate-values": lambda: with_value(
        identifiers.SIGNING_CERTIFICATE_V2, octets(b"1"), octets(b"2")
    ),
    "cms-signing-certificate-v1": lambda: with_attributes(
        lambda found: found.pop(identifiers.SIGNING_CERTIFICATE_V2) and None,
        Attribute(identifiers.SIGNING_CERTIFICATE, (der.sequence(),)),
    ),
    "cms-signing-certificate-mismatch": same_issuer_and_serial_other_content,
    "cms-signer-certificate-missing": other_certificate_same_name,
    "cms-signer-certificate-ambiguous": two_with_the_signers_number,
    "cms-certificate-unreadable": lambda: with_parts(
        certificates=(*parts().certificates, der.sequence(NULL))
    ),
    "cms-certificates-not-sorted": certificates_not_sorted,
    # C4: algorithms
    "cms-digest-not-accepted": lambda: with_parts(digest_algorithms=(SHA256_ALGORITHM,)),
    "cms-digest-parameters": lambda: with_parts(
        digest_algorithms=(identifiers.SM3_ALGORITHM_NULL,)
    ),
    "cms-digest-algorithms-count": lambda: with_parts(digest_algorithms=()),
    "cms-signer-digest-not-accepted": lambda: with_signer(digest_algorithm=MD5_ALGORITHM),
    "cms-signer-digest-parameters": lambda: with_signer(
        digest_algorithm=identifiers.SM3_ALGORITHM_NULL
    ),
    "cms-signature-algorithm-not-accepted": lambda: with_signer(
        signature_algorithm=ECDSA_ALGORITHM
    ),
    "cms-signature-algorithm-parameters": lambda: with_signer(
        signature_algorithm=der.sequence(identifiers.SM2_WITH_SM3, NULL)
    ),
    "cms-signature-not-der": lambda: with_signer(signature=bytes(64)),
    "cms-signature-out-of-range": lambda: signature_pair(0, 5),
}

UNREADABLE: dict[str, Callable[[], bytes]] = {
    "cms-no-signer": lambda: _with_signer_infos(valid(), []),
    "cms-several-signers": signer_twice,
    "cms-signer-by-key-identifier": by_key_identifier,
    "cms-certificates-missing": without_certificates,
    "cms-too-many-certificates": lambda: with_parts(
        certificates=tuple(der.sequence(der.integer(n)) for n in range(9))
    ),
    "cms-certificate-twice": lambda: with_parts(certificates=parts().certificates * 2),
    "cms-revocation-lists-enclosed": with_revocation_lists,
    "cms-not-signed-data": lambda: with_parts(outer_type=identifiers.DATA),
    "cms-algorithm-malformed": lambda: with_signer(digest_algorithm=der.sequence(NULL)),
    "der-trailing-bytes": lambda: valid() + b"\x00",
    "der-truncated": lambda: valid()[:-1],
    "der-length-not-minimal": long_form_length,
    "der-indefinite-length": indefinite_length,
    "der-unexpected-tag": lambda: b"\x31" + valid()[1:],
}


def test_what_the_writer_writes_has_no_problem() -> None:
    signature = read_cms_signature(valid())

    assert signature.problems == ()
    assert signature.message_digest == DIGEST
    assert (signature.digest_algorithm, signature.signature_algorithm) == ("sm3", "sm3_sm2")
    assert signature.signer_certificate == hierarchy()[1].certificate


def test_there_are_more_than_thirty_mutants() -> None:
    assert len(READABLE) + len(UNREADABLE) >= 50


@pytest.mark.parametrize("code", READABLE)
def test_a_departure_from_the_profile_is_named(code: str) -> None:
    problems = read_cms_signature(READABLE[code]()).problems

    assert code in problems


@pytest.mark.parametrize("code", UNREADABLE)
def test_what_cannot_be_read_is_named(code: str) -> None:
    with pytest.raises(MalformedCmsError) as caught:
        read_cms_signature(UNREADABLE[code]())

    assert caught.value.code == code


def test_the_bare_sm2_algorithm_is_another_algorithm() -> None:
    changed = with_signer(signature_algorithm=der.sequence(identifiers.SM2_SIGNATURE))

    assert read_cms_signature(changed).problems == ("cms-signature-algorithm-not-accepted",)


@pytest.mark.parametrize("numbers", [(5,), (5, 6, 7)])
def test_a_signature_is_a_pair(numbers: tuple[int, ...]) -> None:
    assert read_cms_signature(signature_pair(*numbers)).problems == ("cms-signature-not-der",)


def test_no_byte_outside_the_signed_attributes_is_free() -> None:
    """Whatever changes, the reader names it or shows another value to check."""
    original = read_cms_signature(valid())
    free = []
    for position in range(len(valid())):
        changed = bytearray(valid())
        changed[position] ^= 0x01
        if _reads_the_same(bytes(changed), original):
            free.append(position)

    assert free == []


def _reads_the_same(changed: bytes, original: CmsSignature) -> bool:
    """Whether a change is invisible: no problem, and every value to be checked is the same."""
    try:
        found = read_cms_signature(changed)
    except MalformedCmsError:
        return False
    return not found.problems and replace(found, der=b"") == replace(original, der=b"")
