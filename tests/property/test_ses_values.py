"""Seals and their signatures: what is made reads back equal, and no flipped bit goes unseen."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache, partial

import pytest
from effort import examples
from hostile_bytes import changed_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from pki import NOW, Pki
from ses_forge import DATA_HASH, SIGNATURE_PATH, SesForge

from keys import sm2
from keys.certificate import read_certificate, verify_issued_by
from keys.errors import KeyCustodyError
from keys.sm3 import sm3
from signing import identifiers
from signing.cms.gm_signature import read_gm_signature
from signing.cms.signed_data import SignedData, SignerInfo, encode_signed_data
from signing.errors import MalformedCmsError, MalformedSealError, SigningError
from signing.ses.extension import SesExtension
from signing.ses.seal import SealMaking, SesPicture, make_ses_seal, read_ses_seal
from signing.ses.signature import SealUse, make_ses_signature, read_ses_signature
from signing.timestamps.token import read_timestamp_token


@cache
def pki() -> Pki:
    return Pki()


@cache
def forge() -> SesForge:
    return SesForge.of(pki())


ascii_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
# At most 240 bytes of UTF-8; the limit is 1024.
names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60)
instants = st.datetimes(datetime(1950, 1, 1), datetime(2999, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
millimetres = st.integers(1, 500)
pictures = st.builds(
    SesPicture, ascii_text, st.binary(min_size=1, max_size=300), millimetres, millimetres
)
extensions = st.lists(
    st.builds(
        SesExtension, st.sampled_from(["1.2.3", "2.5.29.999", "0.9"]), st.booleans(), st.binary()
    ),
    max_size=3,
    unique_by=lambda each: each.oid,
).map(tuple)


@st.composite
def makings(draw: st.DrawFn) -> SealMaking:
    begins, ends = sorted((draw(instants), draw(instants)))
    listed = (forge().certificate, pki().tsa, pki().status)
    return SealMaking(
        es_id=draw(ascii_text),
        kind=draw(st.integers(0, (1 << 31) - 1)),
        name=draw(names),
        certificates=tuple(draw(st.lists(st.sampled_from(listed), min_size=1, unique=True))),
        created_at=draw(instants),
        valid_from=begins,
        valid_until=ends,
        picture=draw(pictures),
        vendor=draw(ascii_text),
        maker_certificate=pki().maker,
        extensions=draw(extensions),
    )


@settings(max_examples=examples(200), deadline=None)
@given(making=makings())
def test_a_seal_made_reads_back_equal(making: SealMaking) -> None:
    seal = read_ses_seal(make_ses_seal(making, forge().sign_as_maker))
    assert SealMaking(**{each.name: getattr(seal, each.name) for each in fields(making)}) == making
    assert seal.deviations == ()


@settings(max_examples=examples(100), deadline=None)
@given(data_hash=st.binary(min_size=32, max_size=32), path=ascii_text, moment=instants)
def test_a_signature_made_reads_back_equal(data_hash: bytes, path: str, moment: datetime) -> None:
    use = SealUse(made_seal(), forge().certificate, data_hash, "/" + path, moment)
    read = read_ses_signature(make_ses_signature(use, forge().signer(), None))
    assert SealUse(read.seal.der, read.signer_certificate, read.data_hash,
                   read.property_info, read.signed_at or NOW) == use  # fmt: skip
    assert read.deviations == ()


@cache
def made_seal() -> bytes:
    picture = SesPicture("PNG", b"picture", 42, 42)
    return pki().ses_seal(forge().certificate, picture=picture)


@cache
def made_signature() -> bytes:
    use = SealUse(made_seal(), forge().certificate, DATA_HASH, SIGNATURE_PATH, NOW)
    return make_ses_signature(use, forge().signer(), pki().timestamper().timestamp)


def _signed_under(ca: bytes, certificate: bytes, message: bytes, signature: bytes) -> None:
    read = read_certificate(certificate)
    verify_issued_by(read, read_certificate(ca))
    sm2.verify(read.public_point, message, signature)


def check_seal(value: bytes) -> None:
    """The least that a verifier must ask of a seal, in a few lines."""
    seal = read_ses_seal(value)
    _signed_under(pki().seal_ca, seal.maker_certificate, seal.signed_bytes, seal.signature)


def check_signature(value: bytes) -> None:
    """The least that a verifier must ask of a signature; raises for whatever is not so."""
    read = read_ses_signature(value)
    check_seal(read.seal.der)
    _signed_under(pki().seal_ca, read.signer_certificate, read.signed_bytes, read.signature)
    token = read_timestamp_token(read.timestamp or b"")
    assert token.imprint == sm3(read.signature_value)
    assert set(token.certificates) == {pki().tsa, pki().tsa_ca}
    _signed_under(
        pki().tsa_ca, token.authority_certificate, token.signed_attributes, token.signature
    )


REFUSALS = (SigningError, KeyCustodyError, AssertionError)


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def unseen(value: bytes, check: Callable[[bytes], None], bits: range) -> list[int]:
    """Which flipped bits leave a value that holds."""
    check(value)
    found = []
    for bit in bits:
        try:
            check(flipped(value, bit))
        except REFUSALS:
            continue
        found.append(bit)
    return found


@settings(max_examples=examples(300), deadline=None)
@given(place=st.floats(0, 1, exclude_max=True))
def test_no_flipped_bit_of_a_seal_goes_unseen(place: float) -> None:
    bit = int(place * 8 * len(made_seal()))
    assert unseen(made_seal(), check_seal, range(bit, bit + 1)) == []


@pytest.mark.slow
def test_every_flipped_bit_of_a_seal_shows() -> None:
    assert unseen(made_seal(), check_seal, range(8 * len(made_seal()))) == []


@settings(max_examples=examples(300), deadline=None)
@given(place=st.floats(0, 1, exclude_max=True))
def test_no_flipped_bit_of_a_signature_goes_unseen(place: float) -> None:
    bit = int(place * 8 * len(made_signature()))
    assert unseen(made_signature(), check_signature, range(bit, bit + 1)) == []


@pytest.mark.slow
def test_every_flipped_bit_of_a_signature_shows() -> None:
    assert unseen(made_signature(), check_signature, range(8 * len(made_signature()))) == []


@cache
def gm_signature() -> bytes:
    read = read_certificate(forge().certificate)
    signer = SignerInfo(
        version=1,
        issuer=read.issuer_der,
        serial=read.serial,
        digest_algorithm=identifiers.SM3_ALGORITHM_NULL,
        signed_attributes=None,
        signed_attributes_sorted=True,
        to_be_signed=b"",
        signature_algorithm=identifiers.SM2_WITH_SM3_ALGORITHM,
        signature=forge().sign(DATA_HASH),
        unsigned_attributes=None,
    )
    return encode_signed_data(
        SignedData(
            identifiers.GM_SIGNED_DATA, 1, (identifiers.SM3_ALGORITHM_NULL,), identifiers.GM_DATA,
            DATA_HASH, (forge().certificate,), signer,
        )
    )  # fmt: skip


@cache
def old_seal() -> bytes:
    return replace(forge(), version=1).seal()


@cache
def old_signature() -> bytes:
    return replace(forge(), version=1).signature()


READERS: dict[str, tuple[Callable[[bytes], object], Callable[[], bytes], type[Exception]]] = {
    "seal": (read_ses_seal, made_seal, MalformedSealError),
    "seal-1": (read_ses_seal, old_seal, MalformedSealError),
    "signature": (read_ses_signature, made_signature, MalformedSealError),
    "signature-1": (read_ses_signature, old_signature, MalformedSealError),
    "gm": (read_gm_signature, gm_signature, MalformedCmsError),
}


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_any_bytes_are_read_or_refused_by_name(kind: str, data: st.DataObject) -> None:
    read, good, refusal = READERS[kind]
    value = data.draw(st.one_of(changed_bytes(st.just(good())), st.binary(max_size=200)))
    try:
        read(value)
    except refusal:
        return


def test_a_signature_of_another_seal_is_not_this_ones() -> None:
    other = make_ses_seal(
        SealMaking("2", 1, "另一枚", (pki().tsa,), NOW, NOW, NOW,
                   SesPicture("PNG", b"x", 1, 1), "V", pki().maker),
        partial(pki().keys.sign, "seal-maker"),
    )  # fmt: skip
    swapped = made_signature().replace(made_seal(), other)
    with pytest.raises(REFUSALS):
        check_signature(swapped)
