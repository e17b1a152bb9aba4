"""A specimen (样张) of a license type: its face with the name of each element at its place.

Nobody's data stands on it, nothing is recorded or sealed, and the page says all over that it is
a specimen.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from license_vault.face.errors import FaceOverflowError
from license_vault.face.license_drawing import LicenseDrawing
from license_vault.face.license_face import CHECK_CODE
from license_vault.face.placed_face import PlacedFace
from license_vault.license import (
    CopyDesignation,
    CopyKind,
    FieldValue,
    Holder,
    IssuingAuthority,
    LicenseContent,
    LicensePart,
    PartAuthority,
)
from license_vault.license_metadata import printed_values
from license_vault.license_types.license_type import ColumnSpec, FieldKind, FieldSpec, LicenseType

MARK: Final = ("样张", "SPECIMEN")
_NOWHERE: Final = "https://specimen.invalid/"
_FROM, _UNTIL = date(2026, 1, 1), date(2030, 12, 31)
_MOST_PARTS: Final = 3
# What stands for a value whose form is known better than its name would tell.
_LIKE: Final[Mapping[FieldKind, str]] = {
    FieldKind.DATE: _FROM.isoformat(),
    FieldKind.NUMBER_TEXT: "100",
    FieldKind.MONEY: "人民币100.0000万元整",
}


def specimen_pdf(
    license_type: LicenseType, kind: CopyKind, drawing: LicenseDrawing, at: datetime
) -> bytes:
    """Draw the specimen of a version of a type as PDF.

    Args:
        kind: 正本, or the 副本 where the type has one.

    Raises:
        GlyphMissingError, PressBrokenError: it cannot be drawn.
    """
    content = _content(license_type, kind)
    values = {
        **printed_values(content),
        "identifier": "〔证照标识〕",
        CHECK_CODE: "〔查验码〕",
    }
    return drawing.marked(_face(license_type, kind, drawing, values), MARK, at)


def _face(
    license_type: LicenseType, kind: CopyKind, drawing: LicenseDrawing, values: dict[str, str]
) -> PlacedFace:
    """Return the face; the name of an element for which its place is too small is left out."""
    while True:
        try:
            return drawing.draft(license_type, kind, values, _NOWHERE)
        except FaceOverflowError as error:
            own = (error.field, f"{error.field}.")
            too_long = [path for path in values if path == own[0] or path.startswith(own[1])]
            if not too_long:
                raise
            for path in too_long:
                del values[path]


def _content(license_type: LicenseType, kind: CopyKind) -> LicenseContent:
    defining = license_type.defining_authority
    return LicenseContent(
        identifier="",
        type_code=license_type.code,
        type_version=license_type.version,
        type_name=license_type.name_zh,
        authority=IssuingAuthority(defining.code, "〔发证机关〕", ""),
        holders=tuple(_holders(license_type)),
        copy=CopyDesignation(kind),
        number=license_type.number.example,
        issued_on=_FROM,
        valid_from=_FROM,
        valid_until=_UNTIL,
        fields={spec.key: _value(spec) for spec in license_type.fields},
        seals=license_type.seals,
        status_uri="",
        status_index=0,
        salt=b"",
        parts=tuple(_parts(license_type)),
    )


def _holders(license_type: LicenseType) -> Iterator[Holder]:
    rule = license_type.holder
    for name in ("〔持证人〕", "〔共同持证人〕")[: rule.maximum]:
        yield Holder(rule.kinds[0], name, "", "〔证件号码〕")


def _value(spec: FieldSpec) -> FieldValue:
    match spec.kind:
        case FieldKind.LIST:
            return (_named(spec),)
        case FieldKind.RECORDS:
            return ({column.key: _named(column) for column in spec.columns},)
        case FieldKind.CHOICE:
            return spec.choices[0]
    return _named(spec)


def _named(spec: FieldSpec | ColumnSpec) -> str:
    return _LIKE.get(spec.kind) or f"〔{spec.name_zh}〕"


def _parts(license_type: LicenseType) -> Iterator[LicensePart]:
    rule = license_type.parts
    authority = PartAuthority(license_type.defining_authority.code, "〔审批机关〕")
    for at, kind in enumerate(rule.kinds[: min(_MOST_PARTS, rule.maximum)] if rule else (), 1):
        yield LicensePart(kind.code, kind.name, f"〔编号{at}〕", authority, _FROM, _UNTIL)
