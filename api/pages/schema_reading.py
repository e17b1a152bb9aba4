"""What a JSON Schema of the OpenAPI document says, for people: its members, and an example.

Reads what FastAPI writes, no more of JSON Schema than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_DEEPEST = 5
_TEXTS = {
    "date": "2026-03-19",
    "date-time": "2026-03-19T02:00:00Z",
    "binary": "…",
    "uri": "https://licenses.example.cn/",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a body: ``holders[].name``, what it may hold, what it means."""

    path: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class SchemaReader:
    """Reads schemas that may point into the components of one document."""

    components: Schema

    def members(self, schema: Schema) -> tuple[Member, ...]:
        """Return every member of a schema's values, those of members after their own."""
        return tuple(self._members(self.resolved(schema), "", 0))

    def kind(self, schema: Schema) -> str:
        """Return in a few words what values a schema takes, as "date", "integer, 1–100"."""
        schema = self.resolved(schema)
        if "enum" in schema:
            return " | ".join(str(value) for value in schema["enum"])
        if "const" in schema:
            return str(schema["const"])
        if schema.get("type") == "array":
            return f"[{self.kind(schema.get('items', {}))}]"
        return f"{schema.get('format') or schema.get('type') or 'any'}{_bounds(schema)}"

    def example(self, schema: Schema, depth: int = 0) -> Any:
        """Return an example of a schema's values: one that it gives, else one that fits."""
        given, schema = self._given(schema)
        if given is not None:
            return given
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._example_of_object(schema, depth)
        if kind == "array":
            return [self.example(schema.get("items", {}), depth + 1)] if depth < _DEEPEST else []
        if kind in {"integer", "number"}:
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        return _TEXTS.get(schema.get("format", ""), "…") if kind == "string" else {}

    def resolved(self, schema: Schema) -> Schema:
        """Return what a schema points to, without the "or nothing"; of several the first."""
        for _ in range(_DEEPEST):
            if "$ref" in schema:
                name = str(schema["$ref"]).rpartition("/")[2]
                schema = {**self.components.get(name, {}), **_without(schema, "$ref")}
            elif "anyOf" in schema or "oneOf" in schema:
                several: list[Schema] = schema.get("anyOf") or schema["oneOf"]
                first: Schema = next((one for one in several if one.get("type") != "null"), {})
                schema = {**first, **_without(schema, "anyOf", "oneOf")}
            else:
                break
        return schema

    def _members(self, schema: Schema, path: str, depth: int) -> Iterator[Member]:
        required = set(schema.get("required", ()))
        for name, declared in schema.get("properties", {}).items():
            found = self.resolved(declared)
            here = f"{path}{name}"
            inner = self.resolved(found.get("items", {})) if found.get("type") == "array" else found
            here += "[]" if inner is not found and "properties" in inner else ""
            about = declared.get("description") or found.get("description") or ""
            yield Member(here, self.kind(found), name in required, about)
            if depth < _DEEPEST:
                yield from self._members(inner, f"{here}.", depth + 1)

    def _given(self, schema: Schema) -> tuple[Any, Schema]:
        found = self.resolved(schema)
        for one in (schema, found):
            if one.get("examples"):
                return one["examples"][0], found
            for name in ("example", "const"):
                if name in one:
                    return one[name], found
            if one.get("enum"):
                return one["enum"][0], found
            if one.get("default") is not None:
                return one["default"], found
        return None, found

    def _example_of_object(self, schema: Schema, depth: int) -> dict[str, Any]:
        if depth >= _DEEPEST:
            return {}
        properties = schema.get("properties", {})
        required = set(schema.get("required", ()))
        shown = [
            name
            for name, one in properties.items()
            if name in required or one.get("examples") or one.get("example")
        ]
        return {name: self.example(properties[name], depth + 1) for name in shown or properties}


def _without(schema: Schema, *names: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in names}


def _bounds(schema: Schema) -> str:
    least = schema.get("minimum", schema.get("minLength"))
    most = schema.get("maximum", schema.get("maxLength"))
    if least is None and most is None:
        return ""
    unit = " characters" if schema.get("type") == "string" else ""
    if most is None:
        return f", ≥ {least}{unit}"
    return f", {least or 0}–{most}{unit}"
