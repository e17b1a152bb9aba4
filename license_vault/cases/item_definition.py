"""What an item needs and makes (license-vault/item/1): read from a file, checked against types.

Data only, pure. An item names the licenses that its applicants have to show (each with the types
that do), the fields of its form with where each value is found, and the types that it issues.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from license_vault.approvals.items import ApprovalMode
from license_vault.errors import (
    FieldInvalidError,
    FieldProblem,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.issuing.request_reading import ObjectReader, RequestProblems
from license_vault.license_types.license_type import LicenseType

SCHEMA: Final = "license-vault/item/1"
HOLDER_FACTS: Final = ("name", "document_type", "document_number")

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ITEM_CODE: Final = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}")
_TYPE_CODE: Final = re.compile(r"[0-9A-Z]{21}")
_CLAIM_PATH: Final = re.compile(
    r"/(?:number|identifier|issued_on|valid_from|valid_until|type/name|authority/(?:code|name)"
    r"|holders/[0-9]{1,2}/(?:name|document_type|document_number)"
    r"|fields/(?P<field>[a-z][a-z0-9_]{0,63}))"
)
_BODY_PATH: Final = re.compile(
    r"/(?:holders/[0-9]{1,2}/(?:name|document_type|document_number)"
    r"|fields/(?P<field>[a-z][a-z0-9_]{0,63}))"
)
_MOST: Final = 50
_LONGEST_NAME: Final = 128

FindType = Callable[[str], LicenseType]


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Need:
    """A license that has to be shown: any one of some types, the first that is found."""

    key: str
    name: Name
    types: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where a value is found: in a license of a type by a path, or a fact of the holder.

    With ``type_code`` empty, ``path`` is "/holders/<position>/<fact>" of the case itself.
    """

    type_code: str
    path: str


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form; ``fills`` is the member of the request to issue that it goes into."""

    key: str
    label: Name
    required: bool
    sources: tuple[FieldSource, ...]
    fills: str | None


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """An item: how it is decided, what it needs, its form, and the types it issues."""

    code: str
    name: Name
    mode: ApprovalMode
    needs: tuple[Need, ...]
    form: tuple[FormField, ...]
    results: tuple[str, ...]

    @property
    def types(self) -> tuple[str, ...]:
        """Return the types of all licenses it needs, in the order it names them."""
        return tuple(dict.fromkeys(code for need in self.needs for code in need.types))

    def to_json(self) -> dict[str, Any]:
        """Return it as its file says it."""
        return {
            "schema": SCHEMA,
            "code": self.code,
            "name": _name_json(self.name),
            "mode": self.mode.value,
            "needs": [
                {
                    "key": need.key,
                    "name": _name_json(need.name),
                    "types": list(need.types),
                    "required": need.required,
                }
                for need in self.needs
            ],
            "form": [_field_json(field) for field in self.form],
            "results": list(self.results),
        }

    def canonical(self) -> bytes:
        """Return its RFC 8785 bytes, as they are kept."""
        data: bytes = rfc8785.dumps(self.to_json())
        return data


def _name_json(name: Name) -> dict[str, str]:
    return {"zh": name.zh, "en": name.en}


def _field_json(field: FormField) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": _name_json(field.label),
        "required": field.required,
        "sources": [
            {"type": source.type_code, "path": source.path}
            if source.type_code
            else {"holder": source.path}
            for source in field.sources
        ],
        **({"fills": field.fills} if field.fills else {}),
    }


def read_item_definition(document: object, find_type: FindType | None) -> ItemDefinition:
    """Read a definition, and check that its types and their fields are there.

    Args:
        document: parsed JSON.
        find_type: gives the newest published version of a type; None: what is kept was checked.

    Raises:
        FieldInvalidError: with every problem, each with its JSON pointer.
    """
    problems = RequestProblems()
    reader = ObjectReader(document, "", problems)
    reader.matching("schema", re.compile(re.escape(SCHEMA)), 64)
    code = reader.matching("code", _ITEM_CODE, 64)
    name = _name(reader, "name")
    mode = reader.word("mode", ApprovalMode)
    needs, form = tuple(_needs(reader)), tuple(_form(reader))
    results = _types(reader, "results")
    reader.finish()
    if problems.found or code is None or name is None or mode is None:
        raise FieldInvalidError(tuple(problems.found))
    item = ItemDefinition(code, name, mode, needs, form, results)
    found = [*_double_keys(item), *(() if find_type is None else _unknown(item, find_type))]
    if found:
        raise FieldInvalidError(tuple(found))
    return item


def _name(reader: ObjectReader, member: str) -> Name | None:
    inner = reader.inner(member)
    zh, en = inner.text("zh", _LONGEST_NAME), inner.text("en", _LONGEST_NAME)
    inner.finish()
    return None if zh is None or en is None else Name(zh, en)


def _types(reader: ObjectReader, member: str) -> tuple[str, ...]:
    value = reader.value(member)
    if isinstance(value, list) and len(value) <= _MOST:
        codes = [code for code in value if isinstance(code, str) and _TYPE_CODE.fullmatch(code)]
        if codes == value and len(set(codes)) == len(codes):
            return tuple(codes)
    if reader.has(member):
        zh, en = "应为不重复的证照类型代码列表。", "This must be a list of type codes, none twice."
        reader.problem(member, ("not-type-codes", zh, en))
    return ()


def _flag(reader: ObjectReader, member: str) -> bool:
    value = reader.peek(member)
    if value is None and not reader.has(member):
        return True
    if not isinstance(value, bool):
        reader.problem(member, ("not-a-flag", "应为 true 或 false。", "Say true or false."))
    return value is True


def _items(reader: ObjectReader, member: str) -> Iterator[ObjectReader]:
    """Yield the readers of a list of objects that may be missing or empty."""
    if reader.peek(member) not in (None, []):
        yield from reader.items(member, _MOST)


def _needs(reader: ObjectReader) -> Iterator[Need]:
    for item in _items(reader, "needs"):
        key, name = item.matching("key", _KEY, 64), _name(item, "name")
        types, required = _types(item, "types"), _flag(item, "required")
        item.finish()
        if not types and isinstance(item.peek("types"), list):
            item.problem("types", ("empty", "不能为空。", "This must not be empty."))
        if key is not None and name is not None:
            yield Need(key, name, types, required)


def _form(reader: ObjectReader) -> Iterator[FormField]:
    for item in _items(reader, "form"):
        key, label, required = (
            item.matching("key", _KEY, 64),
            _name(item, "label"),
            _flag(item, "required"),
        )
        found = tuple(_source(source) for source in _items(item, "sources"))
        fills = item.matching("fills", _BODY_PATH, 80) if item.has("fills") else None
        item.finish()
        if key is not None and label is not None:
            sources = tuple(source for source in found if source is not None)
            yield FormField(key, label, required, sources, fills)


def _source(reader: ObjectReader) -> FieldSource | None:
    if reader.has("holder"):
        of_case = re.compile(rf"/holders/[0-9]{{1,2}}/(?:{'|'.join(HOLDER_FACTS)})")
        path = reader.matching("holder", of_case, 80)
        reader.finish()
        return None if path is None else FieldSource("", path)
    code = reader.matching("type", _TYPE_CODE, 21)
    path = reader.matching("path", _CLAIM_PATH, 80)
    reader.finish()
    return None if code is None or path is None else FieldSource(code, path)


# --- what the parts say of each other ------------------------------------------------------------


def _double_keys(item: ItemDefinition) -> Iterator[FieldProblem]:
    zh, en = "键重复。", "This key stands twice."
    for member, keys in (
        ("needs", [n.key for n in item.needs]),
        ("form", [f.key for f in item.form]),
    ):
        for i, key in enumerate(keys):
            if key in keys[:i]:
                yield FieldProblem(f"/{member}/{i}/key", "double-key", zh, en)


def _unknown(item: ItemDefinition, find_type: FindType) -> Iterator[FieldProblem]:
    """Yield every type and every field that is not in the catalogue."""
    places = list(_type_places(item))
    types = {code: _found(find_type, code) for _, code in places}
    for pointer, code in places:
        if types[code] is None:
            zh, en = (
                "没有这种已发布的证照类型。",
                "There is no published license type of this code.",
            )
            yield FieldProblem(pointer, "unknown-type", zh, en)
    for i, field in enumerate(item.form):
        yield from _field_problems(f"/form/{i}", field, item, types)


def _found(find_type: FindType, code: str) -> LicenseType | None:
    try:
        return find_type(code)
    except (LicenseTypeUnknownError, LicenseTypeNotPublishedError):
        return None


def _field_problems(
    pointer: str, field: FormField, item: ItemDefinition, types: Mapping[str, LicenseType | None]
) -> Iterator[FieldProblem]:
    for k, source in enumerate(field.sources):
        if not source.type_code:
            continue
        if source.type_code not in item.types:
            zh, en = "该类型不在所需证照中。", "No need of the item names this type."
            yield FieldProblem(f"{pointer}/sources/{k}/type", "not-needed", zh, en)
        elif not _has(types[source.type_code], _CLAIM_PATH, source.path):
            zh, en = "该类型没有此字段。", "The type has no such field."
            yield FieldProblem(f"{pointer}/sources/{k}/path", "unknown-field", zh, en)
    results = [types[code] for code in item.results]
    if field.fills and not any(_has(found, _BODY_PATH, field.fills) for found in results):
        zh, en = "结果证照没有此字段。", "No license that the item issues has this field."
        yield FieldProblem(f"{pointer}/fills", "unknown-field", zh, en)


def _has(found: LicenseType | None, form: re.Pattern[str], path: str) -> bool:
    """Say whether a type has what a path names; an unknown type is another problem."""
    match = form.fullmatch(path)
    key = match.group("field") if match else None
    return found is None or key is None or found.field(key) is not None


def _type_places(item: ItemDefinition) -> Iterator[tuple[str, str]]:
    for i, need in enumerate(item.needs):
        yield from ((f"/needs/{i}/types/{k}", code) for k, code in enumerate(need.types))
    yield from ((f"/results/{i}", code) for i, code in enumerate(item.results))


def value_at(values: Mapping[str, Any], path: str) -> object:
    """Return what stands at a JSON pointer (RFC 6901), None if nothing does."""
    found: object = values
    for part in path.split("/")[1:]:
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found
