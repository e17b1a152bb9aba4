"""Claims and the metadata of GB/T 36903: what a license says, as bytes and as elements.

The claims are frozen from the first file on: changing what this module writes or accepts would
change the content id of sealed licenses, so a new rule means a new schema name beside the old
one. v2 (ADR 0047) is written only for a content that v1 cannot say; any other is v1 as ever.
The bytes are RFC 8785 (JSON Canonicalization Scheme) and are read strictly: one content has
exactly one form. Nothing here decides whether a value is *right* (that the check digit of a
holder's number holds, say); that is asked once, before issuing.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any, Final, NoReturn, TypeAlias

import rfc8785

from keys.sm3 import sm3
from license_vault.claims_schema import SCHEMA, SCHEMA_2, content_of, iso, salt_text
from license_vault.errors import ClaimsInvalidError as ClaimsInvalidError
from license_vault.license import (
    DOCUMENT_NAMES,
    LONG_TERM,
    MADE_FROM_RECORDS,
    CopyKind,
    FieldValue,
    LicenseContent,
    LicensePart,
)

MAXIMUM_BYTES: Final = 64 * 1024
LIST_SEPARATOR: Final = "、"
MULTIPLE_SEPARATOR: Final = "^"
CONTENT_ID_ELEMENT: Final = "contentId"
_MAKING_NOTE: Final = f"{MADE_FROM_RECORDS}：依原有登记信息制作，颁发日期为原证照的颁发日期"

Claims: TypeAlias = LicenseContent


def claims_of(content: LicenseContent) -> dict[str, Any]:
    """Return the claims as JSON values: strings, lists and objects only."""
    additions = _additions(content)
    return {
        "schema": SCHEMA_2 if additions else SCHEMA,
        "identifier": content.identifier,
        "type": {
            "code": content.type_code,
            "version": content.type_version,
            "name": content.type_name,
        },
        "authority": {
            "code": content.authority.code,
            "name": content.authority.name,
            "region": content.authority.region,
        },
        "holders": [
            {
                "kind": str(holder.kind),
                "name": holder.name,
                "document_type": holder.document_type,
                "document_number": holder.document_number,
            }
            for holder in content.holders
        ],
        "copy": {
            "kind": str(content.copy.kind),
            "ordinal": str(content.copy.ordinal),
            "of": str(content.copy.of),
        },
        "number": content.number,
        "issued_on": iso(content.issued_on),
        "valid_from": iso(content.valid_from),
        "valid_until": iso(content.valid_until),
        "fields": {key: _json_value(value) for key, value in content.fields.items()},
        "seals": str(content.seals),
        "status_list": {"uri": content.status_uri, "index": str(content.status_index)},
        "salt": salt_text(content.salt),
        **additions,
    }


def _additions(content: LicenseContent) -> dict[str, Any]:
    """Return the members of v2 that this content has."""
    members = {
        "predecessor": content.predecessor,
        "making": content.making,
        "conditions": [{"text": each.text, "due": iso(each.due)} for each in content.conditions],
        "parts": [_part(part) for part in content.parts],
    }
    return {name: value for name, value in members.items() if value}


def _part(part: LicensePart) -> dict[str, Any]:
    return {
        "code": part.code,
        "name": part.name,
        "number": part.number,
        "authority": {"code": part.authority.code, "name": part.authority.name},
        "valid_from": iso(part.valid_from),
        "valid_until": iso(part.valid_until),
    }


def _json_value(value: FieldValue) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _json_value(inner) for key, inner in value.items()}
    return [_json_value(inner) for inner in value]


def canonical(claims: dict[str, Any]) -> bytes:
    """Return the bytes of the claims that are attached and hashed: UTF-8, RFC 8785.

    Nothing comes out that ``read_claims`` would not take in.

    Raises:
        ClaimsInvalidError: the claims break a rule of the schema, or are over 64 KiB.
    """
    content_of(claims)
    data: bytes = rfc8785.dumps(claims)
    if len(data) > MAXIMUM_BYTES:
        raise ClaimsInvalidError("too-large")
    return data


def read_claims(data: bytes) -> Claims:
    """Read the bytes of claims v1 or v2, as attached to a license.

    Raises:
        ClaimsInvalidError: and no other error, whatever the bytes are.
    """
    if len(data) > MAXIMUM_BYTES:
        raise ClaimsInvalidError("too-large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ClaimsInvalidError("not-utf-8") from error
    claims = _parse(text)
    content = content_of(claims)
    if rfc8785.dumps(claims) != data:
        raise ClaimsInvalidError("not-canonical")
    return content


def content_id(canonical_bytes: bytes) -> str:
    """Return the content id: SM3 of the canonical claims, 64 hex digits in lower case."""
    return sm3(canonical_bytes).hex()


def _parse(text: str) -> Any:
    """Parse JSON without numbers and without double keys."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_without_doubles,
            parse_int=_refuse_number,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except RecursionError as error:
        raise ClaimsInvalidError("too-deep") from error
    except ValueError as error:
        raise ClaimsInvalidError("not-json") from error


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ClaimsInvalidError("duplicate-key")
    return members


def _refuse_number(_: str) -> NoReturn:
    raise ClaimsInvalidError("number")


# --- elements of GB/T 36903 ----------------------------------------------------------------


def xmp_elements(content: LicenseContent, content_id_hex: str) -> dict[str, str]:
    """Return the metadata elements by their short names, and the content id.

    Several holders are joined by ``^``, element by element in the same order. Fields of the
    type's own are ``KZ_`` and their key; a field that holds objects stands as its RFC 8785 text.

    Source: GB/T 36903-2018; the short names as systems in the field write them.
    """
    holders = content.holders
    elements = {
        "ZZBS": content.identifier,
        "ZZMC": content.type_name,
        "ZZLXDM": content.type_code,
        "ZZBH": content.number,
        "ZZBFJG": content.authority.name,
        "ZZBFJGDM": content.authority.code,
        "ZZBFRQ": iso(content.issued_on),
        "CZZT": _joined(holder.name for holder in holders),
        "CZZTDM": _joined(holder.document_number for holder in holders),
        "CZZTDMLX": _joined(DOCUMENT_NAMES[holder.document_type] for holder in holders),
        "CZZTDMLXDM": _joined(holder.document_type for holder in holders),
        "ZZYXQQSRQ": iso(content.valid_from),
        "ZZYXQJZRQ": iso(content.valid_until),
    }
    own = {f"KZ_{key}": _element_text(value) for key, value in content.fields.items()}
    return {**elements, **own, CONTENT_ID_ELEMENT: content_id_hex}


def _joined(values: Iterator[str]) -> str:
    return MULTIPLE_SEPARATOR.join(values)


def _element_text(value: FieldValue) -> str:
    if isinstance(value, str):
        return value
    texts = _texts_of(value)
    return MULTIPLE_SEPARATOR.join(texts) if texts else rfc8785.dumps(_json_value(value)).decode()


def _texts_of(value: FieldValue) -> tuple[str, ...]:
    """Return the texts of a list of texts; empty if it is anything else."""
    if isinstance(value, str | Mapping):
        return ()
    texts = tuple(item for item in value if isinstance(item, str))
    return texts if len(texts) == len(value) else ()


# --- the texts of a face -------------------------------------------------------------------


def printed_values(content: LicenseContent) -> dict[str, str]:
    """Return what a face prints for each claim, by its path; one text for one path.

    Both sides use it: the face draws these texts, verification expects them in their boxes.
    Paths are those of the claims with dots (``holders.0.name``, ``fields.address``), and the
    joined ones: ``holders.name`` (all names), ``validity`` (both dates), ``copy``. Dates are
    printed as 2026年03月01日; items of a list are joined by 、 and also stand alone
    (``fields.items.0``). ``making``, ``conditions.0`` … and ``predecessor`` are the sentences
    of the notes; the parts of a composite license are ``parts.0.name``, ``.number``,
    ``.authority`` and ``.validity``, and ``parts`` all their names.
    """
    first, last = content.valid_from, content.valid_until
    values = {
        "identifier": content.identifier,
        "type.code": content.type_code,
        "type.name": content.type_name,
        "authority.code": content.authority.code,
        "authority.name": content.authority.name,
        "copy": _printed_copy(content),
        "copy.kind": str(content.copy.kind),
        "number": content.number,
        "issued_on": _printed_date(content.issued_on),
        "valid_from": _printed_date(first),
        "valid_until": _printed_date(last),
        "validity": _printed_term(first, last),
        "holders.name": LIST_SEPARATOR.join(holder.name for holder in content.holders),
    }
    for i, holder in enumerate(content.holders):
        values[f"holders.{i}.name"] = holder.name
        values[f"holders.{i}.document_number"] = holder.document_number
    own = dict(_printed_fields("fields", content.fields))
    return {**values, **own, **printed_notes(content), **dict(_printed_parts(content.parts))}


def printed_notes(content: LicenseContent) -> dict[str, str]:
    """Return the sentences of the notes by their paths, in the order in which they are printed.

    存量补制 first, then the conditions, then the identifier of the license before this one.
    """
    notes = {"making": _MAKING_NOTE} if content.making else {}
    for i, condition in enumerate(content.conditions):
        last = _printed_date(condition.due)
        notes[f"conditions.{i}"] = f"附条件：{condition.text}（期限至{last}）"
    if content.predecessor:
        notes["predecessor"] = f"原证照标识：{content.predecessor}"
    return notes


def _printed_parts(parts: tuple[LicensePart, ...]) -> Iterator[tuple[str, str]]:
    if parts:
        yield "parts", LIST_SEPARATOR.join(part.name for part in parts)
    for i, part in enumerate(parts):
        yield f"parts.{i}.name", part.name
        yield f"parts.{i}.number", part.number
        yield f"parts.{i}.authority", part.authority.name
        yield f"parts.{i}.validity", _printed_term(part.valid_from, part.valid_until)


def _printed_copy(content: LicenseContent) -> str:
    copy = content.copy
    if copy.kind is CopyKind.ORIGINAL:
        return str(copy.kind)
    return f"{copy.kind} {copy.of}-{copy.ordinal}"


def _printed_term(first: date, last: date | None) -> str:
    return f"{_printed_date(first)}至{_printed_date(last)}"


def _printed_date(day: date | None) -> str:
    return LONG_TERM if day is None else f"{day.year:04d}年{day.month:02d}月{day.day:02d}日"


def _printed_fields(path: str, value: FieldValue) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, _printed_text(value)
        return
    texts = _texts_of(value)
    if texts:
        yield path, LIST_SEPARATOR.join(map(_printed_text, texts))
    members = value.items() if isinstance(value, Mapping) else enumerate(value)
    yield from chain.from_iterable(_printed_fields(f"{path}.{k}", inner) for k, inner in members)


def _printed_text(text: str) -> str:
    """Print a value that is exactly an ISO date as a date, anything else as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return _printed_date(day) if day.isoformat() == text else text
