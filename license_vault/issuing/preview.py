"""What a license would look like, drawn while its request is still being written.

Nothing is recorded, sealed or kept, and the page says all over that it is a preview. A request
that is not finished is drawn as far as it goes: what is missing leaves its place empty.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

from license_vault.claims_schema import MAXIMUM_CONDITIONS, MAXIMUM_PARTS
from license_vault.errors import FieldInvalidError, IdentifierInvalidError
from license_vault.face.license_drawing import LicenseDrawing
from license_vault.face.placed_face import Box, PlacedFace, PlacedPath
from license_vault.issuing.license_request import IssueRequest, read_request
from license_vault.issuing.request_members import PREVIOUS
from license_vault.issuing.request_reading import ObjectReader, RequestProblems
from license_vault.license import (
    LONG_TERM,
    Condition,
    CopyDesignation,
    CopyKind,
    FieldValue,
    Holder,
    HolderKind,
    IssuingAuthority,
    LicenseContent,
    LicensePart,
    PartAuthority,
)
from license_vault.license_identifier import parse
from license_vault.license_metadata import printed_values
from license_vault.license_types.license_type import LicenseType

MARK: Final = ("预览 · 未用印", "PREVIEW, NOT SEALED")
_SEAL_COLOUR: Final = "#c8102e"
_NOWHERE: Final = "https://preview.invalid/"
_DATES: Final = ("issued_on", "valid_from", "valid_until")
_TERM: Final = frozenset({"valid_from", "valid_until"})
_LONGEST: Final = 2000
_MOST_COPIES: Final = 999

TypeFinder = Callable[[str, str | None], LicenseType]


def require_complete(body: object, find_type: TypeFinder, today: date) -> IssueRequest:
    """Check that nothing is missing or wrong in a request's values, as issuing will; return it.

    Raises:
        FieldInvalidError: with every problem.
        LicenseTypeUnknownError, LicenseTypeNotPublishedError: of such a type none is issued.
    """
    return read_request(body, find_type, today)


def preview_pdf(
    body: object,
    find_type: TypeFinder,
    authority: IssuingAuthority,
    names: Mapping[str, str],
    drawing: LicenseDrawing,
    now: datetime,
) -> bytes:
    """Draw what a request says so far, marked as a preview, as PDF.

    Args:
        body: of a request to issue, or of 转入: the license before is named on the face then.
        find_type: gives the type, ``Catalogue.for_issuing``; its errors pass.
        authority: whose license it would be.
        names: of the authorities of its parts, by code.

    Raises:
        FieldInvalidError: it does not say of which type.
        FaceOverflowError, GlyphMissingError, PressBrokenError: it cannot be drawn.
    """
    asked = body if isinstance(body, Mapping) else {}
    license_type = find_type(type_code_of(body), _text(asked.get("type_version")) or None)
    parts = tuple(_parts(asked.get("parts"), names))
    content = _content(asked, license_type, authority, parts)
    values = {**printed_values(content), **_not_yet(asked)}
    face = drawing.draft(license_type, content.copy.kind, values, _NOWHERE)
    return drawing.marked(_with_seal_places(face), MARK, now)


def type_code_of(body: object) -> str:
    """Return of which type a license is asked for.

    Raises:
        FieldInvalidError: the request does not say.
    """
    problems = RequestProblems()
    code = ObjectReader(body, "", problems).text("type_code", 21)
    if code is None:
        raise FieldInvalidError(tuple(problems.found))
    return code


def part_authorities(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of the authorities of a request's parts, as far as they are typed."""
    parts = _members(body.get("parts"), MAXIMUM_PARTS)
    return tuple(_text(part.get("authority_code")) for part in parts)


def _content(
    asked: Mapping[str, Any],
    license_type: LicenseType,
    authority: IssuingAuthority,
    parts: tuple[LicensePart, ...],
) -> LicenseContent:
    """Return what is asked for as a license's content; what is missing is empty."""
    fields = asked.get("fields")
    return LicenseContent(
        identifier="",
        type_code=license_type.code,
        type_version=license_type.version,
        type_name=license_type.name_zh,
        authority=authority,
        holders=tuple(_holders(asked.get("holders"))),
        copy=_copy(asked.get("copy")),
        number=_text(asked.get("number")),
        issued_on=_day(asked.get("issued_on")) or date.min,
        valid_from=_day(asked.get("valid_from")) or date.min,
        valid_until=_day(asked.get("valid_until")),
        fields={
            key: value
            for key, given in (fields.items() if isinstance(fields, Mapping) else ())
            if license_type.field(str(key)) and (value := _value(given))
        },
        seals=license_type.seals,
        status_uri="",
        status_index=0,
        salt=b"",
        predecessor=_identifier(asked.get(PREVIOUS)),
        conditions=tuple(_conditions(asked.get("conditions"))),
        parts=parts,
    )


def _copy(given: object) -> CopyDesignation:
    """Return which copy it is; of a 副本 without its number the first one."""
    if not isinstance(given, Mapping) or given.get("kind") != CopyKind.DUPLICATE:
        return CopyDesignation(CopyKind.ORIGINAL)
    ordinal, of = (_small(given.get(name)) for name in ("ordinal", "of"))
    return CopyDesignation(CopyKind.DUPLICATE, ordinal, of)


def _small(given: object) -> int:
    return given if isinstance(given, int) and 0 < given <= _MOST_COPIES else 1


def _not_yet(asked: Mapping[str, Any]) -> dict[str, str]:
    """Return the places that stay empty since their dates are not known yet."""
    known = _known_dates(asked)
    empty = {name: "" for name in _DATES if name not in known}
    if not known >= _TERM:
        empty["validity"] = ""
    for i, part in enumerate(_members(asked.get("parts"), MAXIMUM_PARTS)):
        if not _known_dates(part) >= _TERM:
            empty[f"parts.{i}.validity"] = ""
    return empty


def _known_dates(asked: Mapping[str, Any]) -> set[str]:
    known = {name for name in _DATES if _day(asked.get(name))}
    return known | ({"valid_until"} if asked.get("valid_until") == LONG_TERM else set())


def _holders(given: object) -> Iterator[Holder]:
    for each in given if isinstance(given, list) else ():
        if isinstance(each, Mapping):
            number = _text(each.get("document_number"))
            yield Holder(HolderKind.LEGAL_PERSON, _text(each.get("name")), "", number)


def _conditions(given: object) -> Iterator[Condition]:
    """Yield those that can be printed: what is to be done, and by when."""
    for each in _members(given, MAXIMUM_CONDITIONS):
        due = _day(each.get("due"))
        if due is not None and _text(each.get("text")):
            yield Condition(_text(each.get("text")), due)


def _parts(given: object, names: Mapping[str, str]) -> Iterator[LicensePart]:
    """Yield every part, so that each stands in its own row; an unknown authority by its code."""
    for each in _members(given, MAXIMUM_PARTS):
        code = _text(each.get("authority_code"))
        yield LicensePart(
            code=_text(each.get("code")),
            name=_text(each.get("name")),
            number=_text(each.get("number")),
            authority=PartAuthority(code, names.get(code, code)),
            valid_from=_day(each.get("valid_from")) or date.min,
            valid_until=_day(each.get("valid_until")),
        )


def _members(given: object, maximum: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, the first ones."""
    for each in given[:maximum] if isinstance(given, list) else ():
        if isinstance(each, Mapping):
            yield each


def _identifier(given: object) -> str | None:
    """Return the identifier of the license before; None for what is none."""
    with suppress(IdentifierInvalidError):
        return parse(_text(given)).text
    return None


def _value(given: object) -> FieldValue:
    """Return a field's value as far as it can be printed; "" for nothing."""
    if isinstance(given, list):
        items = (_value(item) for item in given)
        return tuple(item for item in items if isinstance(item, str | Mapping) and item)
    if isinstance(given, Mapping):
        return {str(key): _text(inner) for key, inner in given.items()}
    return _text(given)


def _text(given: object) -> str:
    return given[:_LONGEST] if isinstance(given, str) else ""


def _day(given: object) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(_text(given))
    return None


def _with_seal_places(face: PlacedFace) -> PlacedFace:
    """Return the face with a ring where each seal will stand."""
    rings = tuple(PlacedPath(_ring(box), None, _SEAL_COLOUR, 0.5) for box in face.seal_boxes)
    return PlacedFace(
        width_mm=face.width_mm,
        height_mm=face.height_mm,
        runs=face.runs,
        paths=(*face.paths, *rings),
        qr=face.qr,
        qr_box=face.qr_box,
        seal_boxes=face.seal_boxes,
        values=face.values,
        shared_runs=0,
    )


def _ring(box: Box) -> str:
    """Return the ellipse that fills a box, of four curves."""
    x, y, w, h = box.x, box.y, box.width / 2, box.height / 2
    k = 0.5523
    middle, centre = x + w, y + h
    return (
        f"M {middle:.3f} {y:.3f} "
        f"C {middle + k * w:.3f} {y:.3f} {box.right:.3f} {centre - k * h:.3f} "
        f"{box.right:.3f} {centre:.3f} "
        f"C {box.right:.3f} {centre + k * h:.3f} {middle + k * w:.3f} {box.bottom:.3f} "
        f"{middle:.3f} {box.bottom:.3f} "
        f"C {middle - k * w:.3f} {box.bottom:.3f} {x:.3f} {centre + k * h:.3f} "
        f"{x:.3f} {centre:.3f} "
        f"C {x:.3f} {centre - k * h:.3f} {middle - k * w:.3f} {y:.3f} {middle:.3f} {y:.3f} Z"
    )
