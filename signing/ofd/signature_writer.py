"""The list of an OFD's signatures and the description of one, written as XML.

It is told what to write, and digests nothing; ``ofd.seals`` reads what it writes.

Source: GB/T 33190-2016, 18 (signatures); GM/T 0099-2020.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from signing.ofd.seals import SM2_WITH_SM3
from signing.ofd.xml import OFD_NAMESPACE

_SM3 = "1.2.156.10197.1.401"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = f'xmlns:ofd="{OFD_NAMESPACE}"'


@dataclass(frozen=True, slots=True)
class ListedSignature:
    """A record of the list: id, type (Seal or Sign), the absolute name of the description."""

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
    """Return Signature.xml.

    Ids of stamps are plain numbers, as in most genuine files: one reader orders by them.
    """
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
        f"<ofd:SignatureMethod>{SM2_WITH_SM3}</ofd:SignatureMethod>"
        f"<ofd:SignatureDateTime>{description.signed_at:%Y%m%d%H%M%SZ}</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{_SM3}">{references}</ofd:References>{stamps}'
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
