"""Which entries a signature of an OFD document says it protects, and with which digests.

Two readings of one list are problems here: an entry given twice, a digest given twice, a name that
is found only by another case. The digests are not compared here.

Source: GB/T 33190-2016, 18.2.1 (References, Reference, CheckValue).
"""

import base64
import binascii
from dataclasses import dataclass

from signing.ofd.document import OfdDocument
from signing.ofd.locations import directory_of
from signing.ofd.values import Oddities
from signing.ofd.xml import XmlElement

SM3_BYTES = 32
_SM3_NAMES = ("sm3", "1.2.156.10197.1.401")
_WEAK_NAMES = frozenset(
    ["md5", "sha1", "sha-1", "1.2.840.113549.2.5", "1.3.14.3.2.26", "1.2.840.113549.2.2"]
)


@dataclass(frozen=True, slots=True)
class OfdReference:
    """An entry that is protected: its absolute name and the digest given for it, 32 bytes."""

    path: str
    check_value: bytes


def read_references(
    info: XmlElement, document: OfdDocument, own: tuple[str, str], oddities: Oddities
) -> tuple[str, tuple[OfdReference, ...]]:
    """Return the digest method, ``sm3`` or as written, and the references.

    Args:
        info: the SignedInfo.
        document: whose entries are meant.
        own: the signature's description and its value, which it cannot protect.
        oddities: where to note ``check-method-…``, ``reference-…``, ``check-value-…``.
    """
    lists = info.find("References")
    if not lists:
        oddities.problem("references-missing")
        return "", ()
    found: dict[str, OfdReference] = {}
    for element in lists[0].find("Reference"):
        reference = _reference(element, document, directory_of(own[0]), oddities)
        if reference is None:
            continue
        if reference.path in found:
            oddities.problem("reference-twice")
        if reference.path in own:
            oddities.problem("reference-to-itself")
        found.setdefault(reference.path, reference)
    if not found:
        oddities.problem("references-empty")
    return _method(lists[0], oddities), tuple(found.values())


def _method(references: XmlElement, oddities: Oddities) -> str:
    """Return the digest method. The standard's default is MD5, which protects nothing."""
    written = (references.get("CheckMethod") or "").strip()
    if written.lower() in _SM3_NAMES:
        return "sm3"
    if not written or written.lower() in _WEAK_NAMES:
        oddities.problem("check-method-weak")
    else:
        oddities.problem("check-method-unknown")
    return written


def _reference(
    element: XmlElement, document: OfdDocument, directory: str, oddities: Oddities
) -> OfdReference | None:
    if element.get("CheckMethod") is not None:
        oddities.problem("reference-with-own-method")
    written = element.get("FileRef")
    value = _check_value(element, oddities)
    if written is None or not written.strip():
        oddities.problem("reference-without-file")
        return None
    if not written.strip().startswith("/"):
        oddities.deviation("reference-relative")
    location = document.locations.find(written, directory)
    for problem in (*location.problems, *location.deviations):
        if problem != "path-from-root":
            oddities.problem(f"reference-{problem}")
    if location.path and not location.exists:
        oddities.problem("reference-file-missing")
    return OfdReference(location.path, value) if location.path and value else None


def _check_value(element: XmlElement, oddities: Oddities) -> bytes:
    """Return the digest, empty if there is none that is 32 bytes in strict Base64."""
    text = element.text_of("CheckValue")
    if text is None:
        oddities.problem("check-value-missing")
        return b""
    try:
        value = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != SM3_BYTES:
        oddities.problem("check-value-invalid")
        return b""
    return value
