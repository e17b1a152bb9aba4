"""What a license says, as those are told who may have its file: the printed texts with their names.

The texts are those on the face (``license_metadata.printed_values``), each once: what a face
prints joined is told joined. Paths are those by which a holder consents to show fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from license_vault.errors import LicenseTypeBrokenError, LicenseTypeUnknownError
from license_vault.license_metadata import printed_values
from license_vault.license_types.license_type import RENEWAL_DAYS, FieldSpec, LicenseType
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry

if TYPE_CHECKING:
    from api.services import Services
    from license_vault.database.sessions import Reading
    from license_vault.license import LicenseContent
    from license_vault.registry.records import LicenseRecord

_BEFORE = {
    "number": ("证照编号", "License number"),
    "holders.name": ("持证主体", "Holder"),
}
_AFTER = {
    "validity": ("有效期", "Validity"),
    "issued_on": ("颁发日期", "Issued on"),
    "authority.name": ("发证机关", "Issuing authority"),
    "copy": ("正副本", "Copy"),
    "making": ("补制说明", "Made from records"),
    "predecessor": ("原证照标识", "License before this one"),
}
_LABELS = {"holders.name": "holder", "authority.name": "authority"}
_DOCUMENT = ("持证主体证件号码", "Document number of the holder")
_CONDITION = ("附带条件", "Condition")
_PARTS = {
    "name": ("分项名称", "Part"),
    "number": ("分项编号", "Number of the part"),
    "authority": ("分项责任部门", "Authority of the part"),
    "validity": ("分项有效期", "Validity of the part"),
}
_NUMBERED = re.compile(r"(holders|conditions|parts)\.([0-9]+)(?:\.([a-z_]+))?")


class FieldName(BaseModel):
    """What a field is called."""

    zh: str
    en: str


class ContentFieldOut(BaseModel):
    """One printed text of a license."""

    path: str = Field(examples=["fields.address"], description="as presentations name it")
    name: FieldName
    text: str
    personal: bool


class ContentOut(BaseModel):
    """What a license says."""

    number: str = Field(description="证照编号")
    holders: list[str] = Field(description="names, in the order of the license")
    renew_by: date | None = Field(description="last day to apply for a renewal; null: 长期")
    fields: list[ContentFieldOut]


def content_told(services: Services, session: Reading, record: LicenseRecord) -> dict[str, Any]:
    """Return number, holders' names, when to renew, and every printed text of a license.

    Raises:
        EnvelopeBrokenError: a row was changed.
    """
    opener = LicenseOpener(services.vault)
    content = opener.secrets(Registry(session).kept(record.identifier)).content
    found = _type_of(services, record)
    renew_by = _renew_by(record, found)
    return {
        "number": content.number,
        "holders": [holder.name for holder in content.holders],
        "renew_by": renew_by,
        "fields": list(_fields(content, found)),
    }


def _type_of(services: Services, record: LicenseRecord) -> LicenseType | None:
    """Return the license's type; a license outlives the folder of its type."""
    try:
        return services.catalogue.get(record.type_code, record.type_version)
    except (LicenseTypeUnknownError, LicenseTypeBrokenError):
        return None


def _renew_by(record: LicenseRecord, found: LicenseType | None) -> date | None:
    if record.valid_until is None:
        return None
    return record.valid_until - timedelta(days=found.renewal_days if found else RENEWAL_DAYS)


def _fields(content: LicenseContent, found: LicenseType | None) -> Iterator[dict[str, Any]]:
    """Yield the printed texts in the order in which people look for them."""
    printed = printed_values(content)
    specs = {spec.key: spec for spec in found.fields} if found else {}
    own_words = found.labels if found else {}
    yield from _named(printed, _BEFORE, own_words)
    yield from _numbered(printed, "holders", own_words.get("holder_code", _DOCUMENT))
    yield from _own(printed, specs)
    yield from _named(printed, _AFTER, own_words)
    yield from _numbered(printed, "conditions", _CONDITION)
    yield from _numbered(printed, "parts", _PARTS["name"])


def _named(
    printed: Mapping[str, str],
    names: Mapping[str, tuple[str, str]],
    own_words: Mapping[str, tuple[str, str]],
) -> Iterator[dict[str, Any]]:
    """Yield what every license has, in the words of the type's paper form where it has some."""
    for path, name in names.items():
        if printed.get(path):
            words = own_words.get(_LABELS.get(path, path), name)
            yield _field(path, words, printed[path], personal=path == "holders.name")


def _numbered(
    printed: Mapping[str, str], of: str, name: tuple[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield what stands once for each holder, condition or part; numbered if there are several."""
    found = [match for path in printed if (match := _NUMBERED.fullmatch(path))]
    mine = [match for match in found if match[1] == of and (of, match[3]) != ("holders", "name")]
    several = len({match[2] for match in mine}) > 1
    for match in mine:
        zh, en = _PARTS.get(match[3], name) if of == "parts" else name
        nth = f" {int(match[2]) + 1}" if several else ""
        personal = of == "holders"
        yield _field(match[0], (zh + nth, en + nth), printed[match[0]], personal=personal)


def _own(printed: Mapping[str, str], specs: Mapping[str, FieldSpec]) -> Iterator[dict[str, Any]]:
    """Yield the type's own fields; the members of one that is printed whole are left out."""
    for path, text in printed.items():
        first, _, rest = path.partition(".")
        key, _, inner = rest.partition(".")
        if first != "fields" or (inner and f"fields.{key}" in printed):
            continue
        spec = specs.get(key)
        yield _field(
            path, _own_name(key, inner, spec), text, personal=spec is None or spec.personal
        )


def _own_name(key: str, inner: str, spec: FieldSpec | None) -> tuple[str, str]:
    if spec is None:
        return key, key
    if not inner:
        return spec.name_zh, spec.name_en
    number, _, column = inner.partition(".")
    names = {each.key: (each.name_zh, each.name_en) for each in spec.columns}
    zh, en = names.get(column, (column, column))
    nth = int(number) + 1 if number.isdecimal() else number
    return f"{spec.name_zh} {nth} {zh}", f"{spec.name_en} {nth} {en}"


def _field(path: str, name: tuple[str, str], text: str, *, personal: bool) -> dict[str, Any]:
    return {
        "path": path,
        "name": {"zh": name[0], "en": name[1]},
        "text": text,
        "personal": personal,
    }
