"""The signed claims of a QR code: what is written reads back, and nothing else is read."""

import base64
import datetime
from dataclasses import replace

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import sm2
from keys.errors import KeyCustodyError
from signing.errors import MalformedQrCodeError
from signing.qr_claims import QrClaims, qr_text, read_qr_text

ADDRESS = "https://zz.example.gov.cn"
KEY = sm2.PrivateKey.generate()
CLAIMS = QrClaims(
    region="310000",
    key_id=bytes(range(8)),
    identifier="1.2.156.3005.2.11310000MBDEM00076001.11310000MBDEM00076.7K2M9QX4TB0A3ZCE.001.8",
    valid_from=datetime.date(2026, 3, 20),
    valid_until=datetime.date(2031, 3, 19),
    status_list="q7m2x9k4t0b3zce8f6h1j5n7pa",
    status_index=1_048_575,
    check_code="7KQ2M9XTB4ZCE",
)


def _text(claims: QrClaims = CLAIMS) -> str:
    return qr_text(ADDRESS, claims, KEY.sign)


def test_what_is_signed_reads_back() -> None:
    read = read_qr_text(_text())
    assert read.claims == CLAIMS
    assert read.address == ADDRESS
    assert read.status_uri == f"{ADDRESS}/v1/status-lists/{CLAIMS.status_list}"
    sm2.verify(KEY.public_point, read.signed_bytes, read.signature)


def test_the_part_after_the_hash_is_enough() -> None:
    assert read_qr_text(_text().partition("#")[2]).claims == CLAIMS


def test_a_code_without_end_and_with_a_list_elsewhere_reads_back() -> None:
    other = replace(CLAIMS, valid_until=None, status_list="https://old.example.gov.cn/lists/7")
    read = read_qr_text(_text(other))
    assert (read.claims, read.status_uri) == (other, other.status_list)


def test_a_code_of_an_authority_named_by_region_reads_back() -> None:
    named = "1.2.156.3005.2.11310000MBDEM00076001.310000.7K2M9QX4TB0A3ZCE.001.8"
    assert read_qr_text(_text(replace(CLAIMS, identifier=named))).claims.identifier == named


def test_a_code_fits_where_the_contract_says() -> None:
    # ISO/IEC 18004, table 7: version 14 holds 258 bytes at level Q, 20 holds 666 at M.
    text = _text()
    address, _, payload = text.partition("#")
    bits = 8 * (len(address) + 1) + 11 * (len(payload) // 2) + 6 * (len(payload) % 2)
    assert bits / 8 < 258 - 4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "qr-not-ours"),
        ("https://example.com/", "qr-not-ours"),
        (f"{ADDRESS}/verify#1.2.156.3005.2.X.Y.Z.001.8.7KQ2M9XTB4ZCE", "qr-unsigned"),
        (f"{ADDRESS}/verify#lower", "qr-not-ours"),
        (f"{ADDRESS}/verify#A", "qr-not-base32"),
        (f"{ADDRESS}/verify#AA", "qr-der-truncated"),
        (f"{ADDRESS}/verify#" + "A" * 2049, "qr-not-ours"),
    ],
)
def test_what_is_no_signed_code_is_told(text: str, code: str) -> None:
    with pytest.raises(MalformedQrCodeError) as refused:
        read_qr_text(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"region": "31000"}, "qr-region"),
        ({"region": "031000"}, "qr-region"),
        ({"key_id": bytes(7)}, "qr-key-id"),
        ({"identifier": "1.2.156.3005.2.X.Y.Z.001.8"}, "qr-identifier"),
        ({"status_list": "with space"}, "qr-status-list"),
        ({"status_list": ""}, "qr-status-list"),
        ({"status_index": -1}, "qr-status-index"),
        ({"status_index": 2**31}, "qr-status-index"),
        ({"check_code": "7KQ2"}, "qr-check-code"),
    ],
)
def test_what_cannot_be_read_is_not_written(changes: dict[str, object], code: str) -> None:
    with pytest.raises(MalformedQrCodeError) as refused:
        _text(replace(CLAIMS, **changes))  # type: ignore[arg-type]
    assert refused.value.code == code


@settings(max_examples=examples(120), deadline=None)
@given(st.integers(0), st.integers(1, 255))
def test_no_changed_byte_is_believed(place: int, flip: int) -> None:
    address, _, payload = TEXT.partition("#")
    data = bytearray(base64.b32decode(payload + "=" * (-len(payload) % 8)))
    data[place % len(data)] ^= flip
    forged = base64.b32encode(bytes(data)).decode().rstrip("=")
    try:
        read = read_qr_text(f"{address}#{forged}")
        sm2.verify(KEY.public_point, read.signed_bytes, read.signature)
    except (MalformedQrCodeError, KeyCustodyError):
        return
    pytest.fail(f"believed: {forged}")


@settings(max_examples=examples(80), deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(MalformedQrCodeError):
        read_qr_text(text)


TEXT = _text()
