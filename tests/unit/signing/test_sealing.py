"""Sealing: what is written, in which order seals may come, and what is refused by name."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from documents import PLACEMENT, PLACES, drawn_pdf, sealed_pdf, thrice_sealed_pdf
from pki import NOW, OWNER_NAME, Pki

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing.cms.pdf_signature import read_cms_signature
from signing.errors import (
    DocumentNotSealableError,
    HoleTooSmallError,
    SealKeyMismatchError,
    SealPlacementError,
    TimestampUnavailableError,
)
from signing.pdf.reader import read_pdf
from signing.seal import SealOrder, SealPlacement
from signing.sealing import Sealer
from signing.timestamps.token import read_timestamp_token


@pytest.mark.parametrize("object_streams", [False, True])
def test_a_sealed_document_reads_back_without_a_problem(object_streams: bool) -> None:
    content = read_pdf(sealed_pdf(object_streams=object_streams))

    assert content.problems == ()
    assert content.later_changes == ()
    (seal,) = content.seals
    assert seal.problems == ()
    assert (seal.sub_filter, seal.certification) == ("ETSI.CAdES.detached", 1)
    assert seal.covers_whole_file
    assert seal.claimed_at == NOW
    assert seal.page == 1
    assert seal.box_mm == pytest.approx((120, 200, 42, 42), abs=0.01)


def test_the_signature_and_the_time_stamp_hold() -> None:
    pki = Pki()
    data = sealed_pdf(pki)
    (seal,) = read_pdf(data).seals
    signature = read_cms_signature(seal.value)

    assert signature.problems == ()
    assert signature.message_digest == seal.digest_in(data)
    signer = read_certificate(signature.signer_certificate)
    sm2.verify(signer.public_point, signature.signed_attributes, signature.signature)

    assert signature.timestamp is not None
    token = read_timestamp_token(signature.timestamp)
    assert token.imprint == sm3(signature.signature)
    assert token.generated_at == NOW
    authority = read_certificate(token.authority_certificate)
    assert authority.der == pki.tsa
    sm2.verify(authority.public_point, token.signed_attributes, token.signature)


def test_the_bytes_before_the_seal_are_the_ones_drawn() -> None:
    drawn = drawn_pdf()
    pki = Pki()

    assert pki.sealer().seal_pdf(drawn, pki.seal(), PLACEMENT).startswith(drawn)


def test_the_metadata_is_left_as_it_was_drawn() -> None:
    drawn = pikepdf.open(BytesIO(drawn_pdf()))
    sealed = pikepdf.open(BytesIO(sealed_pdf()))

    assert sealed.Root.Metadata.read_bytes() == drawn.Root.Metadata.read_bytes()
    assert sealed.trailer.get("/Info") == drawn.trailer.get("/Info")


def test_the_seal_is_drawn_as_paths_without_fonts_or_images() -> None:
    sealed = pikepdf.open(BytesIO(sealed_pdf()))
    form = sealed.pages[0].obj.Annots[0].AP.N

    assert set(form.Resources.keys()) == {"/ExtGState"}
    assert form.Resources.ExtGState.Ink.BM == "/Multiply"  # the date beneath stays readable
    assert b" c " in form.read_bytes()
    assert b"Tf" not in form.read_bytes()


def test_the_hole_leaves_no_more_room_than_a_signature_may_need() -> None:
    (seal,) = read_pdf(sealed_pdf()).seals
    hole = (seal.byte_range[2] - seal.byte_range[1] - 2) // 2

    assert 0 <= hole - len(seal.value) <= 40


def test_three_seals_carry_the_certification_and_the_locks_of_decision_11() -> None:
    content = read_pdf(thrice_sealed_pdf())

    assert content.problems == ()
    assert [seal.problems for seal in content.seals] == [(), (), ()]
    facts = [(s.certification, s.field_lock, s.lock_permission) for s in content.seals]
    assert facts == [(2, None, None), (None, None, None), (None, "ALL", 1)]
    assert [seal.covers_whole_file for seal in content.seals] == [False, False, True]


REFUSALS = {
    SealOrder.SOLE: "sealed-already",
    SealOrder.FIRST: "sealed-already",
    SealOrder.MIDDLE: "no-place-reserved",
    SealOrder.LAST: "no-place-reserved",
}


@pytest.mark.parametrize("make", [sealed_pdf, thrice_sealed_pdf])
@pytest.mark.parametrize("order", REFUSALS)
def test_nothing_more_is_sealed_after_the_sole_or_the_last_seal(
    make: Callable[[Pki], bytes], order: SealOrder
) -> None:
    pki = Pki()
    document = make(pki)
    later = (PLACES[1],) if order is SealOrder.FIRST else ()

    with pytest.raises(DocumentNotSealableError, match=REFUSALS[order]):
        pki.sealer().seal_pdf(document, pki.seal(), PLACEMENT, order, later)


@pytest.mark.parametrize("order", [SealOrder.MIDDLE, SealOrder.LAST])
def test_a_further_seal_needs_a_first_one(order: SealOrder) -> None:
    pki = Pki()

    with pytest.raises(DocumentNotSealableError, match="not-begun"):
        pki.sealer().seal_pdf(drawn_pdf(), pki.seal(), PLACEMENT, order)


def first_of_three(pki: Pki) -> bytes:
    seal, later = pki.seal(), PLACES[1:]
    return pki.sealer().seal_pdf(drawn_pdf(), seal, PLACES[0], SealOrder.FIRST, later)


def test_the_last_seal_does_not_come_before_the_middle_one() -> None:
    pki = Pki()

    with pytest.raises(DocumentNotSealableError, match="wrong-order"):
        pki.sealer().seal_pdf(first_of_three(pki), pki.seal(), PLACES[1], SealOrder.LAST)


def test_a_further_seal_stands_where_its_place_was_reserved() -> None:
    pki = Pki()

    with pytest.raises(SealPlacementError, match="another place"):
        pki.sealer().seal_pdf(first_of_three(pki), pki.seal(), PLACES[2], SealOrder.MIDDLE)


@pytest.mark.parametrize(
    ("order", "later"),
    [(SealOrder.FIRST, ()), (SealOrder.SOLE, PLACES), (SealOrder.LAST, PLACES)],
)
def test_places_are_reserved_with_the_first_seal_and_only_then(
    order: SealOrder, later: tuple[SealPlacement, ...]
) -> None:
    pki = Pki()

    with pytest.raises(DocumentNotSealableError, match="later-places"):
        pki.sealer().seal_pdf(drawn_pdf(), pki.seal(), PLACEMENT, order, later)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF\n", b"\x00" * 100, drawn_pdf()[:300]])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    pki = Pki()

    with pytest.raises(DocumentNotSealableError, match="not-a-pdf"):
        pki.sealer().seal_pdf(data, pki.seal(), PLACEMENT)


def test_an_encrypted_document_is_refused() -> None:
    pki = Pki()
    output = BytesIO()
    pikepdf.open(BytesIO(drawn_pdf())).save(output, encryption=pikepdf.Encryption(owner="x"))

    with pytest.raises(DocumentNotSealableError, match="encrypted"):
        pki.sealer().seal_pdf(output.getvalue(), pki.seal(), PLACEMENT)


@pytest.mark.parametrize(
    "placement",
    [
        SealPlacement(2, 10, 10, 42, 42),
        SealPlacement(0, 10, 10, 42, 42),
        SealPlacement(1, 180, 10, 42, 42),
        SealPlacement(1, 10, 270, 42, 42),
        SealPlacement(1, -1, 10, 42, 42),
        SealPlacement(1, 10, 10, 0, 42),
    ],
)
def test_a_seal_off_the_page_is_refused(placement: SealPlacement) -> None:
    pki = Pki()

    with pytest.raises(SealPlacementError):
        pki.sealer().seal_pdf(drawn_pdf(), pki.seal(), placement)


def test_a_seal_whose_key_is_not_its_certificates_is_refused() -> None:
    pki = Pki()
    seal = pki.seal()
    pki.keys.create(seal.key_label)

    with pytest.raises(SealKeyMismatchError):
        pki.sealer().seal_pdf(drawn_pdf(), seal, PLACEMENT)


class _NoTimestamper:
    for_production = True
    largest_token = 2000

    def timestamp(self, imprint: bytes) -> bytes:
        raise TimestampUnavailableError("down")


class _LargeTimestamper(_NoTimestamper):
    def timestamp(self, imprint: bytes) -> bytes:
        return b"\x30\x82\x0f\xa0" + bytes(4000)


def test_without_a_time_stamp_there_is_no_seal() -> None:
    pki = Pki()
    sealer = Sealer(pki.keys, _NoTimestamper(), _glyphs(), pki.clock)

    with pytest.raises(TimestampUnavailableError):
        sealer.seal_pdf(drawn_pdf(), pki.seal(), PLACEMENT)


def test_a_token_larger_than_said_does_not_spoil_the_file() -> None:
    pki = Pki()
    sealer = Sealer(pki.keys, _LargeTimestamper(), _glyphs(), pki.clock)

    with pytest.raises(HoleTooSmallError):
        sealer.seal_pdf(drawn_pdf(), pki.seal(), PLACEMENT)


def _glyphs() -> object:
    from pki import BoxGlyphs

    return BoxGlyphs()


def test_the_owner_is_named_in_the_signature() -> None:
    sealed = pikepdf.open(BytesIO(sealed_pdf()))

    assert str(sealed.Root.AcroForm.Fields[0].V.Name) == OWNER_NAME


def test_every_seal_counts_its_own_time() -> None:
    pki = Pki()
    place, other = PLACES[:2]
    first = pki.sealer().seal_pdf(drawn_pdf(), pki.seal(), place, SealOrder.FIRST, (other,))
    pki.now = NOW + timedelta(hours=1)
    second = pki.sealer().seal_pdf(first, pki.seal("11010100000002"), other, SealOrder.LAST)

    assert [seal.claimed_at for seal in read_pdf(second).seals] == [NOW, pki.now]
