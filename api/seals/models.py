"""What a seal looks like in an answer, and what is asked for in a request."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.errors import RequestInvalidError
from keys.certificate import read_certificate
from license_vault.seals.applications import LONGEST_BASIS, LONGEST_NAME, SealApplication, SealOwner
from license_vault.seals.consents import LONGEST_MINUTES, LONGEST_PURPOSE
from license_vault.seals.life import KIND_NAMES, STATE_NAMES, SealKind
from license_vault.seals.office import LONGEST_NUMBER
from license_vault.seals.registry import Grant, SealRecord
from signing.picture.seal_image import LARGEST_BYTES, uploaded_picture
from signing.picture.seal_picture import ELLIPSE, ROUND, UPLOADED, SealPicture
from signing.ses.seal import read_ses_seal

_CODE = r"^[0-9]{14}$"
_SM3 = r"^[0-9a-f]{64}$"
_LONGEST_PNG = LARGEST_BYTES * 4 // 3 + 4
_LONGEST_CERTIFICATE = 16 * 1024


class WordOut(BaseModel):
    """A word of ours: its code for programs, and both languages."""

    code: str = Field(examples=["active"])
    zh: str = Field(examples=["启用"])
    en: str = Field(examples=["active"])


class OwnerOut(BaseModel):
    """Whose a seal is: an organisation's, or a holder's that the organisation looks after."""

    organisation_code: str
    holder: str | None = Field(description="the holder's handle")
    name: str


class CertificateOut(BaseModel):
    """The certificate of a seal's key."""

    serial: str = Field(description="hex")
    subject: str
    valid_from: datetime
    valid_until: datetime


class MadeOut(BaseModel):
    """The seal as its maker signed it (SESeal of GB/T 38540)."""

    version: int
    vendor: str
    maker: str = Field(description="subject of the maker's certificate")
    valid_from: datetime
    valid_until: datetime
    width_mm: int
    height_mm: int


class PictureOut(BaseModel):
    """What the seal looks like, or shall look like once it is made: its shape and its texts."""

    shape: Literal["round", "ellipse", "uploaded"] = Field(
        description="uploaded: it has no texts; its image is at …/picture"
    )
    ring_text: str
    lower_text: str
    number: str
    width_mm: int
    height_mm: int


class GrantOut(BaseModel):
    """Whose licenses of which type the seal may be set for."""

    authority_code: str
    type_code: str = Field(description="'*': every type; 'documents': documents, no licenses")


class SealOut(BaseModel):
    """A seal."""

    code: str = Field(examples=["31011400000001"])
    kind: WordOut
    name: str
    state: WordOut
    owner: OwnerOut
    filing_number: str | None = Field(description="备案号")
    cancellation_number: str | None = Field(description="注销备案号")
    certificate: CertificateOut | None
    made: MadeOut | None
    picture: PictureOut
    grants: list[GrantOut]
    applied_at: datetime
    changed_at: datetime


class SealPage(BaseModel):
    """One page of seals, in the order of their codes."""

    items: list[SealOut]
    next: str | None = Field(description="pass as after for the next page; null: there is none")


class ActOut(BaseModel):
    """One entry of the audit about a seal; what was refused ends in .refused."""

    sequence: int
    recorded_at: datetime
    actor: str
    action: str = Field(examples=["seal.made"])
    details: dict[str, str]


class ActsOut(BaseModel):
    """One page of what happened to a seal, the newest first."""

    items: list[ActOut]
    next: str | None = Field(description="pass as after for the next page; null: there is none")


class ConsentOut(BaseModel):
    """A consent; its id is for who sets the seal."""

    consent_id: str
    document_sm3: str
    given_at: datetime
    expires_at: datetime


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PictureIn(_In):
    """What the seal looks like: drawn from texts, or an uploaded PNG with transparency."""

    shape: Literal["round", "ellipse", "uploaded"] = "round"
    ring_text: str = Field(default="", max_length=60)
    lower_text: str = Field(default="", max_length=60)
    number: str = Field(default="", max_length=32)
    width_mm: int = Field(default=42, ge=1, le=200)
    height_mm: int = Field(default=42, ge=1, le=200)
    png: str = Field(default="", max_length=_LONGEST_PNG, description="Base64; shape uploaded only")

    def picture(self) -> SealPicture:
        """Return it as seals have it.

        Raises:
            SealPictureError: the upload is refused.
            RequestInvalidError: it is no Base64, or beside a shape that is drawn.
        """
        if self.png and self.shape != UPLOADED:
            zh, en = "图片只用于上传的印模（shape 为 uploaded）。", "Only shape uploaded has one."
            raise RequestInvalidError("/picture/png", "uploaded-only", zh, en)
        if self.shape == "uploaded":
            data = decoded("/picture/png", self.png)
            return uploaded_picture(data, self.width_mm, self.height_mm)
        texts = (self.ring_text, self.lower_text, self.number)
        if self.shape == "ellipse":
            return SealPicture(ELLIPSE, *texts, width_mm=self.width_mm, height_mm=self.height_mm)
        return SealPicture(ROUND, *texts, diameter_mm=self.width_mm)


class ApplicationIn(_In):
    """An application for a seal."""

    code: str = Field(pattern=_CODE, description="14 digits: region and serial")
    kind: SealKind = SealKind.SPECIAL
    organisation_code: str = Field(
        min_length=1, max_length=64, description="the owner; of a holder's: who looks after it"
    )
    holder: str | None = Field(
        default=None, max_length=26, description="handle of the holder whose own it shall be"
    )
    holder_name: str = Field(default="", max_length=LONGEST_NAME)
    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="印章名称")
    picture: PictureIn
    basis: str = Field(min_length=1, max_length=LONGEST_BASIS, description="no personal data")

    def application(self, holder: str | None) -> SealApplication:
        """Return it as the office takes it; ``holder`` is who asks for the own seal."""
        owner = SealOwner(self.organisation_code, holder or self.holder, self.holder_name)
        picture = self.picture.picture()
        return SealApplication(self.code, self.kind, owner, self.name, picture, self.basis)


class BasisIn(_In):
    """On what basis something is done."""

    basis: str = Field(min_length=1, max_length=LONGEST_BASIS, description="no personal data")


class MakingIn(_In):
    """The certificate chain a seal is made with."""

    certificates: list[str] = Field(
        min_length=1, max_length=8, description="Base64 of DER, the seal's certificate first"
    )

    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates as DER.

        Raises:
            RequestInvalidError: one is no Base64, or too long to be a certificate.
        """
        return tuple(
            decoded(f"/certificates/{at}", text[:_LONGEST_CERTIFICATE])
            for at, text in enumerate(self.certificates)
        )


class CertificateRequestIn(_In):
    """For which key of a seal a certificate is asked."""

    new_key: bool = Field(default=False, description="make the seal another key: the old one ended")


class FilingIn(_In):
    """That a seal was filed."""

    number: str = Field(min_length=1, max_length=LONGEST_NUMBER, description="备案号")


class RemakingIn(BasisIn):
    """That a seal is to be made anew, and what changes on it."""

    name: str | None = Field(default=None, min_length=1, max_length=LONGEST_NAME)
    picture: PictureIn | None = None


class SealCancellationIn(BasisIn):
    """That a seal is cancelled for good."""

    number: str = Field(min_length=1, max_length=LONGEST_NUMBER, description="注销备案号")


class GrantIn(_In):
    """Whose licenses of which type a seal may be set for."""

    authority_code: str = Field(min_length=1, max_length=64)
    type_code: str = Field(default="*", pattern=r"^([0-9A-Z]{18}[0-9]{3}|\*|documents)$")

    def grant(self, code: str) -> Grant:
        """Return it as the office takes it."""
        return Grant(code, self.authority_code, self.type_code)


class ConsentIn(_In):
    """A holder's consent to one use of the own seal."""

    document_sm3: str = Field(pattern=_SM3, description="SM3 of the document's bytes, hex")
    purpose: str = Field(min_length=1, max_length=LONGEST_PURPOSE)
    minutes: int = Field(default=10, ge=1, le=LONGEST_MINUTES, description="good for so long")


def decoded(pointer: str, text: str) -> bytes:
    """Return what Base64 stands for.

    Raises:
        RequestInvalidError: it is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        zh, en = "应为 Base64。", "This must be Base64."
        raise RequestInvalidError(pointer, "not-base64", zh, en) from error


def seal_values(record: SealRecord, grants: tuple[Grant, ...]) -> dict[str, Any]:
    """Return what a seal looks like in an answer; a holder's comes opened."""
    seal = record.seal
    return {
        "code": seal.code,
        "kind": _word(record.kind, KIND_NAMES[record.kind]),
        "name": record.name,
        "state": _word(record.state, STATE_NAMES[record.state]),
        "owner": {
            "organisation_code": seal.owner_code,
            "holder": record.holder,
            "name": seal.owner_name,
        },
        "filing_number": record.filing_number,
        "cancellation_number": record.cancellation_number,
        "certificate": _certificate(seal.certificate),
        "made": _made(seal.ses),
        "picture": _picture(seal.picture),
        "grants": [
            {"authority_code": grant.authority_code, "type_code": grant.type_code}
            for grant in grants
        ],
        "applied_at": record.installed_at,
        "changed_at": record.changed_at,
    }


def _word(code: str, names: tuple[str, str]) -> dict[str, str]:
    return {"code": code, "zh": names[0], "en": names[1]}


def _picture(picture: SealPicture) -> dict[str, Any]:
    width, height = picture.size_mm
    return {
        "shape": picture.shape,
        "ring_text": picture.ring_text,
        "lower_text": picture.lower_text,
        "number": picture.number,
        "width_mm": int(width),
        "height_mm": int(height),
    }


def _certificate(der: bytes) -> dict[str, Any] | None:
    if not der:
        return None
    found = read_certificate(der)
    return {
        "serial": f"{found.serial:x}",
        "subject": found.subject,
        "valid_from": found.not_before,
        "valid_until": found.not_after,
    }


def _made(ses: bytes) -> dict[str, Any] | None:
    if not ses:
        return None
    found = read_ses_seal(ses)
    return {
        "version": found.version,
        "vendor": found.vendor,
        "maker": read_certificate(found.maker_certificate).subject,
        "valid_from": found.valid_from,
        "valid_until": found.valid_until,
        "width_mm": found.picture.width_mm,
        "height_mm": found.picture.height_mm,
    }
