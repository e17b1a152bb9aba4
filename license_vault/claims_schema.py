"""The schemas of claims v1 and v2, read strictly: from parsed JSON to ``LicenseContent``.

Every member of v1 is required and no other is allowed; every value is a string, a list or an
object. v2 is v1 with at least one of ``OPTIONAL_MEMBERS``: without one a content is v1, so that
it still has exactly one form. The first thing wrong is named by a stable code and a JSON
pointer. Each schema is frozen with its name.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from license_vault.errors import ClaimsInvalidError, IdentifierInvalidError
from license_vault.face.license_text import text_problem
from license_vault.license import (
    DOCUMENT_NAMES,
    LONG_TERM,
    MADE_FROM_RECORDS,
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
    document_fits,
)
from license_vault.license_identifier import LicenseIdentifier, parse

SCHEMA: Final = "license-vault/claims/1"
SCHEMA_2: Final = "license-vault/claims/2"
OPTIONAL_MEMBERS: Final = frozenset({"predecessor", "making", "conditions", "parts"})
SALT_BYTES: Final = 16
MAXIMUM_TEXT: Final = 8192
MAXIMUM_HOLDERS: Final = 100
MAXIMUM_FIELDS: Final = 200
MAXIMUM_ITEMS: Final = 500
MAXIMUM_CONDITIONS: Final = 20
MAXIMUM_PARTS: Final = 50
MAXIMUM_CONDITION: Final = 200
# A field may be a list of objects of lists of texts, and no deeper.
MAXIMUM_FIELD_DEPTH: Final = 4

_DATES = ("issued_on", "valid_from", "valid_until")
_NAMED = ("identifier", "type", "authority", "holders", "copy", "number", "fields")
_MEMBERS: Final = frozenset({"schema", *_NAMED, *_DATES, "seals", "status_list", "salt"})
_PART_MEMBERS: Final = frozenset(
    {"code", "name", "number", "authority", "valid_from", "valid_until"}
)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT = re.compile(r"[1-9][0-9]{0,17}|0")
_VERSION = re.compile(r"v[1-9][0-9]{0,3}")
_REGION = re.compile(r"[0-9]{6}")
_CODE = re.compile(r"[0-9A-Z]{18}")
_FIELD_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_URI = re.compile(r"https?://[!-~]{1,500}")
_SALT = re.compile(r"[A-Za-z0-9_-]{22}")

_Word = TypeVar("_Word", bound=StrEnum)


def iso(day: date | None) -> str:
    """Return a license date as claims write it; None is 长期."""
    return LONG_TERM if day is None else day.isoformat()


def salt_text(salt: bytes) -> str:
    """Return the salt as claims write it: base64url without padding, 22 characters."""
    return base64.urlsafe_b64encode(salt).rstrip(b"=").decode("ascii")


def content_of(claims: object) -> LicenseContent:
    """Return what these claims say.

    Args:
        claims: parsed JSON: dict, list and str inside.

    Raises:
        ClaimsInvalidError: the first rule broken, and where.
    """
    top = _object(claims, "", _MEMBERS | _optional_members(claims))
    kind = _object(top["type"], "/type", frozenset({"code", "version", "name"}))
    status = _object(top["status_list"], "/status_list", frozenset({"uri", "index"}))
    valid_until = None if top["valid_until"] == LONG_TERM else _day(top, "valid_until")
    content = LicenseContent(
        identifier=_text(top["identifier"], "/identifier", 128),
        type_code=_text(kind["code"], "/type/code", 21),
        type_version=_matching(kind["version"], "/type/version", _VERSION),
        type_name=_text(kind["name"], "/type/name", 128),
        authority=_authority(top["authority"]),
        holders=_holders(top["holders"]),
        copy=_copy(top["copy"]),
        number=_text(top["number"], "/number", 128),
        issued_on=_day(top, "issued_on"),
        valid_from=_day(top, "valid_from"),
        valid_until=valid_until,
        fields=_fields(top["fields"]),
        seals=_count(top["seals"], "/seals", 1, 20),
        status_uri=_matching(status["uri"], "/status_list/uri", _URI),
        status_index=_count(status["index"], "/status_list/index", 0, 2**53 - 1),
        salt=_salt(top["salt"]),
        predecessor=_predecessor(top),
        making=_making(top),
        conditions=_conditions(top),
        parts=_parts(top),
    )
    _check_agreement(content)
    return content


def _optional_members(claims: object) -> frozenset[str]:
    """Return which members of v2 are there; v2 without any would be a second form of v1."""
    if not isinstance(claims, dict) or claims.get("schema") == SCHEMA:
        return frozenset()
    # The schema name is looked at first: claims of another version are not "wrong", but unknown.
    if claims.get("schema") != SCHEMA_2:
        raise ClaimsInvalidError("unknown-schema", "/schema")
    present = OPTIONAL_MEMBERS & claims.keys()
    if not present:
        raise ClaimsInvalidError("schema-not-needed", "/schema")
    return present


def _check_agreement(content: LicenseContent) -> None:
    """Check that the parts say the same: identifier, type, authority, dates."""
    try:
        identifier = parse(content.identifier)
    except IdentifierInvalidError as error:
        raise ClaimsInvalidError("identifier-invalid", "/identifier") from error
    if identifier.type_code != content.type_code:
        raise ClaimsInvalidError("identifier-disagrees", "/type/code")
    if identifier.authority_code != content.authority.code:
        raise ClaimsInvalidError("identifier-disagrees", "/authority/code")
    if content.valid_until is not None and content.valid_until < content.valid_from:
        raise ClaimsInvalidError("dates-out-of-order", "/valid_until")
    if content.predecessor is not None:
        _check_predecessor(content.predecessor, identifier)


def _check_predecessor(text: str, own: LicenseIdentifier) -> None:
    """Check that a license follows another one, or an earlier version of itself."""
    try:
        earlier = parse(text)
    except IdentifierInvalidError as error:
        raise ClaimsInvalidError("identifier-invalid", "/predecessor") from error
    same = replace(earlier, version=own.version, check=own.check) == own
    if same and earlier.version >= own.version:
        raise ClaimsInvalidError("predecessor-not-earlier", "/predecessor")


def _authority(value: object) -> IssuingAuthority:
    members = _object(value, "/authority", frozenset({"code", "name", "region"}))
    return IssuingAuthority(
        code=_matching(members["code"], "/authority/code", _CODE),
        name=_text(members["name"], "/authority/name", 256),
        region=_matching(members["region"], "/authority/region", _REGION),
    )


def _holders(value: object) -> tuple[Holder, ...]:
    items = _list(value, "/holders", MAXIMUM_HOLDERS)
    return tuple(_holder(item, f"/holders/{i}") for i, item in enumerate(items))


def _holder(value: object, pointer: str) -> Holder:
    members = _object(
        value, pointer, frozenset({"kind", "name", "document_type", "document_number"})
    )
    holder = Holder(
        kind=_word(members["kind"], f"{pointer}/kind", HolderKind),
        name=_text(members["name"], f"{pointer}/name", 256),
        document_type=_text(members["document_type"], f"{pointer}/document_type", 3),
        document_number=_text(members["document_number"], f"{pointer}/document_number", 64),
    )
    known = holder.document_type in DOCUMENT_NAMES
    if not known or not document_fits(holder.kind, holder.document_type):
        raise ClaimsInvalidError("document-type", f"{pointer}/document_type")
    return holder


def _copy(value: object) -> CopyDesignation:
    members = _object(value, "/copy", frozenset({"kind", "ordinal", "of"}))
    designation = CopyDesignation(
        kind=_word(members["kind"], "/copy/kind", CopyKind),
        ordinal=_count(members["ordinal"], "/copy/ordinal", 1, 999),
        of=_count(members["of"], "/copy/of", 1, 999),
    )
    if designation.ordinal > designation.of:
        raise ClaimsInvalidError("copy-out-of-range", "/copy/ordinal")
    if designation.kind is CopyKind.ORIGINAL and designation.of != 1:
        raise ClaimsInvalidError("copy-out-of-range", "/copy/of")
    return designation


def _predecessor(top: Mapping[str, object]) -> str | None:
    return _text(top["predecessor"], "/predecessor", 128) if "predecessor" in top else None


def _making(top: Mapping[str, object]) -> str:
    if "making" not in top:
        return ""
    if _text(top["making"], "/making", 64) != MADE_FROM_RECORDS:
        raise ClaimsInvalidError("unknown-choice", "/making")
    return MADE_FROM_RECORDS


def _conditions(top: Mapping[str, object]) -> tuple[Condition, ...]:
    if "conditions" not in top:
        return ()
    items = _list(top["conditions"], "/conditions", MAXIMUM_CONDITIONS)
    return tuple(_condition(item, f"/conditions/{i}") for i, item in enumerate(items))


def _condition(value: object, pointer: str) -> Condition:
    members = _object(value, pointer, frozenset({"text", "due"}))
    text = _text(members["text"], f"{pointer}/text", MAXIMUM_CONDITION)
    return Condition(text, _day(members, "due", pointer))


def _parts(top: Mapping[str, object]) -> tuple[LicensePart, ...]:
    if "parts" not in top:
        return ()
    items = _list(top["parts"], "/parts", MAXIMUM_PARTS)
    parts = tuple(_part(item, f"/parts/{i}") for i, item in enumerate(items))
    codes = [part.code for part in parts]
    for i, code in enumerate(codes):
        if code in codes[:i]:
            raise ClaimsInvalidError("duplicate-part", f"/parts/{i}/code")
    return parts


def _part(value: object, pointer: str) -> LicensePart:
    members = _object(value, pointer, _PART_MEMBERS)
    place = f"{pointer}/authority"
    authority = _object(members["authority"], place, frozenset({"code", "name"}))
    long_term = members["valid_until"] == LONG_TERM
    part = LicensePart(
        code=_text(members["code"], f"{pointer}/code", 64),
        name=_text(members["name"], f"{pointer}/name", 128),
        number=_text(members["number"], f"{pointer}/number", 128),
        authority=PartAuthority(
            code=_matching(authority["code"], f"{place}/code", _CODE),
            name=_text(authority["name"], f"{place}/name", 256),
        ),
        valid_from=_day(members, "valid_from", pointer),
        valid_until=None if long_term else _day(members, "valid_until", pointer),
    )
    if part.valid_until is not None and part.valid_until < part.valid_from:
        raise ClaimsInvalidError("dates-out-of-order", f"{pointer}/valid_until")
    return part


def _fields(value: object) -> Mapping[str, FieldValue]:
    if not isinstance(value, dict):
        raise ClaimsInvalidError("wrong-type", "/fields")
    if len(value) > MAXIMUM_FIELDS:
        raise ClaimsInvalidError("too-many", "/fields")
    return {_key(key, "/fields"): _field(v, f"/fields/{key}", 1) for key, v in value.items()}


def _field(value: object, pointer: str, depth: int) -> FieldValue:
    if isinstance(value, str):
        return _text(value, pointer, MAXIMUM_TEXT)
    if depth >= MAXIMUM_FIELD_DEPTH:
        raise ClaimsInvalidError("too-deep", pointer)
    if isinstance(value, dict):
        if not value:
            raise ClaimsInvalidError("empty", pointer)
        items = value.items()
        return {_key(k, pointer): _field(v, f"{pointer}/{k}", depth + 1) for k, v in items}
    members = enumerate(_list(value, pointer, MAXIMUM_ITEMS))
    return tuple(_field(item, f"{pointer}/{i}", depth + 1) for i, item in members)


def _key(key: object, pointer: str) -> str:
    if not isinstance(key, str) or not _FIELD_KEY.fullmatch(key):
        raise ClaimsInvalidError("field-name", pointer)
    return key


def _object(value: object, pointer: str, members: frozenset[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ClaimsInvalidError("wrong-type", pointer)
    if unknown := value.keys() - members:
        # The name is not repeated when it may hold characters that must not be shown.
        name = min(map(str, unknown))
        shown = f"/{name}" if _FIELD_KEY.fullmatch(name) else ""
        raise ClaimsInvalidError("unknown-member", f"{pointer}{shown}")
    if missing := members - value.keys():
        raise ClaimsInvalidError("missing-member", f"{pointer}/{min(missing)}")
    return value


def _list(value: object, pointer: str, maximum: int) -> list[object]:
    if not isinstance(value, list):
        raise ClaimsInvalidError("wrong-type", pointer)
    if not value:
        raise ClaimsInvalidError("empty", pointer)
    if len(value) > maximum:
        raise ClaimsInvalidError("too-many", pointer)
    return value


def _text(value: object, pointer: str, maximum: int) -> str:
    if not isinstance(value, str):
        raise ClaimsInvalidError("wrong-type", pointer)
    if not value:
        raise ClaimsInvalidError("empty", pointer)
    if len(value) > maximum:
        raise ClaimsInvalidError("too-long", pointer)
    problem = text_problem(value)
    if problem:
        raise ClaimsInvalidError(problem.code, pointer)
    return value


def _matching(value: object, pointer: str, form: re.Pattern[str]) -> str:
    text = _text(value, pointer, MAXIMUM_TEXT)
    if not form.fullmatch(text):
        raise ClaimsInvalidError("wrong-format", pointer)
    return text


def _word(value: object, pointer: str, words: type[_Word]) -> _Word:
    text = _text(value, pointer, 64)
    try:
        return words(text)
    except ValueError as error:
        raise ClaimsInvalidError("unknown-choice", pointer) from error


def _count(value: object, pointer: str, lowest: int, highest: int) -> int:
    number = int(_matching(value, pointer, _COUNT))
    if not lowest <= number <= highest:
        raise ClaimsInvalidError("out-of-range", pointer)
    return number


def _day(members: Mapping[str, object], name: str, parent: str = "") -> date:
    pointer = f"{parent}/{name}"
    text = _matching(members[name], pointer, _ISO_DATE)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ClaimsInvalidError("no-such-day", pointer) from error


def _salt(value: object) -> bytes:
    text = _matching(value, "/salt", _SALT)
    try:
        salt = base64.urlsafe_b64decode(text + "==")
    except binascii.Error as error:
        raise ClaimsInvalidError("wrong-format", "/salt") from error
    # The last character has 4 unused bits: only their zero form is the salt's text.
    if salt_text(salt) != text:
        raise ClaimsInvalidError("wrong-format", "/salt")
    return salt
