"""What the OpenAPI document says besides the routes: problems, examples, how to log in.

OpenAPI 3.1 is made from the routes; nothing here changes what a route does.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems.answers import MEDIA_TYPE, Problem
from api.problems.kinds import KINDS, ProblemKind

DESCRIPTION = """\
签发、用印、存证、核验电子证照(SM2/SM3)。 Issues, seals, keeps and verifies electronic licenses.

* 拒绝一律为 RFC 9457 问题文档，`messages` 含中英文。 Every refusal is a problem document.
* 核验结论“无效”不是错误，状态码 200。 A document that does not verify is no error.
* 制证、注销、同意用印、用印须带 `Idempotency-Key`。 Issuing and the like need one.
* 列表用游标翻页：`limit` 不超过 100，`after` 取上一页的 `next`。 Lists have cursors.
"""

JSON_TYPE = "application/json"
BYTES_TYPE = "application/octet-stream"

Responses = dict[int | str, dict[str, Any]]

_SCHEMA_REF = {"$ref": "#/components/schemas/Problem"}
_TEXTS = {
    "type": "object",
    "required": ["title", "detail"],
    "properties": {"title": {"type": "string"}, "detail": {"type": "string"}},
}
_SENTENCES = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem document.",
    "required": ["type", "code", "status", "title", "detail", "messages", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "messages": {
            "type": "object",
            "required": ["zh", "en"],
            "properties": {"zh": _TEXTS, "en": _TEXTS},
        },
        "request_id": {"type": "string"},
        "license": {
            "type": "string",
            "description": "of a package: pointer of the license that it stands against",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail", "messages"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer, RFC 6901"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "messages": _SENTENCES,
                },
            },
        },
    },
}


def problems(*slugs: str) -> Responses:
    """Return the documentation of the problems that a route answers with, by status."""
    by_status: dict[int, list[ProblemKind]] = {}
    for slug in dict.fromkeys((*slugs, "request-too-large", "internal")):
        by_status.setdefault(KINDS[slug].status, []).append(KINDS[slug])
    return {status: _response(kinds) for status, kinds in sorted(by_status.items())}


def tagged_answers(media_type: str = JSON_TYPE) -> Responses:
    """Return the documentation of content with a tag: JSON, or bytes of another type."""
    is_json = media_type.endswith("json")
    schema = {"type": "object"} if is_json else {"type": "string", "format": "binary"}
    return {
        200: {"content": {media_type: {"schema": schema}}},
        304: {"description": "unchanged"},
    }


def _response(kinds: list[ProblemKind]) -> dict[str, Any]:
    return {
        "description": "; ".join(f"{kind.title_zh} {kind.title_en}" for kind in kinds),
        "content": {
            MEDIA_TYPE: {
                "schema": _SCHEMA_REF,
                "examples": {kind.slug: {"value": example_of_problem(kind)} for kind in kinds},
            }
        },
    }


def example_of_problem(kind: ProblemKind, language: str = "zh") -> dict[str, Any]:
    """Return a problem document of a kind, with the names of its values in their place."""
    values = {name: f"<{name}>" for name in kind.shown}
    return Problem(kind, values).document(language, "0b9ff7b9d9be4b2ea7b4a1c4b1d3f8aa")


def describe(app: FastAPI) -> None:
    """Make an application serve its OpenAPI document with our problems and schemes in it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "client": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/v1/oauth2/token", "scopes": _SCOPES}},
        },
        "person": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    for path in document["paths"].values():
        for operation in path.values():
            _our_validation_problem(operation)
            if any(p["name"] == "authorization" for p in operation.get("parameters", ())):
                _secured(operation)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document


_SCOPES = {
    "licenses:issue:TYPE": "制发该类型证照 issue licenses of the type; * for every type",
    "licenses:read:TYPE": "查看该类型证照 read licenses of the type",
    "licenses:cancel:TYPE": "注销该类型证照 cancel licenses of the type",
    "cases:handle": "受理、预填、决定和办结办件 handle cases",
    "items:define": "配置事项所需证照与表单 put what items need",
    "seals:use": "在一般文件上用印 set a seal that was granted for documents",
}


def _our_validation_problem(operation: dict[str, Any]) -> None:
    # FastAPI documents its own 422, which we never send.
    answer = operation["responses"].get("422", {})
    if "application/json" in answer.get("content", {}):
        operation["responses"]["422"] = _response([KINDS["invalid-request"]])


def _secured(operation: dict[str, Any]) -> None:
    kept = [p for p in operation["parameters"] if p["name"] != "authorization"]
    operation["parameters"] = kept
    if operation.get("operationId") != "give_token":
        operation["security"] = [{"client": []}, {"person": []}]
