"""Routes of the license types: what can be issued, and what each type asks.

Public: a type says nothing about anybody. Draft and withdrawn versions are shown
as such; only a published one issues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import AfterQuery, LimitQuery, ServicesDep
from api.documentation import problems
from license_vault.errors import LicenseTypeNotPublishedError, LicenseTypeUnknownError
from license_vault.license_types.catalogue import Catalogue
from license_vault.license_types.license_type import FieldSpec, LicenseType, PartRule

router = APIRouter(prefix="/v1/license-types", tags=["license types"])

_LIST = "license-types"
_VERSION = re.compile(r"v[1-9][0-9]{0,3}", re.ASCII)

VersionQuery = Annotated[str | None, Query(description="such as v1; unset: the newest")]


class NameOut(BaseModel):
    """A name in both languages."""

    zh: str = Field(examples=["公共场所卫生许可证"])
    en: str = Field(examples=["Public place health permit"])


class FieldOut(BaseModel):
    """One field of a license type."""

    key: str
    name: NameOut
    kind: str
    required: bool
    pattern: str | None
    choices: list[str]
    max_length: int = Field(description="characters, in a list of each item")
    source: str = Field(description="the rule or form that the field comes from")
    personal: bool


class PartKindOut(BaseModel):
    """One kind of part of a composite type."""

    code: str = Field(examples=["food-business"])
    name: str = Field(examples=["食品经营许可"], description="as a part of a request names it")


class PartRuleOut(BaseModel):
    """Which parts a license of a composite type (一业一证) has: at least one of these kinds."""

    maximum: int
    kinds: list[PartKindOut]


class LicenseTypeSummary(BaseModel):
    """A license type in a list."""

    code: str = Field(examples=["11100000000013338W001"])
    version: str = Field(examples=["v1"])
    name: NameOut
    state: str = Field(examples=["published"])


class VersionOut(BaseModel):
    """One version of a type; only a published one issues."""

    version: str
    state: str


class LicenseTypeOut(LicenseTypeSummary):
    """A license type with all that a request for it must satisfy."""

    code_status: str = Field(examples=["registered"])
    code_source: str
    defining_authority: str
    holder_kinds: list[str]
    holder_document_types: list[str]
    number_pattern: str
    number_example: str
    copies: list[str]
    duplicate_face: bool = Field(description="duplicates have a face of their own")
    seals: int
    validity_range: list[str] = Field(examples=[["5年", "长期"]])
    renewal_days: int = Field(description="so long before its last day a renewal is applied for")
    fields: list[FieldOut]
    parts: PartRuleOut | None = Field(description="null: it is no composite type")
    versions: list[VersionOut] = Field(description="the oldest first")


class LicenseTypePage(BaseModel):
    """One page of license types."""

    items: list[LicenseTypeSummary]
    next: str | None = Field(description="pass as after for the next page; null: there is none")


@router.get("", summary="List license types · 证照类型目录", responses=problems("invalid-request"))
def list_types(
    services: ServicesDep, limit: LimitQuery = 20, after: AfterQuery = None
) -> LicenseTypePage:
    """Return license types in the order of their codes, each in its newest usable version."""
    behind = services.cursors.item(_LIST, after) if after else ""
    codes = sorted(code for code in services.catalogue.codes() if code > behind)
    shown, after_it = services.cursors.page(_LIST, codes, limit, lambda code: code)
    return LicenseTypePage(
        items=[_summary(_newest(services, code)) for code in shown], next=after_it
    )


@router.get(
    "/{code}",
    summary="Show a license type · 证照类型详情",
    responses=problems("license-type-not-found"),
)
def show_type(
    services: ServicesDep,
    code: str,
    version: VersionQuery = None,
) -> LicenseTypeOut:
    """Return a license type: its fields, patterns and sources, and which versions there are."""
    found = type_of(services, code, version)
    every = (services.catalogue.get(code, name) for name in services.catalogue.versions(code))
    versions = [VersionOut(version=one.version, state=one.state) for one in every]
    return _full(found, versions)


def type_of(services: ServicesDep, code: str, version: str | None) -> LicenseType:
    """Return a version of a type, without one the newest that can be used.

    Raises:
        LicenseTypeUnknownError: no such type or version.
    """
    if version is None:
        return _newest(services, code)
    if not _VERSION.fullmatch(version):
        raise LicenseTypeUnknownError(code, version)
    return services.catalogue.get(code, version)


def published_types(catalogue: Catalogue) -> Iterator[LicenseType]:
    """Yield the types that licenses are issued of, each in its newest published version."""
    for code in sorted(catalogue.codes()):
        with suppress(LicenseTypeNotPublishedError):
            yield catalogue.get(code)


def _newest(services: ServicesDep, code: str) -> LicenseType:
    try:
        return services.catalogue.get(code)
    except LicenseTypeNotPublishedError as error:
        return services.catalogue.get(code, error.version)


def _summary(found: LicenseType) -> LicenseTypeSummary:
    return LicenseTypeSummary(
        code=found.code,
        version=found.version,
        name=NameOut(zh=found.name_zh, en=found.name_en),
        state=found.state,
    )


def _full(found: LicenseType, versions: list[VersionOut]) -> LicenseTypeOut:
    return LicenseTypeOut(
        **_summary(found).model_dump(),
        code_status=found.code_status,
        code_source=found.code_source,
        defining_authority=found.defining_authority.name,
        holder_kinds=list(found.holder.kinds),
        holder_document_types=list(found.holder.document_types),
        number_pattern=found.number.pattern.pattern,
        number_example=found.number.example,
        copies=list(found.copies.kinds),
        duplicate_face=found.duplicate_face is not None,
        seals=found.seals,
        validity_range=list(found.validity_range),
        renewal_days=found.renewal_days,
        fields=[_field(spec) for spec in found.fields],
        parts=_parts(found.parts),
        versions=versions,
    )


def _parts(rule: PartRule | None) -> PartRuleOut | None:
    if rule is None:
        return None
    kinds = [PartKindOut(code=kind.code, name=kind.name) for kind in rule.kinds]
    return PartRuleOut(maximum=rule.maximum, kinds=kinds)


def _field(spec: FieldSpec) -> FieldOut:
    return FieldOut(
        key=spec.key,
        name=NameOut(zh=spec.name_zh, en=spec.name_en),
        kind=spec.kind,
        required=spec.required,
        pattern=spec.pattern.pattern if spec.pattern else None,
        choices=list(spec.choices),
        max_length=spec.max_length,
        source=spec.source,
        personal=spec.personal,
    )
