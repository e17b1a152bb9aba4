"""What verifications answer, as JSON: reports, decisions, reports on receipts."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class SentenceOut(BaseModel):
    """One statement in both languages."""

    zh: str
    en: str


class CheckOut(BaseModel):
    """One line of the report."""

    model_config = ConfigDict(extra="allow")

    check: str = Field(examples=["integrity"])
    outcome: str = Field(examples=["passed"])
    code: str
    sentence: SentenceOut
    how: SentenceOut
    known_at: str | None
    who_acts: SentenceOut | None
    clause: str


class DecisionReasonOut(BaseModel):
    """One reason of a decision."""

    code: str = Field(examples=["listed"])
    sentence: SentenceOut


class UseListOut(BaseModel):
    """The use list that was asked, "" where none is published."""

    region: str = Field(examples=["320000"])
    version: str = Field(examples=["3"])


class DecisionOut(BaseModel):
    """可免交 / 需补交 / 人工核验, from two separate facts."""

    outcome: str = Field(description="waived, to_submit or manual", examples=["waived"])
    sentence: SentenceOut
    authentic_and_in_force: str = Field(description="holds, fails or unknown", examples=["holds"])
    listed: str = Field(examples=["listed"])
    item_code: str
    use_list: UseListOut
    reasons: list[DecisionReasonOut]


class ReceiptNumberOut(BaseModel):
    """A receipt that was signed and kept: its random number, where it is, SM3 of it (hex)."""

    receipt_id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    href: str
    sm3: str


class SealedPagesOut(BaseModel):
    """The first pages as sealed, JPEG in base64, and what they are taken from."""

    source: str = Field(
        description="file: the file itself; last-seal: without what was added after the last "
        "seal; on-record: the file on record, of which it carries a seal; unknown; unsealed"
    )
    shown: list[str]


class SealPictureOut(BaseModel):
    """The picture of a seal, PNG in base64, from its SES data or the field's appearance."""

    seal: str
    source: str = Field(description="ses or appearance")
    png: str


class PicturesOut(BaseModel):
    """What people look at; it proves nothing. With a problem there is nothing else."""

    problem: str = Field(description="why there are none, else empty", examples=[""])
    pages: int | None = Field(default=None, description="how many there are; three are shown")
    uploaded: list[str] = Field(default=[], description="JPEG in base64")
    sealed: SealedPagesOut | None = None
    same: bool | None = Field(default=None, description="whether both look alike, dot for dot")
    on_record: bool = Field(default=False, description="it is the file on record, byte for byte")
    seals: list[SealPictureOut] = []
    parts_missed: bool = Field(default=False, description="something on a page is not drawn")


class ReportOut(BaseModel):
    """The report, license-vault/report/1; described in docs/verification-process.md."""

    model_config = ConfigDict(extra="allow")

    # Not "schema": pydantic's own models have that name.
    schema_: str = Field(alias="schema", examples=["license-vault/report/1"])
    verdict: str = Field(
        description="valid, valid_copy (a purpose-bound copy, not the license), not_in_force, "
        "indeterminate, altered, untrusted or unsealed",
        examples=["valid"],
    )
    state: str | None = Field(description="with not_in_force: which state")
    marks: list[str]
    sentence: SentenceOut
    as_of: str
    verified_at: str
    document: dict[str, Any]
    license: dict[str, Any] | None
    checks: list[CheckOut]
    seals: list[dict[str, Any]]
    not_checked: list[str]
    decision: DecisionOut | None = Field(default=None, description="where an item was named")
    receipt: ReceiptNumberOut | None = Field(
        default=None, description="where its number was asked for"
    )
    pictures: PicturesOut | None = Field(
        default=None, description="where they were asked for, of an uploaded file"
    )


class ReceiptReportOut(BaseModel):
    """The report on a presenting receipt, license-vault/receipt-report/1."""

    schema_: str = Field(alias="schema", examples=["license-vault/receipt-report/1"])
    verdict: str
    sentence: SentenceOut
    receipt: dict[str, Any] | None = Field(description="what it says, if it is believed")
    checks: list[CheckOut]


class VerificationReceiptReportOut(BaseModel):
    """The report on a verification receipt, license-vault/verification-receipt-report/1."""

    schema_: str = Field(alias="schema", examples=["license-vault/verification-receipt-report/1"])
    verdict: str
    sentence: SentenceOut
    receipt: dict[str, Any] | None = Field(description="what it says, if it is believed")
    checks: list[CheckOut]


class TogetherOut(BaseModel):
    """Reports on files given together, license-vault/together/1."""

    model_config = ConfigDict(extra="allow")

    schema_: str = Field(alias="schema", examples=["license-vault/together/1"])
    reports: list[ReportOut]
    same_content: bool | None = Field(
        description="whether the files carry the same claims; null: it cannot be known"
    )
    sentence: SentenceOut
    manifests: list[dict[str, Any]]
