"""Bodies and answers of presenting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from license_vault.presenting.kept import Presentation, Resolved
from license_vault.presenting.order import LONGEST_MINUTES, PresentingOrder
from license_vault.presenting.rows import WAITING
from signing.sealed_json.presenting_receipt import MOST_LICENSES, PresentingReceipt

_IDENTIFIER = "1.2.156.3005.2.11100000000013338W001.11110101MB0000001J.000000001.001.K"
_OWN_WORDS = "in the holder's own words, kept for the holder; whoever scans says their own"


class PresentationIn(BaseModel):
    """What is to be shown, and for how long."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "licenses": [_IDENTIFIER],
                "fields": {_IDENTIFIER: ["holders.name", "number", "validity"]},
                "minutes": 5,
            }
        },
    )

    licenses: list[str] = Field(min_length=1, max_length=MOST_LICENSES)
    fields: dict[str, list[str]] = Field(
        description="for each license the claim paths that may be seen; ['*']: the whole license "
        "with its files",
        max_length=MOST_LICENSES,
    )
    minutes: int = Field(default=5, ge=1, le=LONGEST_MINUTES)
    recipient: str = Field(default="", max_length=100, description=_OWN_WORDS)
    purpose: str = Field(default="", max_length=200, description=_OWN_WORDS)

    def order(self) -> PresentingOrder:
        """Return it as the vault takes it."""
        fields = {identifier: tuple(paths) for identifier, paths in self.fields.items()}
        return PresentingOrder(
            tuple(self.licenses), fields, self.minutes, self.recipient, self.purpose
        )


class ScannedOut(BaseModel):
    """Who scanned the code, and what for."""

    at: datetime
    organisation: str
    organisation_name: str | None = Field(description="null: not of this region's organisations")
    operator: str
    item_name: str
    item_code: str
    case_number: str
    purpose: str


class PresentationOut(BaseModel):
    """A presentation as its holder sees it."""

    presentation_id: str = Field(examples=["x3v0q9m2k7c8w5r1t6y4n0b2dz"])
    state: str = Field(description="waiting, resolved, expired or withdrawn")
    code: str | None = Field(description="what the window scans; only while it waits")
    qr: str | None = Field(description="where the code is as a picture; only while it waits")
    made_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    licenses: list[str]
    fields: dict[str, list[str]]
    recipient: str
    purpose: str
    scanned: ScannedOut | None


class PresentationList(BaseModel):
    """The newest presentations of a holder."""

    items: list[PresentationOut]


class ResolutionIn(BaseModel):
    """A code that was scanned."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=64)


class ShownLicenseOut(BaseModel):
    """One license as its holder consents to show it."""

    identifier: str
    type: dict[str, str]
    authority: dict[str, str]
    content_id: str
    state: str = Field(examples=["valid"])
    marks: list[str]
    fields: dict[str, str] = Field(description="printed texts by claim path, those consented to")
    files: dict[str, str] = Field(description="where each form is; only of a whole license")


class ResolutionOut(BaseModel):
    """What a code showed, once."""

    presentation_id: str
    presented_at: datetime
    resolved_at: datetime
    licenses: list[ShownLicenseOut]
    receipt: str = Field(description="where the signed receipt for the case file is")


def presentation_values(shown: Presentation, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a presentation looks like to its holder.

    Args:
        names: of organisations, by code.
    """
    waiting = shown.state == WAITING
    base = f"/v1/presentations/{shown.presentation_id}"
    return {
        "presentation_id": shown.presentation_id,
        "state": shown.state,
        "code": shown.code,
        "qr": f"{base}/qr" if waiting else None,
        "made_at": shown.made_at,
        "expires_at": shown.expires_at,
        "withdrawn_at": shown.withdrawn_at,
        "licenses": list(shown.order.licenses),
        "fields": {name: list(paths) for name, paths in shown.order.fields.items()},
        "recipient": shown.order.recipient,
        "purpose": shown.order.purpose,
        "scanned": None if shown.receipt is None else _scanned(shown.receipt, names),
    }


def scanning(shown: Iterable[Presentation]) -> set[str]:
    """Return the codes of the organisations that scanned presentations."""
    return {each.receipt.use["organisation"] for each in shown if each.receipt is not None}


def _scanned(receipt: PresentingReceipt, names: Mapping[str, str]) -> dict[str, Any]:
    name = names.get(receipt.use["organisation"])
    return {"at": receipt.resolved_at, **receipt.use, "organisation_name": name}


def resolution_values(resolved: Resolved) -> dict[str, Any]:
    """Return what a code showed."""
    base = f"/v1/presentations/{resolved.presentation_id}"
    receipt = resolved.receipt
    return {
        "presentation_id": resolved.presentation_id,
        "presented_at": receipt.presented_at,
        "resolved_at": receipt.resolved_at,
        "licenses": [
            {
                "identifier": shown.identifier,
                "type": {"code": shown.type_code, "name": shown.type_name},
                "authority": {"code": shown.authority_code, "name": shown.authority_name},
                "content_id": shown.content_id,
                "state": shown.state,
                "marks": shown.marks.split(),
                "fields": dict(shown.fields),
                "files": {
                    form: f"{base}/licenses/{shown.identifier}/file?form={form}"
                    for form in shown.files
                },
            }
            for shown in receipt.licenses
        ],
        "receipt": f"{base}/receipt",
    }
