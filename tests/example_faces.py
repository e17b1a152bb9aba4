"""The shipped examples, placed and drawn: for tests of faces and for those that need a PDF."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from license_vault.face.fonts import Fonts
from license_vault.face.layout import FaceLayout, read_layout
from license_vault.face.license_face import CHECK_CODE, PlacedFace, data_index, set_face
from license_vault.face.ofd import OfdPress
from license_vault.face.pdf import FaceDocument, PdfPress
from license_vault.license import (
    LONG_TERM,
    CopyDesignation,
    CopyKind,
    Holder,
    HolderKind,
    IssuingAuthority,
    LicenseContent,
    LicensePart,
    PartAuthority,
)
from license_vault.license_identifier import compose
from license_vault.license_metadata import (
    canonical,
    claims_of,
    content_id,
    printed_values,
    xmp_elements,
)
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = (
    "business-license",
    "medical-institution",
    "public-place-hygiene",
    "constructor-registration",
)
# Every face that is shipped; for tests that place and do not draw, or draw once.
ALL_NAMES = (
    *NAMES,
    "medical-institution-duplicate",
    "food-business",
    "sewage-discharge",
    "birth-registration",
    "identity-card",
    "integrated-industry",
)
CHECK = "7KQ2-M9XT-B4ZCE"
DRAWN_AT = datetime.datetime(2026, 3, 20, 4, 0, tzinfo=datetime.UTC)


@lru_cache(maxsize=1)
def fonts() -> Fonts:
    """The fonts of this machine, HanaMin included where Debian has it."""
    return Fonts()


@lru_cache(maxsize=1)
def press() -> PdfPress:
    """One press for all tests."""
    return PdfPress(fonts())


@lru_cache(maxsize=1)
def ofd_press() -> OfdPress:
    """One OFD press for all tests."""
    return OfdPress(fonts())


@lru_cache(maxsize=32)
def layout(name: str) -> FaceLayout:
    """The layout of an example's type, of its kind of copy."""
    license_ = content(name)
    license_type = Catalogue([SHIPPED_TYPES]).get(license_.type_code, license_.type_version)
    return read_layout(license_type.face_of(license_.copy.kind))


def content(name: str, **changes: Any) -> LicenseContent:
    """What an example license says; identifier, status place and salt are fixed."""
    body = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    authority = json.loads((EXAMPLES / "authority.json").read_text("utf-8"))
    type_code = body["type_code"]
    copy = body.get("copy", {"kind": "正本", "ordinal": 1, "of": 1})
    until = body["valid_until"]
    made = LicenseContent(
        identifier=compose(type_code, authority["code"], "7K2M9QX4TB0A3ZCE").text,
        type_code=type_code,
        type_version=body["type_version"],
        type_name=Catalogue([SHIPPED_TYPES]).get(type_code, body["type_version"]).name_zh,
        authority=IssuingAuthority(**authority),
        holders=tuple(
            Holder(**{**each, "kind": HolderKind(each["kind"])}) for each in body["holders"]
        ),
        copy=CopyDesignation(CopyKind(copy["kind"]), copy["ordinal"], copy["of"]),
        number=body["number"],
        issued_on=datetime.date.fromisoformat(body["issued_on"]),
        valid_from=datetime.date.fromisoformat(body["valid_from"]),
        valid_until=None if until == LONG_TERM else datetime.date.fromisoformat(until),
        fields={k: tuple(v) if isinstance(v, list) else v for k, v in body["fields"].items()},
        parts=tuple(_part(each, authority["name"]) for each in body.get("parts", ())),
        seals=1,
        status_uri="https://status.example.gov.cn/1",
        status_index=7,
        salt=bytes(16),
    )
    return replace(made, **changes)


def _part(body: dict[str, str], authority: str) -> LicensePart:
    until = body["valid_until"]
    return LicensePart(
        body["code"],
        body["name"],
        body["number"],
        PartAuthority(body["authority_code"], authority),
        datetime.date.fromisoformat(body["valid_from"]),
        None if until == LONG_TERM else datetime.date.fromisoformat(until),
    )


def values(license_: LicenseContent) -> Mapping[str, str]:
    """What its face prints."""
    return {**printed_values(license_), CHECK_CODE: CHECK}


def qr_text(license_: LicenseContent) -> str:
    """What its QR code says."""
    code = CHECK.replace("-", "")
    return f"https://verify.example.gov.cn/v#{license_.identifier}.{code}"


def placed(name: str, **changes: Any) -> PlacedFace:
    """An example's face."""
    license_ = content(name, **changes)
    return set_face(layout(name), values(license_), fonts(), qr_text(license_))


def document(name: str, **changes: Any) -> FaceDocument:
    """What goes to the press for an example."""
    license_ = content(name, **changes)
    face = set_face(layout(name), values(license_), fonts(), qr_text(license_))
    claims = canonical(claims_of(license_))
    return FaceDocument(
        face=face,
        claims=claims,
        data_index=data_index(face),
        xmp=xmp_elements(license_, content_id(claims)),
        title=license_.type_name,
        author=license_.authority.name,
        created_at=DRAWN_AT,
    )
