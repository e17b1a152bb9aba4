"""The list of an OFD's signatures and the description of each, as XML: read for sealing, written.

Reading is only as far as one more seal needs it: which signatures there are, and whether one of
them covers the list itself, so that nothing may follow. What a signature proves is read in
``ofd_reader``.

Source: GB/T 33190-2016, 18 (signatures); GM/T 0099-2020.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from signing.errors import DocumentNotSealableError
from signing.ofd_locations import Locations, directory_of
from signing.ofd_xml import OFD_NAMESPACE, XmlElement, XmlFiles

SM3_OID, SM2_WITH_SM3_OID = "1.2.156.10197.1.401", "1.2.156.10197.1.501"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = f'xmlns:ofd="{OFD_NAMESPACE}"'


@dataclass(frozen=True, slots=True)
class ListedSignature:
    """A signature as the list has it: id and type as written, the description's entry."""

    identifier: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class StampPlace:
    """Where the seal's picture stands: the page's id, x, y, width and height in millimetres."""

    page_id: str
    box_mm: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SealDescription:
    """What Signature.xml says: what is covered (SM3 by absolute name), where, when, by which seal.

    ``seal_path`` and ``value_path`` are absolute names of entries.
    """

    signed_at: datetime
    covered: Mapping[str, bytes]
    stamps: Sequence[StampPlace]
    seal_path: str
    value_path: str


def read_list(files: XmlFiles, path: str) -> tuple[ListedSignature, ...]:
    """Return the signatures that a list names, in its order.

    Raises:
        DocumentNotSealableError: ``signature-missing``, it names a description that is not there.
        UnreadableDocumentError: it is no XML that we read.
    """
    locations = Locations(files.package.names)
    return tuple(
        ListedSignature(
            identifier=element.get("ID") or "",
            kind=element.get("Type") or "Seal",
            path=_located(locations, element.get("BaseLoc") or "", path),
        )
        for element in files.parse(path).find("Signature")
    )


def _located(locations: Locations, location: str, path: str) -> str:
    found = locations.find(location, directory_of(path))
    if not found.exists:
        raise DocumentNotSealableError("signature-missing", ascii(location[:64]))
    return found.path


def covers(files: XmlFiles, path: str, entry: str) -> bool:
    """Return whether the signature described at ``path`` covers an entry.

    Raises:
        UnreadableDocumentError: the description is no XML that we read.
    """
    locations = Locations(files.package.names)
    return any(
        locations.find(reference.get("FileRef") or "", directory_of(path)).path == entry
        for reference in _references(files.parse(path))
    )


def _references(description: XmlElement) -> tuple[XmlElement, ...]:
    return tuple(element for element in description.walk() if element.name == "Reference")


def write_list(signatures: Sequence[ListedSignature], highest: int) -> bytes:
    """Return Signatures.xml; ``highest`` is the largest number that an id has."""
    listed = "".join(
        f'<ofd:Signature ID="{_attribute(each.identifier)}" Type="{_attribute(each.kind)}"'
        f' BaseLoc="{_attribute(each.path)}"/>'
        for each in signatures
    )
    return _file(
        f"<ofd:Signatures {_XMLNS}><ofd:MaxSignId>{highest}</ofd:MaxSignId>{listed}"
        "</ofd:Signatures>"
    )


def write_description(description: SealDescription) -> bytes:
    """Return Signature.xml."""
    references = "".join(
        f'<ofd:Reference FileRef="{_attribute(name)}">'
        f"<ofd:CheckValue>{base64.b64encode(digest).decode('ascii')}</ofd:CheckValue>"
        "</ofd:Reference>"
        for name, digest in description.covered.items()
    )
    stamps = "".join(
        f'<ofd:StampAnnot ID="{number}" PageRef="{_attribute(stamp.page_id)}"'
        f' Boundary="{" ".join(map(_number, stamp.box_mm))}"/>'
        for number, stamp in enumerate(description.stamps, 1)
    )
    return _file(
        f"<ofd:Signature {_XMLNS}><ofd:SignedInfo>"
        '<ofd:Provider ProviderName="License Vault"/>'
        f"<ofd:SignatureMethod>{SM2_WITH_SM3_OID}</ofd:SignatureMethod>"
        f"<ofd:SignatureDateTime>{description.signed_at:%Y%m%d%H%M%SZ}</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{SM3_OID}">{references}</ofd:References>{stamps}'
        f"<ofd:Seal><ofd:BaseLoc>{escape(description.seal_path)}</ofd:BaseLoc></ofd:Seal>"
        "</ofd:SignedInfo>"
        f"<ofd:SignedValue>{escape(description.value_path)}</ofd:SignedValue></ofd:Signature>"
    )


def _file(content: str) -> bytes:
    return (_DECLARATION + content).encode()


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
