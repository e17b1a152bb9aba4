"""What a purpose-bound copy (加注件) says of itself: which license, for whom, what for, how long.

The record is attached to the copy's PDF under the name ``license-copy.json`` and covered by the
library's signature over the whole file. It names its parent by identifier and content id and says
where the parent's state is published; it holds no claims of the parent, so that nothing in a copy
can be read as the license itself.

One form only: RFC 8785 of texts and objects. Instants are UTC, whole seconds.

Source: GB/T 36903-2018 (加注件: creation time, creator, cause, expiry).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from signing.errors import MalformedCopyRecordError, MalformedJsonError
from signing.sealed_json.strict_json import (
    canonical_json,
    digest_of,
    instant_of,
    instant_text,
    members_of,
    read_canonical_json,
    text_of,
)

SCHEMA = "license-vault/copy/1"
ATTACHED_AS = "license-copy.json"
LONGEST_TEXT = 200
_MAX_BYTES = 32 * 1024
_MAX_INDEX_DIGITS = 12
_COPY = frozenset(
    (
        "copy_id",
        "created_at",
        "creator",
        "expires_at",
        "item",
        "parent",
        "purpose",
        "schema",
        "user",
    )
)
_PARENT = frozenset(
    ("authority", "content_id", "identifier", "status", "type", "valid_from", "valid_until")
)
_CODED = frozenset(("code", "name"))
_STATUS = frozenset(("index", "uri"))


@dataclass(frozen=True, slots=True)
class CopyParent:
    """The license that was copied; ``valid_until`` None: 长期; its place in a status list."""

    identifier: str
    content_id: str
    type_code: str
    type_name: str
    authority_code: str
    authority_name: str
    valid_from: date
    valid_until: date | None
    status_uri: str
    status_index: int


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """A copy: who may use it (``user``), for which item and purpose; ``creator`` had it made.

    Item name and code may be empty.
    """

    copy_id: str
    created_at: datetime
    expires_at: datetime
    creator: str = field(repr=False)
    user: str = field(repr=False)
    item_name: str
    item_code: str
    purpose: str = field(repr=False)
    parent: CopyParent


def copy_record_bytes(record: CopyRecord) -> bytes:
    """Return the canonical bytes of a record, as they are attached."""
    parent = record.parent
    until = parent.valid_until
    return canonical_json(
        {
            "schema": SCHEMA,
            "copy_id": record.copy_id,
            "created_at": instant_text(record.created_at),
            "expires_at": instant_text(record.expires_at),
            "creator": record.creator,
            "user": record.user,
            "item": {"code": record.item_code, "name": record.item_name},
            "purpose": record.purpose,
            "parent": {
                "identifier": parent.identifier,
                "content_id": parent.content_id,
                "type": {"code": parent.type_code, "name": parent.type_name},
                "authority": {"code": parent.authority_code, "name": parent.authority_name},
                "valid_from": parent.valid_from.isoformat(),
                "valid_until": "" if until is None else until.isoformat(),
                "status": {"uri": parent.status_uri, "index": str(parent.status_index)},
            },
        }
    )


def read_copy_record(data: bytes) -> CopyRecord:
    """Return what a copy says of itself.

    Raises:
        MalformedCopyRecordError: and no other error; it is not the one form a record has.
    """
    try:
        return _record(members_of(read_canonical_json(data, _MAX_BYTES), _COPY, "/"))
    except MalformedJsonError as error:
        raise MalformedCopyRecordError(f"copy-{error.code}", error.where) from error


def _record(found: Any) -> CopyRecord:
    if found["schema"] != SCHEMA:
        raise MalformedJsonError("schema-unknown", "/schema")
    item = members_of(found["item"], _CODED, "/item")
    record = CopyRecord(
        copy_id=text_of(found["copy_id"], 64, "/copy_id"),
        created_at=instant_of(found["created_at"], "/created_at"),
        expires_at=instant_of(found["expires_at"], "/expires_at"),
        creator=text_of(found["creator"], LONGEST_TEXT, "/creator"),
        user=text_of(found["user"], LONGEST_TEXT, "/user"),
        item_name=_optional(item["name"], "/item/name"),
        item_code=_optional(item["code"], "/item/code"),
        purpose=text_of(found["purpose"], LONGEST_TEXT, "/purpose"),
        parent=_parent(members_of(found["parent"], _PARENT, "/parent")),
    )
    if record.expires_at <= record.created_at:
        raise MalformedJsonError("ends-before-it-begins", "/expires_at")
    return record


def _parent(found: Any) -> CopyParent:
    kind = members_of(found["type"], _CODED, "/parent/type")
    authority = members_of(found["authority"], _CODED, "/parent/authority")
    status = members_of(found["status"], _STATUS, "/parent/status")
    until = found["valid_until"]
    return CopyParent(
        identifier=text_of(found["identifier"], 128, "/parent/identifier"),
        content_id=digest_of(found["content_id"], "/parent/content_id"),
        type_code=text_of(kind["code"], 64, "/parent/type/code"),
        type_name=text_of(kind["name"], 256, "/parent/type/name"),
        authority_code=text_of(authority["code"], 64, "/parent/authority/code"),
        authority_name=text_of(authority["name"], 256, "/parent/authority/name"),
        valid_from=_day(found["valid_from"], "/parent/valid_from"),
        valid_until=None if until == "" else _day(until, "/parent/valid_until"),
        status_uri=text_of(status["uri"], 512, "/parent/status/uri"),
        status_index=_index(status["index"], "/parent/status/index"),
    )


def _optional(value: object, where: str) -> str:
    return "" if value == "" else text_of(value, LONGEST_TEXT, where)


def _index(value: object, where: str) -> int:
    text = text_of(value, _MAX_INDEX_DIGITS, where)
    if not (text.isascii() and text.isdigit()) or str(int(text)) != text:
        raise MalformedJsonError("not-a-number", where)
    return int(text)


def _day(value: object, where: str) -> date:
    text = text_of(value, 10, where)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise MalformedJsonError("not-a-day", where) from error
    if day.isoformat() != text:
        raise MalformedJsonError("not-a-day", where)
    return day
