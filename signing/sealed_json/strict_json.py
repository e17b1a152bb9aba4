"""Signed JSON: read as the one form it can have, or refused.

Two readers of JSON may see two things in it (a member twice, a number beyond 2**53, bytes that
are no UTF-8). What we sign has one form only, RFC 8785 of texts, lists and objects, and nothing
else is read: parsing and writing it again must give the same bytes. What the members mean is
known to ``sealed_json.sealing`` and ``sealed_json.manifest``.

Source: RFC 8785; RFC 8259.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import rfc8785

from signing.errors import MalformedJsonError

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
# Longer than one is: a fraction of a second is told as no instant, not as no text.
_LONGEST_INSTANT = 256


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 bytes of a value made of texts, lists and objects."""
    data: bytes = rfc8785.dumps(value)
    return data


def read_canonical_json(data: bytes, largest: int) -> Any:
    """Return the value of canonical bytes.

    Args:
        largest: how many bytes are read at most.

    Raises:
        MalformedJsonError: and no other error, whatever the bytes are.
    """
    if len(data) > largest:
        raise MalformedJsonError("too-large")
    value = _parse(data)
    try:
        same = rfc8785.dumps(value) == data
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise MalformedJsonError("not-canonical") from error
    if not same:
        raise MalformedJsonError("not-canonical")
    return value


def _parse(data: bytes) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_int=_refuse,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except UnicodeDecodeError as error:
        raise MalformedJsonError("not-utf-8") from error
    except RecursionError as error:
        raise MalformedJsonError("too-deep") from error
    except ValueError as error:
        raise MalformedJsonError("not-json") from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJsonError("member-twice")
    return members


def _refuse(_: str) -> NoReturn:
    raise MalformedJsonError("number")


# --- members ---------------------------------------------------------------------------------


def members_of(value: object, names: frozenset[str], where: str) -> Mapping[str, Any]:
    """Return an object that has exactly these members."""
    if not isinstance(value, dict):
        raise MalformedJsonError("not-an-object", where)
    if value.keys() != names:
        raise MalformedJsonError("other-members", where)
    return value


def list_of(value: object, longest: int, where: str) -> list[Any]:
    """Return a list that is not empty and not too long."""
    if not isinstance(value, list):
        raise MalformedJsonError("not-a-list", where)
    if not 0 < len(value) <= longest:
        raise MalformedJsonError("wrong-count", where)
    return value


def text_of(value: object, longest: int, where: str) -> str:
    """Return a text that is not empty and not too long."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise MalformedJsonError("not-a-text", where)
    return value


def free_text_of(value: object, longest: int, where: str) -> str:
    """Return a text that is not too long; it may be empty."""
    if not isinstance(value, str) or len(value) > longest:
        raise MalformedJsonError("not-a-text", where)
    return value


def digest_of(value: object, where: str) -> str:
    """Return 64 hex digits in lower case."""
    text = text_of(value, 64, where)
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise MalformedJsonError("not-a-digest", where)
    return text


def instant_of(value: object, where: str) -> datetime:
    """Return the instant of a text YYYY-MM-DDTHH:MM:SSZ, which has one form for it."""
    text = text_of(value, _LONGEST_INSTANT, where)
    try:
        instant = datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedJsonError("not-an-instant", where) from error
    if instant_text(instant) != text:
        raise MalformedJsonError("not-an-instant", where)
    return instant


def instant_text(instant: datetime) -> str:
    """Return an aware instant as ``instant_of`` reads it; parts of a second are dropped."""
    return instant.astimezone(UTC).strftime(_INSTANT)


def bytes_of(value: object, largest: int, where: str) -> bytes:
    """Return the bytes of a text in base64, which has one form for them."""
    text = text_of(value, 4 * (largest + 2) // 3 + 4, where)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedJsonError("not-base64", where) from error
    # The last digit has bits that decoders throw away: another text, the same bytes.
    if base64_text(data) != text:
        raise MalformedJsonError("not-base64", where)
    return data


def base64_text(data: bytes) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(data).decode("ascii")
