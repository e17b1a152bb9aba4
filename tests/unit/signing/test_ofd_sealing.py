"""Sealing an OFD: what is written and covered, in which order seals come, what is refused."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import permutations

import pytest
from ofd_documents import (
    OFD_PLACES,
    drawn_ofd,
    foreign_ofd,
    often_sealed_ofd,
    sealed_ofd,
)
from pki import NOW, SEAL_CODE, BoxGlyphs, Pki

from keys import sm2
from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing.errors import (
    DocumentNotSealableError,
    MalformedSealError,
    SealKeyMismatchError,
    SealPeriodError,
    SealPlacementError,
    SignerNotInSealError,
    TimestampUnavailableError,
)
from signing.ofd.package import open_package
from signing.ofd.reader import OfdSeal, read_ofd
from signing.seal import Seal, SealOrder, SealPlacement
from signing.sealing import Sealer
from signing.ses.signature import read_ses_signature
from signing.timestamps.token import read_timestamp_token

PLACE = OFD_PLACES[:1]
LISTING = "/Doc_0/Signs/Signatures.xml"


def covered(seal: OfdSeal) -> dict[str, bytes]:
    return {reference.path: reference.check_value for reference in seal.references}


def own_entries(seal: OfdSeal) -> set[str]:
    return {seal.path, seal.value_path}


def test_a_sealed_document_reads_back_without_a_problem() -> None:
    content = read_ofd(sealed_ofd())

    assert content.problems == content.deviations == ()
    assert content.unreferenced == ()
    (seal,) = content.seals
    assert seal.problems == seal.deviations == ()
    assert (seal.kind, seal.check_method, seal.claimed_at) == ("Seal", "sm3", NOW)
    (stamp,) = seal.stamps
    assert (stamp.page, stamp.clip_mm) == (1, None)
    assert stamp.box_mm == pytest.approx((20, 140, 42, 42))


def test_every_entry_but_its_own_two_is_covered_by_the_sm3_of_its_bytes() -> None:
    data = sealed_ofd()
    package = open_package(data)
    (seal,) = read_ofd(data).seals

    assert set(covered(seal)) == set(package.names) - own_entries(seal)
    assert covered(seal) == {name: sm3(package.read(name)) for name in covered(seal)}
    assert LISTING in covered(seal)


def test_signature_seal_and_time_stamp_hold() -> None:
    pki = Pki()
    made = pki.seal()
    data = pki.sealer().seal_ofd(drawn_ofd(), made, PLACE)
    (seal,) = read_ofd(data).seals
    signature = read_ses_signature(seal.value)

    assert seal.seal_file == signature.seal.der == made.ses
    assert signature.deviations == signature.seal.deviations == ()
    assert signature.property_info == seal.path == "/Doc_0/Signs/Sign_0/Signature.xml"
    assert signature.data_hash == sm3(open_package(data).read(seal.path))
    assert signature.signed_at == NOW
    assert signature.signer_certificate == made.certificate
    point = read_certificate(made.certificate).public_point
    sm2.verify(point, signature.signed_bytes, signature.signature)

    assert signature.timestamp is not None
    token = read_timestamp_token(signature.timestamp)
    assert (token.imprint, token.generated_at) == (sm3(signature.signature), NOW)


def test_what_was_there_stays_byte_for_byte_also_as_it_was_compressed() -> None:
    drawn, sealed = drawn_ofd(), sealed_ofd()
    before, after = open_package(drawn), open_package(sealed)

    for name in set(before.names) - {"/OFD.xml"}:
        assert after.read(name) == before.read(name), name
    template = "Doc_0/Tpls/Tpl_0/Content.xml"
    assert raw(sealed, template) == raw(drawn, template)
    place = b"<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>"
    assert after.read("/OFD.xml").replace(place, b"") == before.read("/OFD.xml")


def raw(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entry = archive.getinfo(name)
    start = entry.header_offset + 30 + len(entry.filename.encode())
    return data[start : start + entry.compress_size]


@pytest.mark.parametrize("seals", [2, 3, 4])
def test_all_seals_hold_after_the_last_and_each_covers_those_before(seals: int) -> None:
    data = often_sealed_ofd(seals=seals)
    package, content = open_package(data), read_ofd(data)

    assert content.problems == content.unreferenced == ()
    assert [seal.signature_id for seal in content.seals] == [f"s00{n + 1}" for n in range(seals)]
    for number, seal in enumerate(content.seals):
        assert seal.problems == ()
        assert covered(seal) == {name: sm3(package.read(name)) for name in covered(seal)}
        assert content.reachable <= set(covered(seal))
        for before in content.seals[:number]:
            assert {*own_entries(before), before.seal_path} <= set(covered(seal))
        assert (LISTING in covered(seal)) == (number == seals - 1)


def test_the_same_seals_come_in_any_order() -> None:
    pki = Pki()
    seals = [pki.seal(f"{SEAL_CODE[:-1]}{number}") for number in range(3)]
    orders = (SealOrder.FIRST, SealOrder.MIDDLE, SealOrder.LAST)
    for turn in permutations(seals):
        data = drawn_ofd()
        for seal, order, place in zip(turn, orders, OFD_PLACES, strict=False):
            data = pki.sealer().seal_ofd(data, seal, (place,), order)
        assert [seal.seal_file for seal in read_ofd(data).seals] == [each.ses for each in turn]


def test_one_seal_stands_in_several_places_with_one_signature() -> None:
    pki = Pki()
    places = (SealPlacement(1, 0, 0, 42, 42), SealPlacement(2, 58, 8, 42, 42))
    data = pki.sealer().seal_ofd(foreign_ofd(), pki.seal(), places)
    (seal,) = read_ofd(data).seals

    # Pages of this maker begin at 10, 20: the stamp is told in the page's own space.
    assert [(stamp.page, stamp.box_mm) for stamp in seal.stamps] == [
        (1, (10, 20, 42, 42)),
        (2, (68, 28, 42, 42)),
    ]


def test_a_document_of_another_maker_is_covered_whole() -> None:
    pki = Pki()
    data = pki.sealer().seal_ofd(foreign_ofd(), pki.seal(), PLACE_ON_SMALL)
    content = read_ofd(data)
    (seal,) = content.seals

    assert content.problems == seal.problems == ()
    assert "/Doc_0/a&b.xml" in covered(seal)
    assert content.reachable <= set(covered(seal))
    assert b"<x:Signatures>" in open_package(data).read("/OFD.xml")


PLACE_ON_SMALL = (SealPlacement(1, 5, 5, 42, 42),)


@pytest.mark.parametrize("following", [SealOrder.MIDDLE, SealOrder.LAST])
def test_nothing_follows_a_seal_that_locks(following: SealOrder) -> None:
    pki = Pki()
    for data in (sealed_ofd(pki), often_sealed_ofd(pki)):
        with pytest.raises(DocumentNotSealableError) as refused:
            pki.sealer().seal_ofd(data, pki.seal(), PLACE, following)
        assert refused.value.code == "sealed-already"


@pytest.mark.parametrize(
    ("change", "order", "code"),
    [
        (lambda _: b"", SealOrder.SOLE, "not-an-ofd"),
        (lambda _: b"%PDF-1.7\n%%EOF\n", SealOrder.SOLE, "not-an-ofd"),
        (lambda drawn: drawn[:-1], SealOrder.SOLE, "not-an-ofd"),
        (lambda drawn: b"x" + drawn, SealOrder.SOLE, "not-an-ofd"),
        (lambda _: foreign_ofd(OFD="<OFD xmlns='urn:other'/>"), SealOrder.SOLE, "not-an-ofd"),
        (lambda _: bytes(33 * 1024 * 1024), SealOrder.SOLE, "too-large"),
        (lambda drawn: drawn, SealOrder.MIDDLE, "not-begun"),
        (lambda drawn: drawn, SealOrder.LAST, "not-begun"),
    ],
)
def test_what_cannot_be_sealed_now_is_refused_by_name(
    change: Callable[[bytes], bytes], order: SealOrder, code: str
) -> None:
    pki = Pki()
    seal = pki.seal()
    with pytest.raises(DocumentNotSealableError) as refused:
        pki.sealer().seal_ofd(change(drawn_ofd()), seal, PLACE, order)
    assert refused.value.code == code
    assert not pki.keys.uses(seal.key_label)


def test_a_document_with_something_wrong_in_it_is_not_sealed() -> None:
    pki = Pki()
    two_documents = FOREIGN_MAIN.replace("<Two/>", f"{FOREIGN_BODY}{FOREIGN_BODY}")
    for data in (foreign_ofd(OFD=two_documents), foreign_ofd(Document=WITHOUT_PAGE_FILE)):
        with pytest.raises(DocumentNotSealableError) as refused:
            pki.sealer().seal_ofd(data, pki.seal(), PLACE_ON_SMALL)
        assert refused.value.code == "not-sound"


FOREIGN_MAIN = '<OFD xmlns="http://www.ofdspec.org/2016" DocType="OFD"><Two/></OFD>'
FOREIGN_BODY = "<DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody>"
WITHOUT_PAGE_FILE = (
    '<Document xmlns="http://www.ofdspec.org/2016"><CommonData/>'
    '<Pages><Page ID="1" BaseLoc="b.xml"/><Page ID="2" BaseLoc="missing.xml"/></Pages></Document>'
)


def test_a_second_seal_that_says_it_is_the_first_is_refused() -> None:
    pki = Pki()
    once = pki.sealer().seal_ofd(drawn_ofd(), pki.seal(), PLACE, SealOrder.FIRST)
    for order in (SealOrder.SOLE, SealOrder.FIRST):
        with pytest.raises(DocumentNotSealableError) as refused:
            pki.sealer().seal_ofd(once, pki.seal(), PLACE, order)
        assert refused.value.code == "sealed-already"


@pytest.mark.parametrize(
    "place",
    [
        SealPlacement(0, 10, 10, 42, 42),
        SealPlacement(2, 10, 10, 42, 42),
        SealPlacement(1, -1, 10, 42, 42),
        SealPlacement(1, 260, 10, 42, 42),
        SealPlacement(1, 10, 180, 42, 42),
        SealPlacement(1, 10, 10, 0, 42),
    ],
)
def test_a_seal_beside_the_page_is_refused(place: SealPlacement) -> None:
    pki = Pki()
    seal = pki.seal()
    with pytest.raises(SealPlacementError) as refused:
        pki.sealer().seal_ofd(drawn_ofd(), seal, (place,))
    assert refused.value.page == place.page
    assert not pki.keys.uses(seal.key_label)


@pytest.mark.parametrize("count", [0, 1001])
def test_a_seal_stands_somewhere_and_not_everywhere(count: int) -> None:
    pki = Pki()
    with pytest.raises(SealPlacementError):
        pki.sealer().seal_ofd(drawn_ofd(), pki.seal(), PLACE * count)


def unmade(pki: Pki, seal: Seal) -> Seal:
    return replace(seal, ses=b"")


def not_a_seal(pki: Pki, seal: Seal) -> Seal:
    return replace(seal, ses=b"\x30\x00")


def changed_after_it_was_made(pki: Pki, seal: Seal) -> Seal:
    assert seal.ses.count(b"TESTVAULT") == 1
    return replace(seal, ses=seal.ses.replace(b"TESTVAULT", b"TESTVAULZ"))


def renewed_certificate(pki: Pki, seal: Seal) -> Seal:
    return replace(pki.seal(seal.code), ses=seal.ses)


def not_yet_valid(pki: Pki, seal: Seal) -> Seal:
    begins = NOW + timedelta(seconds=1)
    return replace(seal, ses=pki.ses_seal(seal.certificate, valid_from=begins))


def no_more_valid(pki: Pki, seal: Seal) -> Seal:
    ended = NOW - timedelta(seconds=1)
    return replace(seal, ses=pki.ses_seal(seal.certificate, valid_until=ended))


def key_of_another(pki: Pki, seal: Seal) -> Seal:
    return replace(seal, key_label=pki.seal("31011400000099").key_label)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (unmade, DocumentNotSealableError),
        (not_a_seal, MalformedSealError),
        (changed_after_it_was_made, DocumentNotSealableError),
        (renewed_certificate, SignerNotInSealError),
        (not_yet_valid, SealPeriodError),
        (no_more_valid, SealPeriodError),
        (key_of_another, SealKeyMismatchError),
    ],
)
def test_a_seal_that_may_not_be_used_is_refused_before_anything_is_signed(
    change: Callable[[Pki, Seal], Seal], error: type[Exception]
) -> None:
    pki = Pki()
    seal = change(pki, pki.seal())
    with pytest.raises(error):
        pki.sealer().seal_ofd(drawn_ofd(), seal, PLACE)
    assert not pki.keys.uses(seal.key_label)


class _NoTimestamper:
    for_production = True
    largest_token = 4096

    def timestamp(self, imprint: bytes) -> bytes:
        raise TimestampUnavailableError("unreachable")


def test_without_a_time_stamp_nothing_is_sealed() -> None:
    pki = Pki()
    sealer = Sealer(pki.keys, _NoTimestamper(), BoxGlyphs(), pki.clock)
    with pytest.raises(TimestampUnavailableError):
        sealer.seal_ofd(drawn_ofd(), pki.seal(), PLACE)


def test_files_of_signatures_that_the_document_does_not_name_are_not_written_over() -> None:
    pki = Pki()
    planted = foreign_ofd(**{"Signs/Signatures": "<x/>"})
    with pytest.raises(DocumentNotSealableError) as refused:
        pki.sealer().seal_ofd(planted, pki.seal(), PLACE_ON_SMALL)
    assert (refused.value.code, refused.value.detail) == ("not-sound", "signatures-unlisted")


def test_a_directory_that_has_files_already_is_not_used_for_a_seal() -> None:
    pki = Pki()
    planted = foreign_ofd(**{"Signs/sign_0/other": "<x/>"})
    data = pki.sealer().seal_ofd(planted, pki.seal(), PLACE_ON_SMALL)
    assert read_ofd(data).seals[0].path == "/Doc_0/Signs/Sign_1/Signature.xml"


def test_a_thirty_third_seal_is_refused() -> None:
    pki = Pki()
    seal, data = pki.seal(), foreign_ofd()
    for number in range(32):
        order = SealOrder.MIDDLE if number else SealOrder.FIRST
        data = pki.sealer().seal_ofd(data, seal, PLACE_ON_SMALL, order)
    with pytest.raises(DocumentNotSealableError) as refused:
        pki.sealer().seal_ofd(data, seal, PLACE_ON_SMALL, SealOrder.LAST)
    assert refused.value.code == "too-many-seals"
