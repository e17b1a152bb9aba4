"""Whether a type's face fits the type: what it places exists, what must be seen is placed.

The layout itself is read and judged by ``face.layout``; the drawing is no concern here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from license_vault.face.layout import FaceLayout, check_layout
from license_vault.license_types.files import CatalogueProblem
from license_vault.license_types.license_type import FieldKind, LicenseType

# Paths of ``license_metadata.printed_values`` that every license has, and the check code, which
# is printed but no claim.
_STANDARD: Final = frozenset(
    (
        "identifier",
        "check_code",
        "number",
        "issued_on",
        "valid_from",
        "valid_until",
        "validity",
        "copy",
        "copy.kind",
        "type.code",
        "type.name",
        "authority.code",
        "authority.name",
        "holders.name",
    )
)
_HOLDER: Final = re.compile(r"holders\.([0-9]{1,2})\.(name|document_number)")
_PART_ITEMS: Final = ("name", "number", "authority", "validity")
_PART: Final = re.compile(rf"parts\.([0-9]{{1,2}})\.({'|'.join(_PART_ITEMS)})")
# Each must be seen on every face in one of these ways, besides the type's required fields.
_SHOWN: Final = (
    ("identifier",),
    ("check_code",),
    ("number",),
    ("issued_on",),
    ("valid_until", "validity"),
    ("authority.name",),
    ("holders.0.name", "holders.name"),
)


def layout_problems(path: Path) -> tuple[CatalogueProblem, ...]:
    """Return what is wrong with a layout for itself: all there is to say if its type is broken."""
    return check_layout(path)[1] if path.is_file() else ()


def face_problems(license_type: LicenseType) -> tuple[CatalogueProblem, ...]:
    """Return what is wrong with the face of a type, for itself and with the type."""
    path = license_type.face
    if not path.is_file():
        zh, en = "缺少照面布局 face.yaml。", "The layout face.yaml is missing."
        return (CatalogueProblem(path, 1, "face-missing", zh, en),)
    other = license_type.duplicate_face
    return tuple(_face_problems(license_type, path)) + (
        tuple(_face_problems(license_type, other)) if other else ()
    )


def _face_problems(license_type: LicenseType, path: Path) -> Iterator[CatalogueProblem]:
    layout, found = check_layout(path)
    yield from found
    if layout is not None:
        yield from _agreement(license_type, layout, path)
        yield from _room(license_type, layout, path)


def _room(license_type: LicenseType, layout: FaceLayout, path: Path) -> Iterator[CatalogueProblem]:
    """Yield what a face has no room for: the notes, rows of a table."""
    if layout.notes is None:
        zh, en = "照面没有附注（notes）的位置。", "The face has no place for notes."
        yield CatalogueProblem(path, 1, "face-omits-notes", zh, en)
    for table in layout.tables:
        wanted = _most_rows(license_type, table.claim)
        if table.rows < wanted:
            zh = f"{table.claim} 最多 {wanted} 行，照面只有 {table.rows} 行。"
            en = f"{table.claim} may have {wanted} rows, the face has {table.rows}."
            yield CatalogueProblem(path, table.line, "face-rows", zh, en)


def _most_rows(license_type: LicenseType, claim: str) -> int:
    if claim == "parts":
        return license_type.parts.maximum if license_type.parts else 0
    spec = license_type.field(claim.removeprefix("fields."))
    return spec.max_items if spec else 0


def _agreement(
    license_type: LicenseType, layout: FaceLayout, path: Path
) -> Iterator[CatalogueProblem]:
    for value in layout.values:
        if not _known(license_type, value.claim):
            zh = f"照面放置了未知的信息项 {value.claim}。"
            en = f"The face places {value.claim}, which the type does not have."
            yield CatalogueProblem(path, value.line, "face-unknown-field", zh, en)
        elif value.form == "lines" and not _is_list(license_type, value.claim):
            zh = f"{value.claim} 不是列表，不能逐项成行。"
            en = f"{value.claim} is no list, it has no items to stand on lines."
            yield CatalogueProblem(path, value.line, "face-form", zh, en)
    for ways in (*_SHOWN, *_required(license_type)):
        if not set(ways) & set(layout.claims):
            zh = f"照面缺少必有的信息项 {ways[0]}。"
            en = f"The face omits {ways[0]}, which must be shown."
            yield CatalogueProblem(path, 1, "face-omits-field", zh, en)
    if len(layout.seal_boxes) != license_type.seals:
        zh = f"照面有 {len(layout.seal_boxes)} 个印章位置，类型要求 {license_type.seals} 个。"
        en = f"The face has {len(layout.seal_boxes)} seals, the type {license_type.seals}."
        yield CatalogueProblem(path, 1, "face-seals", zh, en)


def _required(license_type: LicenseType) -> Iterator[tuple[str, ...]]:
    """Yield the ways in which each required field, and each part, may be shown."""
    for spec in license_type.fields:
        if spec.required and spec.kind is FieldKind.RECORDS:
            yield from ((f"fields.{spec.key}.0.{column.key}",) for column in spec.columns)
        elif spec.required:
            yield (f"fields.{spec.key}",)
    if license_type.parts:
        yield from ((f"parts.0.{item}",) for item in _PART_ITEMS)


def _known(license_type: LicenseType, claim: str) -> bool:
    """Say whether a license of the type has this claim to print."""
    holder = _HOLDER.fullmatch(claim)
    if holder:
        return int(holder[1]) < license_type.holder.maximum
    part = _PART.fullmatch(claim)
    if part:
        return license_type.parts is not None and int(part[1]) < license_type.parts.maximum
    if not claim.startswith("fields."):
        return claim in _STANDARD
    key, _, item = claim.removeprefix("fields.").partition(".")
    spec = license_type.field(key)
    if spec is not None and spec.kind is FieldKind.RECORDS:
        row, _, column = item.partition(".")
        known = any(column == each.key for each in spec.columns)
        return known and row.isdecimal() and int(row) < spec.max_items
    if item:
        return item.isdecimal() and _is_list(license_type, f"fields.{key}")
    return spec is not None


def _is_list(license_type: LicenseType, claim: str) -> bool:
    spec = license_type.field(claim.removeprefix("fields."))
    return spec is not None and spec.kind is FieldKind.LIST
