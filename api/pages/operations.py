"""The operations of the JSON API as people read of them, taken from the OpenAPI document.

Nothing is written twice: what a route says of itself is what the documentation pages show.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.operation_sentences import SENTENCES
from api.pages.operation_words import AREAS, LOGIN_OPTIONAL, NAMES, Words
from api.pages.schema_reading import Member, SchemaReader
from api.problems.answers import MEDIA_TYPE

_JSON = "application/json"
# What every HTTP program does by itself, or need not do.
_UNTOLD = {"if-none-match", "accept-language"}
_TOLD_HEADERS = {
    "idempotency-key": "Idempotency-Key: $(uuidgen)",
    "license-use": "License-Use: $USE",
    "acting-for": "Acting-For: $HOLDER",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an address, a query or a header."""

    name: str
    place: str
    kind: str
    required: bool
    about: Words


@dataclass(frozen=True, slots=True)
class Content:
    """A body of one media type, sent or answered."""

    media_type: str
    members: tuple[Member, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what it is called, takes, answers and refuses."""

    operation_id: str
    method: str
    path: str
    area: str
    name: Words
    about: Words
    needs_login: bool
    parameters: tuple[Parameter, ...]
    bodies: tuple[Content, ...]
    answers: tuple[tuple[str, tuple[Content, ...]], ...]
    problems: tuple[str, ...]
    curl: str

    def tells_of(self, words: tuple[str, ...]) -> bool:
        """Tell whether all of some words, in small letters, stand in what it is about."""
        text = " ".join((self.method, self.path, self.operation_id, *self.name, *self.about))
        text = f"{text} {' '.join(self.problems)}".lower()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Area:
    """Operations that belong together."""

    key: str
    name: Words
    operations: tuple[Operation, ...]


def operations_of(document: Mapping[str, Any], address: str) -> tuple[Operation, ...]:
    """Return all operations of an OpenAPI document, in its order; ``address`` is the node's."""
    return tuple(
        _Reading(document, address, path, method, operation).read()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )


def by_area(operations: tuple[Operation, ...]) -> tuple[Area, ...]:
    """Return operations by area, in the order in which people meet the areas."""
    known = dict.fromkeys([*AREAS, *(one.area for one in operations)])
    areas = (
        Area(key, AREAS.get(key, (key, key)), tuple(one for one in operations if one.area == key))
        for key in known
    )
    return tuple(area for area in areas if area.operations)


def answering_with(operations: tuple[Operation, ...], slug: str) -> tuple[Operation, ...]:
    """Return the operations that may be refused with a problem."""
    return tuple(one for one in operations if slug in one.problems)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One operation while it is read."""

    document: Mapping[str, Any]
    address: str
    path: str
    method: str
    operation: Mapping[str, Any]

    @property
    def _schemas(self) -> SchemaReader:
        return SchemaReader(self.document.get("components", {}).get("schemas", {}))

    def read(self) -> Operation:
        operation, bodies = self.operation, tuple(self._bodies())
        parameters = tuple(map(self._parameter, operation.get("parameters", ())))
        english, _, chinese = str(operation["summary"]).partition(" · ")
        operation_id = str(operation["operationId"])
        text = " ".join(str(operation.get("description", "")).split())
        needs_login = "security" in operation and operation_id not in LOGIN_OPTIONAL
        return Operation(
            operation_id=operation_id,
            method=self.method.upper(),
            path=self.path,
            area=(operation.get("tags") or ["other"])[0],
            name=(chinese or english, english),
            about=(SENTENCES.get(operation_id, text), text),
            needs_login=needs_login,
            parameters=tuple(one for one in parameters if one.name.lower() not in _UNTOLD),
            bodies=bodies,
            answers=tuple(self._answers()),
            problems=tuple(self._problems()),
            curl=_curl(self, parameters, bodies, needs_login=needs_login),
        )

    def _parameter(self, told: Mapping[str, Any]) -> Parameter:
        schema = told.get("schema", {})
        text = told.get("description") or self._schemas.resolved(schema).get("description", "")
        chinese, english = NAMES.get(told["name"].lower(), (text, text))
        return Parameter(
            name=told["name"],
            place=told["in"],
            kind=self._schemas.kind(schema),
            required=bool(told.get("required")) or self._refused_without(told["name"]),
            about=(chinese or text, english or text),
        )

    def _refused_without(self, name: str) -> bool:
        """Tell of what the routes ask for themselves, so that the refusal has its own words."""
        return f"{name.lower()}-required" in set(self._problems())

    def _bodies(self) -> Iterator[Content]:
        sent = self.operation.get("requestBody", {}).get("content", {})
        return (self._content(media_type, told) for media_type, told in sent.items())

    def _content(self, media_type: str, told: Mapping[str, Any]) -> Content:
        schema = told.get("schema", {})
        return Content(media_type, self._schemas.members(schema), self._example(media_type, told))

    def _example(self, media_type: str, told: Mapping[str, Any]) -> str:
        if not media_type.endswith("json") and media_type != "application/x-www-form-urlencoded":
            return ""
        given = [one.get("value") for one in told.get("examples", {}).values()]
        value = given[0] if given else told.get("example")
        if value is None:
            value = self._schemas.example(told.get("schema", {}))
        return json.dumps(value, ensure_ascii=False, indent=2) if value else ""

    def _answers(self) -> Iterator[tuple[str, tuple[Content, ...]]]:
        for status, answer in self.operation["responses"].items():
            if status < "400":
                contents = answer.get("content", {}).items()
                yield status, tuple(self._content(kind, told) for kind, told in contents)

    def _problems(self) -> Iterator[str]:
        for answer in self.operation["responses"].values():
            yield from answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})


def _curl(
    reading: _Reading,
    parameters: tuple[Parameter, ...],
    bodies: tuple[Content, ...],
    *,
    needs_login: bool,
) -> str:
    """Return a line for a shell that asks this of the node."""
    query = "&".join(f"{one.name}=…" for one in parameters if one.place == "query" and one.required)
    address = f"{reading.address}{reading.path}{'?' if query else ''}{query}"
    method = [] if reading.method == "get" else [f"-X {reading.method.upper()}"]
    parts = [" ".join(["curl", *method, shlex.quote(address)])]
    if needs_login:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    said = {one.name.lower() for one in parameters if one.place == "header"}
    parts += [f'-H "{line}"' for name, line in _TOLD_HEADERS.items() if name in said]
    return " \\\n  ".join([*parts, *_sent(bodies)])


def _sent(bodies: tuple[Content, ...]) -> list[str]:
    if not bodies:
        return []
    body = bodies[0]
    names = [member.path for member in body.members]
    if body.media_type == "multipart/form-data":
        file = next((name for name in names if "file" in name or name == "rows"), names[0])
        return [f"-F {shlex.quote(f'{file}=@FILE')}"]
    if body.media_type == "application/x-www-form-urlencoded":
        return [f"--data-urlencode {shlex.quote(f'{name}=…')}" for name in names]
    if body.media_type != _JSON:
        return [f'-H "Content-Type: {body.media_type}"', "--data-binary @FILE"]
    compact = json.dumps(json.loads(body.example or "{}"), ensure_ascii=False)
    return [f'-H "Content-Type: {_JSON}"', f"-d {shlex.quote(compact)}"]
