"""The bodies of a license's verbs as OpenAPI shows them, and the answers of history and as-of.

Values are read and checked by ``license_vault.lifecycle.orders``, which names all problems at
once; the schemas here are its description.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from api.license_models import APPROVALS_SCHEMA, ISSUE_SCHEMA, EvidenceOut, StatusOut
from license_vault.lifecycle.orders import PATCHES
from license_vault.lifecycle.verbs import VERBS, Makes, Verb

_BASES = {
    "change": "《中华人民共和国行政许可法》第四十九条",
    "renewal": "《中华人民共和国行政许可法》第五十条",
    "renewal-application": "《中华人民共和国行政许可法》第五十条",
    "renewal-refusal": "《中华人民共和国行政许可法》第五十条",
    "suspension": "《中华人民共和国行政处罚法》第九条",
    "revocation": "《中华人民共和国行政处罚法》第九条",
    "rescission": "《中华人民共和国行政许可法》第六十九条",
    "cancellation": "《中华人民共和国行政许可法》第七十条",
}
_MORE: dict[str, dict[str, Any]] = {
    "change": {"fields": {"address": "演示路 2 号"}},
    "renewal": {"valid_until": "2031-12-31"},
    "revalidation": {
        "record": {"year": "2026", "result": "合格", "by": "演示卫生健康委", "on": "2026-03-01"}
    },
    "correction": {"fields": {"address": "演示路 2 号"}},
    "cancellation": {"reason": "1"},
}
_DAY = {"type": "string", "format": "date"}
_COMMON: dict[str, Any] = {
    "basis": {"type": "string", "description": "legal basis in words"},
    "officer": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    },
    "approvals": APPROVALS_SCHEMA,
    "case_number": {"type": "string", "description": "办件编号 of the approval system"},
    "item_code": {"type": "string", "description": "事项编码; needs case_number"},
    "effective": {**_DAY, "description": "civil day from which it counts; unset: at once"},
    "reason": {"type": "string", "maxLength": 200},
}
_OF_VERSIONS: dict[str, Any] = {
    "fields": {"type": "object", "description": "what changes; null takes a field away"},
    "holders": {
        "type": "array",
        "items": {"type": "object", "required": ["name"], "properties": {"name": {}}},
        "description": "new names of all holders, in order; who they are never changes",
    },
    "valid_from": _DAY,
    "valid_until": {"type": "string", "description": "a date, the last day included, or 长期"},
    "number": {"type": "string"},
    "parts": {
        **ISSUE_SCHEMA["properties"]["parts"],
        "description": "of a composite license: all parts of the next version; unset: as before. "
        "One of the same code and term goes on as it was, any other begins in force",
    },
    "record": {
        "type": "object",
        "required": ["year", "result", "by", "on"],
        "properties": {
            "year": {"type": "string"},
            "result": {"type": "string"},
            "by": {"type": "string"},
            "on": _DAY,
        },
    },
}
_PREVIOUS: dict[str, Any] = {
    "previous_identifier": {
        "type": "string",
        "description": "标识 of the license that was transferred out",
    }
}


def order_body(verb: Verb) -> dict[str, Any]:
    """Return the request body of a verb for the OpenAPI document."""
    properties = _properties(verb)
    required = ["basis"]
    if verb.makes is Makes.VERSION:
        required.append("case_number")
    if verb.name == "renewal":
        required.append("valid_until")
    schema = {
        "type": "object",
        "title": f"{verb.en.title().replace(' ', '')}Order",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }
    return _body(schema, order_example(verb))


def _properties(verb: Verb) -> dict[str, Any]:
    """Return what the order of a verb may say."""
    properties = _COMMON | {name: _OF_VERSIONS[name] for name in PATCHES.get(verb.name, ())}
    if verb.name == "renewal-application":
        return properties | {"applied_on": {**_DAY, "description": "unset: today"}}
    if verb.name == "suspension":
        until = {**_DAY, "description": "last day, included; unset: until 发还"}
        return properties | {"until": until}
    if verb.name == "cancellation":
        why = "1 正常业务 normal business (unset), 2 签发错误 issued in error"
        return properties | {"reason": {"enum": ["1", "2"], "description": why}}
    return properties


def any_order_body() -> dict[str, Any]:
    """Return the request body of an order of any verb, with an example of two."""
    properties: dict[str, Any] = {}
    for verb in VERBS.values():
        # What a reason is depends on the verb; here it is a text.
        properties = _properties(verb) | properties
    schema = {
        "type": "object",
        "title": "AnyOrder",
        "description": "as the order of the verb",
        "required": ["basis"],
        "additionalProperties": False,
        "properties": properties,
    }
    examples = {name: {"value": order_example(VERBS[name])} for name in ("change", "suspension")}
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def order_example(verb: Verb) -> dict[str, Any]:
    """Return an order of a verb."""
    example: dict[str, Any] = {"basis": _BASES.get(verb.name, "依法办理")}
    if verb.makes is Makes.VERSION:
        example["case_number"] = "BG-2026-0001"
    return example | _MORE.get(verb.name, {})


def transfer_body(example: dict[str, Any]) -> dict[str, Any]:
    """Return the request body of 转入: a request to issue, and which license it follows."""
    schema = {
        **ISSUE_SCHEMA,
        "title": "TransferInRequest",
        "required": [*ISSUE_SCHEMA["required"], "previous_identifier"],
        "properties": ISSUE_SCHEMA["properties"] | _PREVIOUS,
    }
    before = "1.2.156.3005.2.11100000000013338W001.11310114MBDEM0015F.0000000000000000.001.0"
    return _body(schema, {**example, "previous_identifier": before})


def preview_body(example: dict[str, Any]) -> dict[str, Any]:
    """Return the request body of a preview: of issuing or 转入, as far as it is filled in."""
    schema = {
        **ISSUE_SCHEMA,
        "title": "PreviewRequest",
        "required": ["type_code"],
        "properties": ISSUE_SCHEMA["properties"] | _PREVIOUS,
    }
    return _body(schema, example)


def _body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


class OfficerOut(BaseModel):
    """Who decided."""

    id: str
    name: str


class BasisOut(BaseModel):
    """On what ground."""

    text: str
    officer: OfficerOut | None
    case_number: str | None
    item_code: str | None
    reason: str | None


class EventOut(BaseModel):
    """One thing that happened to a license."""

    kind: str = Field(examples=["suspended"])
    status: StatusOut
    cert_state: str = Field(examples=["02"])
    operate_type: str = Field(examples=["03"])
    actor: str
    basis: BasisOut
    recorded_at: datetime
    effective_from: datetime
    until: date | None = Field(description="of a suspension: its last day as ordered")
    evidence: EvidenceOut | None


class HistoryOut(BaseModel):
    """Everything that happened to one version of a license, in the order it was recorded."""

    identifier: str
    predecessor: str | None
    successor: str | None
    events: list[EventOut]
