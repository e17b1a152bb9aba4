"""Evidence as JSON, both ways: bytes as base64, instants as RFC 3339, strictly what we write.

Only values travel: nothing that is read here can name a class or run code. The parser process
answers in this form, and its answers are not believed to be well formed.
"""

from __future__ import annotations

import base64
import binascii
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from verification.errors import MalformedEvidenceError

T = TypeVar("T")
Decoder = Callable[[Any, str], Any]
SCHEMA = "license-vault/evidence/1"


def to_json_text(value: object) -> str:
    """Return one of the evidence dataclasses as JSON text."""
    return json.dumps(to_values(value), ensure_ascii=False, separators=(",", ":"))


def to_values(value: Any) -> Any:
    """Return evidence as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_values(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, tuple):
        return [to_values(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value


def from_json_text(kind: type[T], text: str | bytes) -> T:
    """Read one of the evidence dataclasses from JSON text.

    Raises:
        MalformedEvidenceError: it is not exactly what ``to_json_text`` writes.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEvidenceError("", "not JSON") from error
    decode: Decoder = _decoder(typing.cast("Any", kind))
    return typing.cast("T", decode(values, ""))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(entry.name for entry in fields(kind))


@cache
def _decoder(hint: Any) -> Decoder:
    """Return what turns JSON values into a value of a type hint of the evidence."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return _tuple_decoder(_decoder(arguments[0]))
    if origin in (types.UnionType, typing.Union):
        return _optional_decoder(_decoder(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping
    if is_dataclass(hint):
        return _dataclass_decoder(typing.cast("type", hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _enum_decoder(hint)
    return {bytes: _bytes, datetime: _instant}.get(hint) or _plain_decoder(hint)


def _tuple_decoder(item: Decoder) -> Decoder:
    def decode(value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise MalformedEvidenceError(path, "not a list")
        return tuple(item(entry, f"{path}/{index}") for index, entry in enumerate(value))

    return decode


def _optional_decoder(item: Decoder) -> Decoder:
    return lambda value, path: None if value is None else item(value, path)


def _dataclass_decoder(kind: type) -> Decoder:
    decoders = {name: _decoder(hint) for name, hint in typing.get_type_hints(kind).items()}
    required = {
        entry.name
        for entry in fields(kind)
        if entry.default is MISSING and entry.default_factory is MISSING
    }

    def decode(value: Any, path: str) -> Any:
        # What has come to be told since may be missing: evidence on file goes on being read.
        if not isinstance(value, dict) or not required <= value.keys() <= decoders.keys():
            raise MalformedEvidenceError(path, f"not a {kind.__name__}")
        return kind(**{name: decoders[name](value[name], f"{path}/{name}") for name in value})

    return decode


def _enum_decoder(kind: type[StrEnum]) -> Decoder:
    def decode(value: Any, path: str) -> Any:
        if value not in list(kind):
            raise MalformedEvidenceError(path, f"not a {kind.__name__}")
        return kind(value)

    return decode


def _plain_decoder(kind: type) -> Decoder:
    def decode(value: Any, path: str) -> Any:
        if type(value) is not kind:
            raise MalformedEvidenceError(path, f"not a {kind.__name__}")
        return value

    return decode


def _mapping(value: Any, path: str) -> Any:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise MalformedEvidenceError(path, "not a mapping of strings")
    return value


def _bytes(value: Any, path: str) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise MalformedEvidenceError(path, "not base64") from error


def _instant(value: Any, path: str) -> Any:
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise MalformedEvidenceError(path, "not an instant") from error
