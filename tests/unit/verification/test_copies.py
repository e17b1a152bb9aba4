"""Purpose-bound copies: what passes for one, what does not, and that none passes for a license."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import BytesIO

import pikepdf
import pytest
from mutants.world import STATUS_INDEX, STATUS_URI, Given, World, _attach, content, draw
from pki import NOW

from keys import certificate_authority as authority
from keys.certificate_authority import Subject
from license_vault.license import LicenseStatus
from license_vault.license_metadata import canonical, claims_of, content_id
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.errors import MalformedCopyRecordError, MalformedReceiptError
from signing.pdf.library_signature import sign_for_library
from signing.sealed_json.copy_record import (
    ATTACHED_AS,
    CopyParent,
    CopyRecord,
    copy_record_bytes,
    read_copy_record,
)
from signing.sealed_json.presenting_receipt import (
    PresentedLicense,
    PresentingReceipt,
    read_receipt,
    sign_receipt,
)
from verification.evidence import LogEvidence, LogKind, StatusEvidence, StatusKind
from verification.policy import load_policy
from verification.reading import read_document
from verification.report import Verdict
from verification.sources import Sources
from verification.verifier import Verifier

LICENSE = content()
PARENT = CopyParent(
    LICENSE.identifier, content_id(canonical(claims_of(LICENSE))), LICENSE.type_code,
    LICENSE.type_name, LICENSE.authority.code, LICENSE.authority.name, LICENSE.valid_from,
    LICENSE.valid_until, STATUS_URI, STATUS_INDEX,
)  # fmt: skip
RECORD = CopyRecord(
    "x3v0q9m2k7c8w5r1t6y4n0b2dz", NOW - timedelta(minutes=5), NOW + timedelta(days=30),
    "欧阳明玥", "演示市甲单位", "投标", "9", "投标报名", PARENT,
)  # fmt: skip


def page(record: bytes | None, **others: bytes) -> bytes:
    """An unsigned PDF with a record and, if it must be, other attachments."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(300, 200))
    if record is not None:
        _attach(pdf, ATTACHED_AS, record)
    for name, data in others.items():
        _attach(pdf, f"{name}.json", data)
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def signed(world: World, pdf: bytes, label: str = "system", der: bytes | None = None) -> bytes:
    identity = SigningIdentity(der or world.pki.system, (world.pki.seal_ca,))
    sign = partial(world.pki.keys.sign, label)
    return sign_for_library(pdf, identity, sign, world.pki.timestamper(), NOW)


@pytest.fixture(scope="module")
def good(world: World) -> bytes:
    return signed(world, page(copy_record_bytes(RECORD)))


def test_a_good_copy_is_a_valid_copy_and_shows_no_license(world: World, good: bytes) -> None:
    report = world.report(good)
    assert report.verdict is Verdict.VALID_COPY
    assert (report.license, report.content_id, report.seals) == (None, None, ())
    assert report.copy == RECORD
    assert "不是证照原件" in report.sentence.zh
    assert report.to_json()["copy"]["parent"]["identifier"] == LICENSE.identifier


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (LicenseStatus.CANCELLED, "cancelled"),
        (LicenseStatus.SUSPENDED, "suspended"),
        (LicenseStatus.REVOKED, "revoked"),
        (LicenseStatus.SUPERSEDED, "superseded"),
    ],
)
def test_a_copy_is_as_good_as_its_parent(world: World, good: bytes, state, told) -> None:
    report = world.report(good, state=state)
    assert (report.verdict, report.state) == (Verdict.NOT_IN_FORCE, told)
    assert report.sentence.zh.startswith("加注件不在有效状态")


def test_without_the_parents_state_nothing_is_said_for_sure(world: World, good: bytes) -> None:
    report = world.report(good, status=StatusEvidence(StatusKind.UNAVAILABLE))
    assert report.verdict is Verdict.INDETERMINATE


class _Log:
    """An issue log that answers alike, and keeps what it was asked."""

    def __init__(self, answer: LogEvidence) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def log_of(self, content_id: str, authority_code: str) -> LogEvidence:
        self.asked.append((content_id, authority_code))
        return self.answer


@pytest.mark.parametrize(
    ("facts", "code", "verdict"),
    [
        ({"first_size": 8, "first_time": NOW, "before_time": None}, "logged-at-beginning", None),
        ({"first_size": 8, "first_time": NOW, "before_time": NOW}, "logged", None),
        ({}, "parent-unlogged", Verdict.UNTRUSTED),
        ({"newest_time": RECORD.created_at}, "log-not-yet", None),
        (
            {"first_size": 8, "first_time": NOW, "before_time": NOW + timedelta(minutes=9)},
            "parent-back-dated",
            Verdict.UNTRUSTED,
        ),
    ],
)
def test_its_parent_is_looked_up_in_the_log(
    world: World, good: bytes, facts, code, verdict
) -> None:
    newest = {"newest_time": NOW + timedelta(hours=1)} | facts
    log = _Log(LogEvidence("310000", LogKind.MIRROR, 900, bytes(32), **newest))
    given = Given(world.trust(), world.status())
    sources = Sources(given, given, log=log)
    verifier = Verifier(sources, read_document, load_policy("default"), lambda: NOW)
    report = verifier.verify(good)
    assert log.asked == [(PARENT.content_id, PARENT.authority_code)]
    assert [check.code for check in report.checks if check.check == "log"] == [code]
    assert report.verdict is (verdict or Verdict.VALID_COPY)


def test_a_copy_ends(world: World, good: bytes) -> None:
    report = world.report(
        good,
        now=NOW + timedelta(days=31),
        status=world.status(
            issued_at=NOW + timedelta(days=30), next_update=NOW + timedelta(days=32)
        ),
        trust=world.trust(revocation_lists=()),
    )
    assert "copy-expired" in report.codes
    assert report.verdict is not Verdict.VALID_COPY


def _by_seal(world: World) -> bytes:
    """An authority's seal on a document that says it is a copy."""
    return world.put_seal(_a4(copy_record_bytes(RECORD)))


def _a4(record: bytes) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    _attach(pdf, ATTACHED_AS, record)
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def _by_another_system(world: World) -> bytes:
    pki = world.pki.copy()
    other = pki.certify("system-2", authority.SYSTEM, Subject("Another library"), "ca/seal")
    identity = SigningIdentity(other, (world.pki.seal_ca,))
    sign = partial(pki.keys.sign, "system-2")
    pdf = page(copy_record_bytes(RECORD))
    return sign_for_library(pdf, identity, sign, world.pki.timestamper(), NOW)


def _with_claims(world: World) -> bytes:
    claims = canonical(claims_of(LICENSE))
    return signed(world, page(copy_record_bytes(RECORD), claims=claims))


def _with_another_file(world: World) -> bytes:
    return signed(world, page(copy_record_bytes(RECORD), more=b"{}"))


def _record_twice(world: World) -> bytes:
    pdf = pikepdf.open(BytesIO(page(copy_record_bytes(RECORD))))
    _attach(pdf, ATTACHED_AS, copy_record_bytes(replace(RECORD, user="别人")))
    out = BytesIO()
    pdf.save(out)
    return signed(world, out.getvalue())


def _grown(world: World) -> bytes:
    """A copy with an update behind its signature that exchanges the record."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    whole = signed(world, page(copy_record_bytes(RECORD)))
    writer = IncrementalPdfFileWriter(BytesIO(whole))
    files = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    stream = files[1].get_object()["/EF"].raw_get("/F").get_object()
    stream._data = copy_record_bytes(replace(RECORD, user="别人"))
    stream._encoded_data = None
    writer.update_container(stream)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _license_with_record(world: World) -> bytes:
    """A sealed license to which a record was added behind the seal."""
    pdf = pikepdf.open(BytesIO(world.sealed()))
    _attach(pdf, ATTACHED_AS, copy_record_bytes(RECORD))
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def _byte_changed(world: World) -> bytes:
    whole = bytearray(signed(world, page(copy_record_bytes(RECORD))))
    whole[whole.index(b"MediaBox") + 12] ^= 1
    return bytes(whole)


def _odd_record(world: World) -> bytes:
    told = json.loads(copy_record_bytes(RECORD))
    return signed(world, page(json.dumps({**told, "more": "x"}).encode()))


@pytest.mark.parametrize(
    ("forged", "verdicts"),
    [
        (_by_seal, {Verdict.UNTRUSTED}),
        (_by_another_system, {Verdict.UNTRUSTED}),
        (_with_claims, {Verdict.ALTERED}),
        (_with_another_file, {Verdict.ALTERED}),
        (_record_twice, {Verdict.ALTERED}),
        (_grown, {Verdict.ALTERED}),
        (_license_with_record, {Verdict.ALTERED}),
        (_byte_changed, {Verdict.ALTERED, Verdict.UNSEALED}),
        (_odd_record, {Verdict.ALTERED}),
    ],
)
def test_what_is_forged_is_neither_copy_nor_license(
    world: World, forged: Callable[[World], bytes], verdicts: set[Verdict]
) -> None:
    report = world.report(forged(world))
    assert report.verdict in verdicts, report.codes
    assert (report.copy, report.license) == (None, None)


def test_what_the_library_signs_with_claims_is_no_license(world: World) -> None:
    report = world.report(signed(world, draw(LICENSE)))
    assert report.verdict not in {Verdict.VALID, Verdict.VALID_COPY}


def test_a_copy_without_its_record_is_nothing(world: World) -> None:
    report = world.report(signed(world, page(None)))
    assert report.verdict not in {Verdict.VALID, Verdict.VALID_COPY, Verdict.NOT_IN_FORCE}


def test_a_copy_beside_its_license_is_not_the_same(world: World, good: bytes) -> None:
    together = world.verifier().verify_together([world.sealed(), good])
    assert together.same_content is None


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": RECORD.created_at},
        {"purpose": ""},
        {"user": "甲" * 201},
        {"parent": replace(PARENT, content_id="0")},
        {"parent": replace(PARENT, status_index=-1)},
    ],
)
def test_a_record_has_one_form(change: dict) -> None:
    assert read_copy_record(copy_record_bytes(RECORD)) == RECORD
    with pytest.raises(MalformedCopyRecordError):
        read_copy_record(copy_record_bytes(replace(RECORD, **change)))


# --- receipts -------------------------------------------------------------------------------

USE = dict.fromkeys(
    ("organisation", "operator", "item_name", "item_code", "case_number", "purpose"), "甲"
)
SHOWN = PresentedLicense(
    LICENSE.identifier, LICENSE.type_code, LICENSE.type_name, LICENSE.authority.code,
    LICENSE.authority.name, PARENT.content_id, "valid", "", {"number": LICENSE.number}, {},
)  # fmt: skip
RECEIPT = PresentingReceipt("r1", NOW - timedelta(minutes=1), NOW, USE, (SHOWN,))


@pytest.fixture(scope="module")
def receipt(world: World) -> bytes:
    identity = SigningIdentity(world.pki.system, (world.pki.seal_ca,))
    sign = partial(world.pki.keys.sign, "system")
    return sign_receipt(RECEIPT, identity, sign, world.pki.timestamper().timestamp)


def test_a_receipt_holds_and_says_what_was_shown(world: World, receipt: bytes) -> None:
    assert read_receipt(receipt).receipt == RECEIPT
    report = world.verifier().verify_receipt(receipt)
    assert (report.verdict, report.receipt) == (Verdict.VALID, RECEIPT)


def test_a_changed_receipt_is_altered(world: World, receipt: bytes) -> None:
    changed = receipt.replace(LICENSE.number.encode(), b"X" * len(LICENSE.number.encode()))
    report = world.verifier().verify_receipt(changed)
    assert (report.verdict, report.receipt) == (Verdict.ALTERED, None)
    with pytest.raises(MalformedReceiptError):
        read_receipt(receipt[:-1])


def test_a_receipt_of_a_library_that_is_not_named_is_not_trusted(
    world: World, receipt: bytes
) -> None:
    report = world.verifier(trust=world.trust(signers=())).verify_receipt(receipt)
    assert (report.verdict, report.receipt) == (Verdict.UNTRUSTED, None)
