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
    layout, found = check_layout(path)
    return found if layout is None else (*found, *_agreement(license_type, layout))


def _agreement(license_type: LicenseType, layout: FaceLayout) -> Iterator[CatalogueProblem]:
    path = license_type.face
    for value in layout.values:
        if not _known(license_type, value.claim):
            zh = f"照面放置了未知的信息项 {value.claim}。"
            en = f"The face places {value.claim}, which the type does not have."
            yield CatalogueProblem(path, value.line, "face-unknown-field", zh, en)
        elif value.form == "lines" and not _is_list(license_type, value.claim):
            zh = f"{value.claim} 不是列表，不能逐项成行。"
            en = f"{value.claim} is no list, it has no items to stand on lines."
            yield CatalogueProblem(path, value.line, "face-form", zh, en)
    required = [(f"fields.{spec.key}",) for spec in license_type.fields if spec.required]
    for ways in (*_SHOWN, *required):
        if not set(ways) & set(layout.claims):
            zh = f"照面缺少必有的信息项 {ways[0]}。"
            en = f"The face omits {ways[0]}, which must be shown."
            yield CatalogueProblem(path, 1, "face-omits-field", zh, en)
    if len(layout.seal_boxes) != license_type.seals:
        zh = f"照面有 {len(layout.seal_boxes)} 个印章位置，类型要求 {license_type.seals} 个。"
        en = f"The face has {len(layout.seal_boxes)} seals, the type {license_type.seals}."
        yield CatalogueProblem(path, 1, "face-seals", zh, en)


def _known(license_type: LicenseType, claim: str) -> bool:
    """Say whether a license of the type has this claim to print."""
    holder = _HOLDER.fullmatch(claim)
    if holder:
        return int(holder[1]) < license_type.holder.maximum
    if not claim.startswith("fields."):
        return claim in _STANDARD
    key, _, item = claim.removeprefix("fields.").partition(".")
    if item:
        return item.isdecimal() and _is_list(license_type, f"fields.{key}")
    return license_type.field(key) is not None


def _is_list(license_type: LicenseType, claim: str) -> bool:
    spec = license_type.field(claim.removeprefix("fields."))
    return spec is not None and spec.kind is FieldKind.LIST
