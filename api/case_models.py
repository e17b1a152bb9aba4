"""What items and cases look like in requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.catalogue import NameOut
from api.verification_models import DecisionOut as ItemDecisionOut
from license_vault.cases.case import STATE_NAMES, CaseState
from license_vault.cases.case_desk import CaseView
from license_vault.cases.form_desk import KeptDocument
from license_vault.cases.holders import HolderNamed
from license_vault.cases.needs import KeptDefinition
from license_vault.cases.prefill import FilledForm, ShownLicense

_Text = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^\S(.*\S)?$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class HolderHandleIn(_In):
    """A holder who is there: the expiring handle that name and number were traded for."""

    handle: str = Field(pattern=r"^[0-9a-z]{26}$", description="of POST /v1/holder-handles")


class HolderStatedIn(_In):
    """A holder as the application states them; only what the own organisation issued is read."""

    name: _Text
    document_type: str = Field(pattern=r"^[0-9]{3}$", description="GB/T 36903 annex A")
    document_number: str = Field(pattern=r"^[0-9A-Za-z()（）-]{1,64}$")


class CaseIn(_In):
    """A case to be opened."""

    item_code: str = Field(max_length=64, examples=["演示事项-公共场所卫生许可"])
    case_number: str = Field(
        pattern=r"^[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}$", examples=["JD-2026-GGWS-000123"]
    )
    holders: list[HolderHandleIn | HolderStatedIn] = Field(min_length=1, max_length=10)

    def named(self) -> tuple[HolderNamed, ...]:
        """Return the holders as the desk takes them."""
        return tuple(HolderNamed(**holder.model_dump()) for holder in self.holders)


class DecisionIn(_In):
    """A decision, with what the officers signed (as a request to issue has it)."""

    outcome: Literal["准予", "不予"]
    basis: str = Field(min_length=1, max_length=500, description="legal basis and grounds")
    approvals: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=4,
        description="signatures over case, item and SM3 of this body without approvals",
    )


class SheetIn(_In):
    """Which file the form sheet is to be."""

    form: Literal["pdf", "ofd"]


class ItemOut(BaseModel):
    """An item: what it needs, its form, and what it issues."""

    model_config = ConfigDict(extra="allow")

    code: str
    name: NameOut
    mode: str = Field(description="sole 独任, two-step 一审一核")
    version: int = Field(description="of the definition, from 1")
    put_at: datetime


class ItemList(BaseModel):
    """All items."""

    items: list[ItemOut]


class StateOut(BaseModel):
    """Where a case stands."""

    code: str = Field(examples=["open"])
    zh: str
    en: str


class CaseLicenseOut(BaseModel):
    """A license of the case."""

    identifier: str
    type_code: str


class DecisionOut(BaseModel):
    """How a case was decided."""

    outcome: str = Field(examples=["准予"])
    basis: str
    decided_at: datetime


class CaseOut(BaseModel):
    """A case."""

    case: str = Field(description="its handle")
    item_code: str
    item_version: int
    case_number: str
    organisation: str
    state: StateOut
    decision: DecisionOut | None
    licenses: list[CaseLicenseOut] = Field(description="those that carry the case's number")
    lacking: list[str] = Field(description="types that the item issues and the case has not made")
    opened_at: datetime
    changed_at: datetime


class CasePage(BaseModel):
    """One page of cases, the newest first."""

    items: list[CaseOut]
    next: str | None


class DecidedLicenseOut(BaseModel):
    """A license of a partner region that may stand for a need, and what is decided about it."""

    license: str = Field(description="its identifier")
    version: str
    type_code: str = Field(description="in our codes")
    region: str = Field(examples=["320000"])
    verdict: str = Field(examples=["valid"])
    as_of: str
    document: str | None = Field(default=None, description="the file, if it was brought")
    decision: ItemDecisionOut = Field(description="as POST /v1/verifications with the item")


class DocumentOut(BaseModel):
    """A file of a case; digests in hex."""

    document: str = Field(description="its handle")
    kind: str = Field(examples=["brought"], description="brought, sheet or sealed-sheet")
    form: str
    bytes: int
    sm3: str
    verdict: str | None = Field(description="of the verifier when it came; null of a sheet")
    sentence: dict[str, str] | None
    as_of: str | None
    region: str | None = Field(description="whose trust list vouched for it; null: nobody's")
    decision: ItemDecisionOut | None = Field(
        description="for the case's item, when it came; null of all but a partner's license"
    )
    href: str
    added_at: datetime


class DocumentList(BaseModel):
    """The files of a case."""

    items: list[DocumentOut]


class DocumentReportOut(DocumentOut):
    """A file of a case with the whole report."""

    report: dict[str, Any] | None


class NeedOut(BaseModel):
    """A license that the item needs, and the one that is there."""

    key: str
    name: NameOut
    types: list[str]
    required: bool
    license: dict[str, str] | None
    missing: str | None = Field(
        description="why there is none: not-found, access-not-granted; to-submit, manual: "
        "decided so of a partner region's license"
    )
    decided: list[DecidedLicenseOut] = Field(
        description="licenses of partner regions: the one that meets it, or those that do not"
    )


class FormFieldOut(BaseModel):
    """A field of the form, and where its value stands."""

    key: str
    label: NameOut
    required: bool
    value: str | None
    source: dict[str, str] | None = Field(
        description="license, version, type_code, path, verdict and as_of; or case: what was stated"
    )
    fills: str | None
    missing: str | None


class FormOut(BaseModel):
    """The form of a case as far as it is filled."""

    case: str
    have: int
    of: int
    needs: list[NeedOut]
    fields: list[FormFieldOut]
    missing: list[str] = Field(description="keys of required fields without a value")


def item_values(kept: KeptDefinition) -> dict[str, Any]:
    """Return what an item looks like in an answer."""
    return {**kept.item.to_json(), "version": kept.version, "put_at": kept.put_at}


def case_values(view: CaseView) -> dict[str, Any]:
    """Return what a case looks like in an answer."""
    case, record, decision = view.case, view.case.record, view.decision
    return {
        "case": record.handle,
        "item_code": case.definition.item.code,
        "item_version": case.definition.version,
        "case_number": case.number,
        "organisation": record.organisation_code,
        "state": _state(record.state),
        "decision": decision
        and {
            "outcome": decision.outcome.value,
            "basis": decision.basis,
            "decided_at": decision.decided_at,
        },
        "licenses": [{"identifier": i, "type_code": code} for i, code in view.licenses],
        "lacking": list(view.lacking),
        "opened_at": record.opened_at,
        "changed_at": record.changed_at,
    }


def _state(state: CaseState) -> dict[str, str]:
    zh, en = STATE_NAMES[state]
    return {"code": state.value, "zh": zh, "en": en}


def document_values(case: str, kept: KeptDocument) -> dict[str, Any]:
    """Return what a file of a case looks like in an answer."""
    document, judged = kept.document, kept.judged
    return {
        "document": document.handle,
        "kind": document.kind.value,
        "form": document.form,
        "bytes": document.size_bytes,
        "sm3": document.sm3.hex(),
        "verdict": judged and judged.verdict,
        "sentence": judged and {"zh": judged.sentence_zh, "en": judged.sentence_en},
        "as_of": judged and judged.as_of,
        "region": (judged and judged.region) or None,
        "decision": judged and judged.decision,
        "href": f"/v1/cases/{case}/documents/{document.handle}/file",
        "added_at": document.added_at,
    }


def document_list(case: str, found: Sequence[KeptDocument]) -> dict[str, Any]:
    """Return what the files of a case look like in an answer."""
    return {"items": [document_values(case, kept) for kept in found]}


def decided_values(license_: ShownLicense) -> dict[str, Any]:
    """Return what a partner's license with its decision looks like in an answer."""
    return {**license_.as_json(), "decision": license_.decision}


def form_values(case: str, form: FilledForm) -> dict[str, Any]:
    """Return what a filled form looks like in an answer."""
    return {
        "case": case,
        "have": form.have,
        "of": len(form.needs),
        "needs": [
            {
                "key": met.need.key,
                "name": {"zh": met.need.name.zh, "en": met.need.name.en},
                "types": list(met.need.types),
                "required": met.need.required,
                "license": met.license and met.license.as_json(),
                "missing": met.reason or None,
                "decided": list(map(decided_values, met.decided)),
            }
            for met in form.needs
        ],
        "fields": [
            {
                "key": filled.field.key,
                "label": {"zh": filled.field.label.zh, "en": filled.field.label.en},
                "required": filled.field.required,
                "value": filled.value,
                "source": filled.source,
                "fills": filled.field.fills,
                "missing": filled.reason or None,
            }
            for filled in form.fields
        ],
        "missing": [filled.field.key for filled in form.missing],
    }
