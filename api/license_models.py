"""What a license looks like in an answer, and the request to issue one as OpenAPI shows it.

The request's values are read and checked by ``license_vault.issuing.license_request``,
which names all problems at once; the schema here is its description.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, Field

from api.examples import ISSUE_EXAMPLE
from keys.sm3 import sm3
from license_vault.errors import LicenseTypeBrokenError, LicenseTypeUnknownError
from license_vault.license import (
    CERT_STATES,
    LONG_TERM,
    MARK_NAMES,
    STATUS_NAMES,
    LicenseMark,
)
from license_vault.license_types.catalogue import Catalogue
from license_vault.lifecycle.suspensions import last_day
from license_vault.lifecycle.verbs import VERBS
from license_vault.registry.registry import LicenseRecord
from license_vault.vault import MEDIA_TYPES


class TypeOut(BaseModel):
    """Which version of which license type."""

    code: str = Field(examples=["11100000000013338W001"])
    version: str = Field(examples=["v1"])
    name_zh: str = Field(examples=["二级建造师注册证书"])
    name_en: str = Field(examples=["Registration Certificate of Associate Constructor"])


class AuthorityOut(BaseModel):
    """The issuing authority."""

    code: str
    name: str
    region: str = Field(examples=["310120"])


class CopyOut(BaseModel):
    """Which copy of the license."""

    kind: str = Field(examples=["正本"])
    ordinal: int
    of: int


class StatusOut(BaseModel):
    """The state of the license now."""

    code: str = Field(examples=["valid"])
    zh: str = Field(examples=["有效"])
    en: str = Field(examples=["valid"])


class FileOut(BaseModel):
    """One sealed file of the license; digests in hex."""

    form: str = Field(examples=["pdf"], description="pdf, ofd (the original form · 原件) or json")
    media_type: str = Field(examples=["application/pdf"])
    bytes: int
    sm3: str
    sha256: str
    href: str
    trust_level: str | None = Field(default=None, description="A to D: adopted; null: sealed here")


class MarkOut(BaseModel):
    """What is said of a license in force beside its state."""

    code: str = Field(examples=["renewal-pending"])
    zh: str = Field(examples=["延续审批中"])
    en: str = Field(examples=["renewal pending"])


class EvidenceOut(BaseModel):
    """The entry of the audit chain that proves an event."""

    audit_sequence: int
    audit_digest: str = Field(description="SM3 of the entry, hex")


class StateAsOfOut(BaseModel):
    """What a license was on a day, and the event that made it so."""

    status: StatusOut
    cert_state: str
    marks: list[str]
    marks_zh: list[str]
    because: str = Field(examples=["issued"])
    recorded_at: datetime
    effective_from: datetime
    evidence: EvidenceOut | None


class AsOfOut(BaseModel):
    """Of one instant: what was true, as it is known now, and what had been recorded by then."""

    at: datetime
    state: StateAsOfOut | None = Field(description="null: the license was not there yet")
    known_then: StateAsOfOut | None


class MemberPartOut(BaseModel):
    """A part of a composite license (分项), as it is."""

    position: int
    code: str = Field(examples=["hygiene"])
    authority_code: str
    valid_until: str = Field(description="a date, the last day included, or 长期")
    status: StatusOut


class MemberConditionOut(BaseModel):
    """A condition (告知承诺, 容缺) of a license; what it says is on the face."""

    position: int
    due: date = Field(description="the last day, included")
    fulfilled_at: datetime | None
    overdue: bool


class LicenseOut(BaseModel):
    """A license, as far as it says nothing about its holder; the file says the rest."""

    identifier: str
    type: TypeOut
    authority: AuthorityOut
    copy_: CopyOut = Field(alias="copy")
    issued_on: date
    valid_from: date
    valid_until: str = Field(description="a date, the last day included, or 长期")
    status: StatusOut
    holders: list[str] = Field(description="handles, in the order of the license")
    content_id: str
    files: list[FileOut] = Field(description="all say the same; each is sealed by itself")
    manifest: str | None = Field(description="where the signed list of the files is; null: none")
    recorded_at: datetime
    changed_at: datetime
    cert_state: str = Field(examples=["01"], description="certState of the national model")
    operate_type: str = Field(examples=["01"], description="operateType of what made it")
    marks: list[MarkOut] = Field(description="what is said beside the state; empty: nothing")
    predecessor: str | None = Field(description="the version before it; null: it is the first")
    successor: str | None = Field(description="the version after it, also one that waits")
    in_force_from: datetime | None = Field(description="when it comes into force; null: issued")
    suspended_until: date | None = Field(
        description="last day of the suspension, included; null: not suspended, or until 发还"
    )
    as_of: AsOfOut | None = Field(default=None, description="what was true and known as of a day")
    parts: list[MemberPartOut] | None = Field(
        default=None, description="of a composite license; null: told where one license is shown"
    )
    conditions: list[MemberConditionOut] | None = Field(
        default=None, description="fulfilled ones too; null: told where one license is shown"
    )


class IssuedOut(LicenseOut):
    """A license that was just issued, with the code that finds it."""

    check_code: str = Field(
        description="查验码, printed on the face; needed to look the license up by its number",
        examples=["7K2M-9QXA-4T3WD"],
    )


class SetOut(IssuedOut):
    """What one request to issue has made: a license, or the 正本 with its 副本."""

    duplicates: list[IssuedOut] = Field(description="the 副本 that were asked for, in order")


class LicensePage(BaseModel):
    """One page of licenses, the newest first."""

    items: list[LicenseOut]
    next: str | None = Field(description="pass as after for the next page; null: there is none")


def type_names(catalogue: Catalogue, record: LicenseRecord) -> tuple[str, str]:
    """Return the names of a license's type, zh and en; its code if the catalogue lost it.

    A license outlives the folder of its type: it is shown and handed out all the same.
    """
    try:
        found = catalogue.get(record.type_code, record.type_version)
    except (LicenseTypeUnknownError, LicenseTypeBrokenError):
        return record.type_code, record.type_code
    return found.name_zh, found.name_en


def license_values(
    catalogue: Catalogue, record: LicenseRecord, base: str = "/v1/licenses"
) -> dict[str, Any]:
    """Return what a license looks like in an answer; ``base`` is where its file is reached."""
    zh, en = STATUS_NAMES[record.status]
    name_zh, name_en = type_names(catalogue, record)
    return {
        "identifier": record.identifier,
        "type": {
            "code": record.type_code,
            "version": record.type_version,
            "name_zh": name_zh,
            "name_en": name_en,
        },
        "authority": {
            "code": record.authority_code,
            "name": record.authority_name,
            "region": record.region,
        },
        "copy": {
            "kind": record.copy.kind,
            "ordinal": record.copy.ordinal,
            "of": record.copy.of,
        },
        "issued_on": record.issued_on,
        "valid_from": record.valid_from,
        "valid_until": LONG_TERM if record.valid_until is None else record.valid_until.isoformat(),
        "status": {"code": record.status.value, "zh": zh, "en": en},
        "holders": list(record.holders),
        "content_id": record.content_id,
        "files": [
            {
                "form": form.form,
                "media_type": MEDIA_TYPES[form.form],
                "bytes": form.size_bytes,
                "sm3": form.sm3.hex(),
                "sha256": form.sha256.hex(),
                "href": f"{base}/{record.identifier}/file?form={form.form}",
                "trust_level": form.trust_level,
            }
            for form in record.forms
        ],
        "manifest": f"{base}/{record.identifier}/manifest" if record.forms else None,
        "recorded_at": record.recorded_at,
        "changed_at": record.changed_at,
        "cert_state": CERT_STATES[record.status],
        "operate_type": VERBS[record.origin].operate_type,
        "marks": [_mark(mark) for mark in record.marks],
        "predecessor": record.predecessor,
        "successor": record.successor,
        "in_force_from": record.in_force_from,
        "suspended_until": record.suspended_until and last_day(record.suspended_until),
    }


def _mark(mark: LicenseMark) -> dict[str, str]:
    zh, en = MARK_NAMES[mark]
    return {"code": mark.value, "zh": zh, "en": en}


NO_MEMBERS: Final[Mapping[str, Any]] = MappingProxyType({})


def tag_of(record: LicenseRecord, members: Mapping[str, Any] = NO_MEMBERS) -> str:
    """Return the entity tag of a license: another state, of a part of it too, another tag."""
    told = (
        record.identifier,
        record.content_id,
        record.status,
        record.successor or "",
        " ".join(record.marks),
        record.changed_at.isoformat(),
        *([json.dumps(members, sort_keys=True)] if any(members.values()) else []),
    )
    return sm3("\0".join(told).encode()).hex()[:32]


def file_name(record: LicenseRecord, type_name: str, ending: str) -> str:
    """Return the name under which a license's file is saved; no name of a person in it."""
    return f"{type_name}_{record.identifier.rsplit('.', 3)[-3]}.{ending}"


_HOLDER = {
    "type": "object",
    "required": ["kind", "name", "document_type", "document_number"],
    "additionalProperties": False,
    "properties": {
        "kind": {"enum": ["natural_person", "legal_person", "other_organisation"]},
        "name": {"type": "string", "minLength": 1},
        "document_type": {"type": "string", "description": "GB/T 36903 annex A: 001, 111, …"},
        "document_number": {"type": "string"},
    },
}
_APPROVAL = {
    "type": "object",
    "required": ["officer_id", "step", "signed_at", "signature"],
    "additionalProperties": False,
    "properties": {
        "officer_id": {"type": "string"},
        "step": {
            "enum": ["decide", "review", "check"],
            "description": "独任 decide; 一审一核 review, then check by another person",
        },
        "signed_at": {"type": "string", "format": "date-time", "description": "UTC, with Z"},
        "signature": {"type": "string", "description": "SM2 (r, s) as DER, in Base64"},
    },
}
_CONDITION = {
    "type": "object",
    "required": ["text", "due"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 200},
        "due": {"type": "string", "format": "date", "description": "the last day"},
    },
}
_PART = {
    "type": "object",
    "required": ["code", "name", "number", "authority_code", "valid_from", "valid_until"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "description": "a kind of part of the type"},
        "name": {"type": "string"},
        "number": {"type": "string"},
        "authority_code": {"type": "string", "description": "USCC of who answers for it"},
        "valid_from": {"type": "string", "format": "date"},
        "valid_until": {"type": "string", "description": "a date, the last day included, or 长期"},
    },
}
APPROVALS_SCHEMA: dict[str, Any] = {
    "type": "array", "minItems": 1, "maxItems": 4, "items": _APPROVAL,
    "description": "what the item's officers signed: RFC 8785 JSON of schema "
    "license-vault/approval/1; its digest is SM3 of the RFC 8785 form of this body without the "
    'member approvals; of an order to a license, of {"<verb>": identifier, "order": that}',
}  # fmt: skip
ISSUE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "IssueRequest",
    "required": [
        "type_code", "authority_code", "case_number", "number", "holders", "valid_from",
        "valid_until", "fields", "basis",
    ],
    "additionalProperties": False,
    "properties": {
        "type_code": {"type": "string", "pattern": "^[0-9A-Z]{18}[0-9]{3}$"},
        "type_version": {"type": "string", "description": "unset: the newest published"},
        "authority_code": {"type": "string", "description": "USCC of the issuing authority"},
        "case_number": {"type": "string", "description": "办件编号 of the approval system"},
        "item_code": {"type": "string", "description": "事项编码"},
        "number": {"type": "string", "description": "证照编号, in the form of the type"},
        "copy": {
            "type": "object",
            "properties": {
                "kind": {"enum": ["正本", "副本"]},
                "ordinal": {"type": "integer", "minimum": 1},
                "of": {"type": "integer", "minimum": 1},
            },
        },
        "holders": {"type": "array", "minItems": 1, "items": _HOLDER},
        "issued_on": {"type": "string", "format": "date"},
        "valid_from": {"type": "string", "format": "date"},
        "valid_until": {"type": "string", "description": "a date, the last day included, or 长期"},
        "fields": {"type": "object", "description": "as GET /v1/license-types/{code} lists them"},
        "basis": {"type": "string", "description": "legal basis in words"},
        "officer": {
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
        },
        "approvals": APPROVALS_SCHEMA,
        "duplicates": {
            "type": "integer", "minimum": 1, "maximum": 999,
            "description": "this is the 正本; so many 副本 are issued with it, all or none",
        },
        "conditions": {
            "type": "array", "minItems": 1, "maxItems": 20, "items": _CONDITION,
            "description": "告知承诺、容缺: in force, marked 附条件, and suspended by itself when "
            "one is not fulfilled on its last day",
        },
        "parts": {
            "type": "array", "minItems": 1, "maxItems": 50, "items": _PART,
            "description": "of a composite type (一业一证): each with its authority and term",
        },
        "evidence": {
            "type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string"},
            "description": "ids of POST /v1/evidence",
        },
    },
}  # fmt: skip


ISSUE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ISSUE_SCHEMA, "example": ISSUE_EXAMPLE}},
    }
}
