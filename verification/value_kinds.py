"""Tell what kind of value a seal has, by how the document names it and by its first bytes.

A PDF names the form (SubFilter), an OFD whether it is a seal or a plain signature. Where a maker
put one kind in the place of another the value's own shape decides, and that is told.

Source: ISO 32000-1 12.8.3; GB/T 33190-2016 18.2; GM/T 0099-2020 7.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from signing import der
from signing.der import DerReader
from signing.errors import MalformedDerError
from signing.pdf.seals import OUR_SUB_FILTER
from verification.evidence import ValueKind

SEAL, SIGN = "Seal", "Sign"
OTHER_VALUE = "value-of-another-type"

# As they are found in the field: docs/standards.md, values in PDF.
PDF_FORMS: Mapping[str, ValueKind] = {
    OUR_SUB_FILTER: ValueKind.CMS,
    "adbe.pkcs7.detached": ValueKind.GM_CMS,
    "GM.sm2cms.detached": ValueKind.GM_CMS,
    "GM.SM2": ValueKind.GM_CMS,
    "GM.sm2seal": ValueKind.SES,
}
_RAW_BYTES = 64


def pdf_value_kind(sub_filter: str, value: bytes, is_license: bool) -> ValueKind:
    """Return the kind of a value in a PDF; one of a form nobody knows is read as our own.

    Args:
        is_license: the document carries claims, so that only our own profile will do.
    """
    kind = PDF_FORMS.get(sub_filter, ValueKind.CMS)
    if kind is ValueKind.CMS:
        by_others = sub_filter == OUR_SUB_FILTER and not is_license
        return ValueKind.GM_CMS if by_others else ValueKind.CMS
    found = _shape(value)
    return found if found in (ValueKind.SES, ValueKind.GM_CMS) else kind


def ofd_value_kind(signature_type: str, value: bytes) -> tuple[ValueKind, tuple[str, ...]]:
    """Return the kind of a value in an OFD, and the deviation where it is not that of its type.

    Args:
        signature_type: Seal or Sign, as the list of signatures says.
    """
    found = _shape(value)
    if signature_type == SEAL:
        other = found is ValueKind.GM_CMS
        return (found, (OTHER_VALUE,)) if other else (ValueKind.SES, ())
    if found is ValueKind.SES:
        return found, (OTHER_VALUE,)
    return found, ()


def _shape(value: bytes) -> ValueKind:
    """Tell SignedData, SES_Signature and the two bare forms of r and s by how they begin."""
    if len(value) == _RAW_BYTES:
        return ValueKind.BARE
    try:
        inner = DerReader(value).enter(der.SEQUENCE, "value")
        first = inner.next_tag()
        if first == der.OBJECT_IDENTIFIER:
            return ValueKind.GM_CMS
        if first == der.SEQUENCE:
            return ValueKind.SES
        inner.integer("r, or the version of a SignedData that stands alone")
        if inner.next_tag() == der.SET:
            return ValueKind.GM_CMS
        inner.integer("s")
        inner.finish("value")
    except MalformedDerError:
        return ValueKind.UNKNOWN
    return ValueKind.BARE
