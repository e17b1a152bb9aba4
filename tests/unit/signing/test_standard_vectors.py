"""Every value of tests/vectors/standards.json goes through our own code: read, made, verified."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keys import der as keys_der
from keys import envelope, sm2
from keys.certificate import read_certificate, split_signed, verify_issued_by
from keys.errors import InvalidSignatureError
from keys.sm3 import hmac_sm3, sm3
from signing import der, identifiers
from signing.cms.gm_signature import GmSignature, read_gm_signature
from signing.ses.seal import SealMaking, make_ses_seal, read_ses_seal
from signing.ses.signature import SealUse, make_ses_signature, read_ses_signature
from signing.timestamps.http import encode_request

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/standards.json").read_text("utf-8"))
OFFICIAL, DERIVED = VECTORS["official"], VECTORS["derived"]
SIGNATURE_XML = DERIVED["ses_v4"]["signature_xml_utf8"].encode()


def ours(name: str, part: str) -> bytes:
    return bytes.fromhex(DERIVED[name][part])


def test_the_vectors_know_their_origin() -> None:
    assert set(VECTORS["origin"]) == {"official", "derived", "left_out"}


@pytest.mark.parametrize("name", VECTORS["oids"])
def test_object_identifiers_are_written_and_read(name: str) -> None:
    vector = VECTORS["oids"][name]
    encoded = bytes.fromhex(vector["der"])
    assert der.object_identifier(vector["oid"]) == encoded
    assert keys_der.write_object_identifier(vector["oid"]) == encoded
    assert der.dotted(encoded[2:]) == vector["oid"]
    assert keys_der.object_identifier(keys_der.only(encoded, 6)) == vector["oid"]


def test_the_curve_is_the_recommended_one() -> None:
    curve = {name: int(value, 16) for name, value in VECTORS["curve"].items() if name != "source"}
    wanted = tuple(curve[name] for name in "pabn")
    assert wanted == (sm2.FIELD_PRIME, sm2.CURVE_A, sm2.CURVE_B, sm2.CURVE_ORDER)
    base = curve["gx"].to_bytes(32, "big") + curve["gy"].to_bytes(32, "big")
    sm2.check_public_point(b"\4" + base)
    assert sm2.PrivateKey.from_scalar(1).public_point == b"\4" + base


def test_the_printed_signature() -> None:
    vector = OFFICIAL["sm2_sign"]
    key = sm2.PrivateKey.from_scalar(int(vector["d"], 16))
    assert key.public_point == bytes.fromhex("04" + vector["px"] + vector["py"])
    digest = sm2.signer_digest(key.public_point, vector["id_ascii"].encode())
    assert digest.hex() == vector["z_a"]
    message = vector["msg_ascii"].encode()
    assert sm3(digest, message).hex() == vector["e"]
    signature = bytes.fromhex(vector["der"])
    assert sm2.split_signature(signature) == (int(vector["r"], 16), int(vector["s"], 16))
    sm2.verify(key.public_point, message, signature)


def _message(vector: dict[str, Any]) -> bytes:
    if "msg_repeat" in vector:
        text, times = vector["msg_repeat"]
        return str(text).encode() * int(times)
    if "msg_hex" in vector:
        return bytes.fromhex(vector["msg_hex"])
    return str(vector["msg_ascii"]).encode()


@pytest.mark.parametrize("vector", OFFICIAL["sm3"], ids=lambda vector: vector["digest"][:8])
def test_digests(vector: dict[str, Any]) -> None:
    assert sm3(_message(vector)).hex() == vector["digest"]


@pytest.mark.parametrize("vector", OFFICIAL["hmac_sm3"], ids=lambda vector: vector["mac"][:8])
def test_message_codes(vector: dict[str, Any]) -> None:
    assert hmac_sm3(bytes.fromhex(vector["key"]), _message(vector)).hex() == vector["mac"]


def test_sm4_gcm_enciphers_as_printed() -> None:
    # The envelope authenticates its version too, so its tag is not the printed one.
    vector = {name: bytes.fromhex(OFFICIAL["sm4_gcm"][name]) for name in ("key", "iv", "pt", "ct")}
    made = envelope.encrypt(vector["key"], vector["pt"], b"", lambda _: vector["iv"])
    assert made[13:-16] == vector["ct"]
    assert envelope.decrypt(vector["key"], made, b"") == vector["pt"]


def test_keys_in_their_usual_forms() -> None:
    vector = {name: value for name, value in DERIVED["key"].items() if name != "note"}
    key = sm2.PrivateKey.from_pkcs8(bytes.fromhex(vector["pkcs8_der"]))
    assert key.to_pkcs8().hex() == vector["pkcs8_der"]
    assert sm2.write_spki(key.public_point).hex() == vector["spki_der"]
    assert sm2.ALGORITHM_IDENTIFIER.hex() == vector["alg_id_der"]
    assert key.public_point == sm2.PrivateKey.from_scalar(int(vector["d"], 16)).public_point
    # SEC1 with its curve named inside, as it stands in PKCS#8 without that name.
    assert bytes.fromhex(vector["d"]) in bytes.fromhex(vector["sec1_der"])


def test_the_self_signed_certificate_holds() -> None:
    certificate = read_certificate(ours("x509_selfsigned", "cert_der"))
    verify_point = certificate.public_point
    tbs, signature, _ = split_signed(certificate.der)
    assert tbs.encoded == ours("x509_selfsigned", "tbs_der")
    sm2.verify(verify_point, tbs.encoded, signature)
    assert certificate.common_name == "31011400000001"
    with pytest.raises(InvalidSignatureError, match="issuer-not-a-ca"):
        verify_issued_by(certificate, certificate)


def _verify(certificate: bytes, message: bytes, signature: bytes) -> None:
    sm2.verify(read_certificate(certificate).public_point, message, signature)


@pytest.mark.parametrize(
    ("name", "signed", "version"), [("ses_v4", "seal_info_der", 4), ("ses_v1", "seal_tbs_der", 1)]
)
def test_seals(name: str, signed: str, version: int) -> None:
    seal = read_ses_seal(ours(name, "seal_der"))
    assert (seal.version, seal.es_id, seal.name) == (version, "31011400000001", "测试专用章")
    assert seal.signed_bytes == ours(name, signed)
    _verify(seal.maker_certificate, seal.signed_bytes, seal.signature)
    assert (seal.picture.kind, seal.picture.width_mm, seal.picture.height_mm) == ("PNG", 42, 42)
    assert seal.deviations == ()


@pytest.mark.parametrize(("name", "version"), [("ses_v4", 4), ("ses_v1", 1)])
def test_document_signatures(name: str, version: int) -> None:
    read = read_ses_signature(ours(name, "ses_signature_der"))
    assert (read.version, read.seal.der) == (version, ours(name, "seal_der"))
    assert read.signed_bytes == ours(name, "tbs_sign_der")
    assert read.data_hash == sm3(SIGNATURE_XML)
    assert read.data_hash.hex() == DERIVED["ses_v4"]["signature_xml_sm3"]
    assert read.property_info == "/Doc_0/Signs/Sign_0/Signature.xml"
    assert read.seal.lists(read.signer_certificate)
    _verify(read.signer_certificate, read.signed_bytes, read.signature)


def test_the_time_of_the_version_1_signature_has_no_zone_and_says_so() -> None:
    read = read_ses_signature(ours("ses_v1", "ses_signature_der"))
    assert read.deviations == ("ses-time-without-zone",)
    assert read.signed_at == datetime(2024, 12, 31, 16, tzinfo=UTC)


def test_we_write_the_same_seal_and_signature_from_the_same_parts() -> None:
    seal = read_ses_seal(ours("ses_v4", "seal_der"))
    making = SealMaking(
        es_id=seal.es_id,
        kind=seal.kind,
        name=seal.name,
        certificates=seal.certificates,
        created_at=seal.created_at,
        valid_from=seal.valid_from,
        valid_until=seal.valid_until,
        picture=seal.picture,
        vendor=seal.vendor,
        maker_certificate=seal.maker_certificate,
    )
    assert make_ses_seal(making, lambda _: seal.signature) == seal.der
    read = read_ses_signature(ours("ses_v4", "ses_signature_der"))
    assert read.signed_at is not None
    use = SealUse(
        seal.der, read.signer_certificate, read.data_hash, read.property_info, read.signed_at
    )
    assert make_ses_signature(use, lambda _: read.signature, None) == read.der


def _holds(found: GmSignature, content: bytes) -> None:
    message = content if found.message is None else found.message
    _verify(found.signer_certificate, message, found.signature)


@pytest.mark.parametrize("form", ["attached_der", "detached_der"])
def test_signatures_of_a_licensed_product(form: str) -> None:
    vector = OFFICIAL["cfca_sadk_p7"]
    content = vector["content_ascii"].encode()
    found = read_gm_signature(bytes.fromhex(vector[form]))
    assert found.content == (content if form == "attached_der" else None)
    assert found.deviations == ("cms-signed-attributes-missing", "cms-parameters-null")
    _holds(found, content)


def test_chinese_cms_in_its_three_shapes() -> None:
    found = {
        name: read_gm_signature(bytes.fromhex(DERIVED["gbt35275"][name]["der"]))
        for name in DERIVED["gbt35275"]
    }
    attached = found["attached_no_attrs"]
    assert attached.content == b"Hello Secret World!"
    _holds(attached, attached.content)
    embedded = found["ofd_embedded_digest_no_attrs"]
    assert embedded.content == sm3(SIGNATURE_XML)
    _holds(embedded, embedded.content)
    detached = found["detached_with_attrs"]
    assert (detached.content, detached.message_digest) == (None, sm3(SIGNATURE_XML))
    assert detached.signed_at == datetime(2025, 1, 1, tzinfo=UTC)
    _holds(detached, b"")


def test_the_time_stamp_request_asks_for_the_same() -> None:
    vector = DERIVED["rfc3161_request"]
    seal_signature = read_ses_signature(ours("ses_v4", "ses_signature_der")).signature_value
    made = encode_request(sm3(seal_signature), int(vector["nonce"], 16))
    # The one difference: our algorithm identifier leaves its parameters out, which readers accept.
    with_null = der.sequence(
        der.integer(1),
        der.sequence(
            identifiers.SM3_ALGORITHM_NULL, der.tlv(der.OCTET_STRING, sm3(seal_signature))
        ),
        der.integer(int(vector["nonce"], 16)),
        der.tlv(der.BOOLEAN, b"\xff"),
    )
    assert with_null.hex() == vector["der"]
    assert len(made) == len(with_null) - 2
