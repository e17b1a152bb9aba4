"""What is found about a QR code: each of its verdicts, with the reason and nothing else."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from pki import NOW, OWNER_CODE, STATUS_URI, Period, Pki

from keys import certificate_authority as authority
from keys.certificate_authority import Subject
from license_vault.license import MARK_CODES, STATUS_CODES, LicenseMark, LicenseStatus
from signing.qr_claims import QrClaims, key_id, qr_text
from verification.evidence import SignerEvidence, StatusEvidence, StatusKind, TrustEvidence
from verification.policy import load_policy
from verification.qr_judgement import QrReport, judge_qr
from verification.report import Verdict
from verification.revocation import Moments
from verification.source_bundle import bundle_sources
from verification.sources import Sources, Unreachable

PKI = Pki()
DAY = timedelta(days=1)
ADDRESS = "https://licenses.qinghe.example"
TYPE = f"{OWNER_CODE}001"
CLAIMS = QrClaims(
    region="110101",
    key_id=key_id(PKI.system),
    identifier=f"1.2.156.3005.2.{TYPE}.{OWNER_CODE}.7K2M9QX4TB0A3ZCE.001.8",
    valid_from=date(2026, 3, 20),
    valid_until=date(2031, 3, 19),
    status_list=STATUS_URI.rpartition("/")[2],
    status_index=1,
    check_code="7KQ2M9XTB4ZCE",
)
STATES = {state: code for state, code in STATUS_CODES.items() if code}


def text(pki: Pki = PKI, label: str = "system", **changes: object) -> str:
    claims = replace(CLAIMS, **changes)  # type: ignore[arg-type]
    return qr_text(ADDRESS, claims, partial(pki.keys.sign, label))


def sources(state: LicenseStatus = LicenseStatus.VALID, **trust: object) -> Sources:
    files = PKI.status_files(bytes([0, STATES[state]]))
    known = bundle_sources(PKI.trust_bundle(*files))
    return replace(known, trust=Known(replace(known.trust.trust_for(OWNER_CODE), **trust)))


class Known:
    """Trust as it is given."""

    def __init__(self, trust: TrustEvidence | Unreachable) -> None:
        self.trust = trust

    def trust_for(self, _: str | None) -> TrustEvidence | Unreachable:
        return self.trust


def judged(said: str, by: Sources | None = None, now: datetime = NOW) -> QrReport:
    return judge_qr(said, by or sources(), load_policy("default"), Moments(now, now))


def codes(report: QrReport) -> set[str]:
    return {check.code for check in report.checks}


def test_a_code_of_a_license_in_force_is_genuine_and_no_more() -> None:
    report = judged(text())
    assert report.verdict is Verdict.VALID
    assert {"qr-signed", "qr-names-only", "in-force"} <= codes(report)
    assert "二维码真实" in report.sentence.zh
    told = report.to_json()["code"]
    assert (told["type_code"], told["valid_until"]) == (TYPE, "2031-03-19")
    assert told["status"] == {"uri": STATUS_URI, "index": 1}


def test_a_mark_stands_in_the_first_sentence_of_a_code_too() -> None:
    marked = MARK_CODES[frozenset({LicenseMark.DISPUTED})]
    known = bundle_sources(PKI.trust_bundle(*PKI.status_files(bytes([0, marked]))))
    report = judged(text(), known)
    assert report.verdict is Verdict.VALID
    assert report.sentence.zh.startswith("二维码真实，所指证照有效（异议中）。")
    assert "in force (under dispute)." in report.sentence.en


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (LicenseStatus.SUSPENDED, "suspended"),
        (LicenseStatus.REVOKED, "revoked"),
        (LicenseStatus.CANCELLED, "cancelled"),
    ],
)
def test_a_license_that_ended_since_is_not_in_force(state: LicenseStatus, code: str) -> None:
    report = judged(text(), sources(state))
    assert report.verdict is Verdict.NOT_IN_FORCE
    assert code in codes(report)
    assert report.code is not None


def test_the_days_count_even_where_the_list_says_in_force() -> None:
    assert "expired" in codes(judged(text(valid_until=date(2026, 5, 31))))
    assert "not-yet-in-force" in codes(judged(text(valid_from=date(2026, 6, 2))))


def test_without_a_list_nothing_is_determined() -> None:
    nothing = replace(sources(), status=NoList())
    report = judged(text(), nothing)
    assert report.verdict is Verdict.INDETERMINATE
    assert {"qr-signed", "status-list-missing"} <= codes(report)
    assert report.code is not None


class NoList:
    """Knows no list."""

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:
        return StatusEvidence(StatusKind.UNAVAILABLE, detail="none")


def test_another_key_under_the_name_of_ours_is_found() -> None:
    other = Pki()
    report = judged(text(other))
    assert (report.verdict, codes(report)) == (Verdict.ALTERED, {"qr-signature-invalid"})
    assert report.code is None


def test_a_key_that_nobody_names_is_unknown_and_tells_nothing_of_the_state() -> None:
    other = Pki()
    report = judged(text(other, key_id=key_id(other.system)))
    assert (report.verdict, codes(report)) == (Verdict.INDETERMINATE, {"qr-signer-unknown"})


def test_a_region_speaks_for_itself_only() -> None:
    report = judged(text(region="320000"))
    assert (report.verdict, codes(report)) == (Verdict.INDETERMINATE, {"qr-signer-unknown"})
    away = replace(sources(), trust=Known(Unreachable("gone")))
    assert codes(judged(text(), away)) == {"qr-signer-unknown"}


def test_a_seal_maker_signs_no_codes() -> None:
    named = (SignerEvidence("seal-maker", PKI.system),)
    assert codes(judged(text(), sources(signers=named))) == {"qr-signer-unknown"}


def test_a_replaced_key_leaves_old_paper_be_and_a_stolen_one_does_not() -> None:
    def withdrawn(why: str) -> Sources:
        return sources(
            signers=(SignerEvidence("system", PKI.system, NOW - 90 * DAY, NOW - DAY, why),)
        )

    assert judged(text(), withdrawn("key-replaced")).verdict is Verdict.VALID
    assert judged(text(), withdrawn("ceased")).verdict is Verdict.VALID
    stolen = judged(text(), withdrawn("key-compromised"))
    assert (stolen.verdict, codes(stolen)) == (Verdict.UNTRUSTED, {"qr-signer-not-trusted"})


def test_paper_outlives_the_certificate_that_signed_its_code() -> None:
    pki = PKI.copy()
    period = Period(NOW - 90 * DAY, NOW - DAY)
    old = pki.certify("system-old", authority.SYSTEM, Subject("Old"), "ca/seal", period)
    named = (SignerEvidence("system", PKI.system), SignerEvidence("system", old))
    said = text(pki, "system-old", key_id=key_id(old))
    assert judged(said, sources(signers=named)).verdict is Verdict.VALID


@pytest.mark.parametrize("said", ["", "https://example.com/", f"{ADDRESS}/verify#AAAA"])
def test_what_is_no_code_of_ours_is_told(said: str) -> None:
    report = judged(said)
    assert (report.verdict, codes(report)) == (Verdict.UNSEALED, {"qr-malformed"})
