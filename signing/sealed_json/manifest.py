"""The manifest of a license: which files say the same, signed by the issuing license library.

No sealed file names the digest of another. Whoever holds several can be told by the manifest
that they are the library's own files of one license: its identifier, its content id, and for each
form size and digests. It is signed with the library's own key (label ``system``), not with a seal:
it says what was issued, it issues nothing. Files may be added later; a new manifest then lists
them all.

The whole is the RFC 8785 bytes of {"manifest": {…}, "schema": …, "signature": base64 CMS}; the CMS
is of our profile, time-stamped, detached over the canonical bytes of the member "manifest".
Numbers are written as texts. Whether the signature holds is for ``verification``.

Source: RFC 8785; RFC 5652, 5.2; docs/adr/0036.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from keys.sm3 import sm3
from signing.cms.pdf_signature_writer import SigningIdentity, sign_detached
from signing.errors import MalformedJsonError, MalformedManifestError
from signing.sealed_json.strict_json import (
    base64_text,
    bytes_of,
    canonical_json,
    digest_of,
    instant_of,
    instant_text,
    list_of,
    members_of,
    read_canonical_json,
    text_of,
)

SCHEMA = "license-vault/manifest/1"
MAX_BYTES = 256 * 1024
MAX_FILES = 32
_MAX_SIGNATURE_BYTES = 64 * 1024
_MAX_TEXT = 256
_MAX_DIGITS = 15

_MEMBERS = frozenset(("manifest", "schema", "signature"))
_MANIFEST = frozenset(("content_id", "files", "identifier", "issued_at"))
_FILE = frozenset(("bytes", "form", "media_type", "sha256", "sm3"))


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One sealed file: its form, media type, size in bytes, digests in hex."""

    form: str
    media_type: str
    size_bytes: int
    sm3: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is said: the files of one license, since an instant (aware UTC, whole seconds)."""

    identifier: str
    content_id: str
    files: tuple[ManifestFile, ...]
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """A manifest as found; ``signed_bytes`` is the content of the detached CMS ``signature``."""

    manifest: Manifest
    signed_bytes: bytes
    signature: bytes


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return what is signed: the canonical bytes of the member "manifest"."""
    return canonical_json(
        {
            "identifier": manifest.identifier,
            "content_id": manifest.content_id,
            "files": [
                {
                    "form": file.form,
                    "media_type": file.media_type,
                    "bytes": str(file.size_bytes),
                    "sm3": file.sm3,
                    "sha256": file.sha256,
                }
                for file in manifest.files
            ],
            "issued_at": instant_text(manifest.issued_at),
        }
    )


def sign_manifest(
    manifest: Manifest,
    identity: SigningIdentity,
    sign: Callable[[bytes], bytes],
    timestamp: Callable[[bytes], bytes],
) -> bytes:
    """Return the signed manifest.

    Args:
        sign: makes an SM2 signature (DER) over a message, with the library's own key.
        timestamp: makes a time-stamp token over an SM3 imprint.
    """
    content = manifest_bytes(manifest)
    return write_manifest(content, sign_detached(identity, sm3(content), sign, timestamp))


def write_manifest(content: bytes, signature: bytes) -> bytes:
    """Return the bytes of a manifest around its canonical content and its CMS."""
    tail = f',"schema":"{SCHEMA}","signature":"{base64_text(signature)}"}}'
    return b"".join((b'{"manifest":', content, tail.encode("ascii")))


def read_manifest(data: bytes) -> SignedManifest:
    """Return what a signed manifest says.

    Raises:
        MalformedManifestError: and no other error; it is not the one form a manifest has.
    """
    try:
        return _read(data)
    except MalformedJsonError as error:
        raise MalformedManifestError(f"manifest-{error.code}", error.where) from error


def _read(data: bytes) -> SignedManifest:
    found = members_of(read_canonical_json(data, MAX_BYTES), _MEMBERS, "/")
    if found["schema"] != SCHEMA:
        raise MalformedJsonError("schema-unknown", "/schema")
    manifest = _manifest(found["manifest"])
    signature = bytes_of(found["signature"], _MAX_SIGNATURE_BYTES, "/signature")
    content = canonical_json(found["manifest"])
    return SignedManifest(manifest, content, signature)


def _manifest(value: object) -> Manifest:
    found = members_of(value, _MANIFEST, "/manifest")
    where = "/manifest/files"
    files = tuple(
        _file(item, f"{where}/{number}")
        for number, item in enumerate(list_of(found["files"], MAX_FILES, where))
    )
    if len({file.form for file in files}) != len(files):
        raise MalformedJsonError("form-twice", where)
    return Manifest(
        identifier=text_of(found["identifier"], _MAX_TEXT, "/manifest/identifier"),
        content_id=digest_of(found["content_id"], "/manifest/content_id"),
        files=files,
        issued_at=instant_of(found["issued_at"], "/manifest/issued_at"),
    )


def _file(value: object, where: str) -> ManifestFile:
    found = members_of(value, _FILE, where)
    return ManifestFile(
        form=text_of(found["form"], _MAX_TEXT, f"{where}/form"),
        media_type=text_of(found["media_type"], _MAX_TEXT, f"{where}/media_type"),
        size_bytes=_count(found["bytes"], f"{where}/bytes"),
        sm3=digest_of(found["sm3"], f"{where}/sm3"),
        sha256=digest_of(found["sha256"], f"{where}/sha256"),
    )


def _count(value: object, where: str) -> int:
    text = text_of(value, _MAX_DIGITS, where)
    # One number has one text: 0 or digits that do not begin with 0.
    if not (text.isascii() and text.isdigit()) or str(int(text)) != text:
        raise MalformedJsonError("not-a-number", where)
    return int(text)
