"""What is taken as evidence: whole JPEG, PNG and PDF files, nothing behind their end."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from license_vault.packages.errors import EvidenceRefusedError
from license_vault.packages.evidence_files import JPEG, PDF, PNG, media_type_of


def picture(form: str, **options: object) -> bytes:
    out = BytesIO()
    Image.effect_noise((40, 30), 60).convert("RGB").save(out, form, **options)
    return out.getvalue()


PHOTO = picture("JPEG")
DRAWING = picture("PNG")
PAPER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PHOTO, JPEG),
        (picture("JPEG", progressive=True), JPEG),
        (picture("JPEG", restart_marker_blocks=2), JPEG),
        (DRAWING, PNG),
        (PAPER, PDF),
        (PAPER.replace(b"1.7", b"2.0") + b"\r\n\0", PDF),
    ],
)
def test_whole_files_are_taken(data: bytes, media_type: str) -> None:
    assert media_type_of(data) == media_type


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "form-unknown"),
        (b"GIF89a", "form-unknown"),
        (b"<html>", "form-unknown"),
        (PHOTO[:-2], "file-cut"),
        (PHOTO + b"PK\x03\x04", "bytes-behind-end"),
        (PHOTO + PHOTO, "bytes-behind-end"),
        (b"\xff\xd8\xff\xd9", "file-broken"),
        (b"\xff\xd8\xff\xe0\x00\x01", "file-broken"),
        (DRAWING[:-1], "file-cut"),
        (DRAWING + b"\0", "bytes-behind-end"),
        (DRAWING[:-6] + b"X" + DRAWING[-5:], "file-broken"),
        (png(30_000, 2), "picture-too-large"),
        (png(15_000, 15_000), "picture-too-large"),
        (png(0, 1), "file-broken"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "file-broken"),
        (PAPER[:-7], "file-cut"),
        (PAPER + b"<script>", "bytes-behind-end"),
    ],
)
def test_everything_else_is_refused_and_named(data: bytes, code: str) -> None:
    with pytest.raises(EvidenceRefusedError) as refused:
        media_type_of(data)
    assert refused.value.code == code


@given(
    st.sampled_from([PHOTO, DRAWING, PAPER]),
    st.integers(0, 200),
    st.binary(max_size=6),
)
def test_hostile_bytes_are_taken_or_refused(data: bytes, at: int, put: bytes) -> None:
    changed = data[:at] + put + data[at + len(put) :]
    with suppress(EvidenceRefusedError):
        assert media_type_of(changed) in (JPEG, PNG, PDF)
