"""Routes of partners' licenses in a holder's vault: take one in, list them, download one.

A file that a partner region issued to the holder and that is valid at this moment is taken in. It
stays the partner's: each time it is shown it is verified again, by the partner's own status.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Response, UploadFile
from pydantic import BaseModel, Field

from api.authentication import HolderPerson
from api.bulk_grading import trust_level
from api.dependencies import HolderDep, IdempotencyKeyDep, ServicesDep
from api.documentation import problems
from api.downloads import FILE_ANSWERS
from api.headers import attachment
from api.holding.acting import own_actor
from api.seeing import own_handle
from api.services import Services
from api.verification_answers import LicenseAnswer, answer_to
from api.verification_models import SentenceOut
from api.verification_question import plain_question
from api.verifications import content_of
from license_vault.database.sessions import Reading
from license_vault.errors import HolderNotFoundError
from license_vault.issuing.intent import HOLDER_DOCUMENT
from license_vault.license import Holder
from license_vault.license_metadata import Claims, content_id, read_claims
from license_vault.partners.partners import Partners
from license_vault.registry.holders import (
    HolderRecord,
    Holders,
    HolderWriter,
    NewHolder,
    document_text,
    new_handle,
)
from license_vault.sharing.errors import IntakeRefusedError
from license_vault.sharing.partner_licenses import (
    IntakeFile,
    PartnerLicense,
    PartnerLicenses,
    PartnerLicenseWriter,
)
from license_vault.vault import MEDIA_TYPES
from verification.report import Verdict

router = APIRouter(prefix="/v1/holders/{handle}", tags=["vaults"])

ME = "me"
_DENIED = ("unauthenticated", "forbidden", "holder-not-found", "temporarily-unavailable")


class NamedOut(BaseModel):
    """A code with its name."""

    code: str
    name: str


class PartnerLicenseSays(BaseModel):
    """What the file says, its holders masked."""

    type: NamedOut
    number: str
    authority: NamedOut
    holders: list[str]
    valid_from: str
    valid_until: str = Field(description="a date, the last day included, or 长期")


class PartnerLicenseOut(BaseModel):
    """A license of a partner region, with its verdict at this moment."""

    name: str = Field(description="random; names it in addresses")
    identifier: str
    type_code: str
    authority_code: str
    region: str = Field(description="the region that issued it", examples=["310000"])
    region_name: str
    says: PartnerLicenseSays | None = Field(description="null: the file can no longer be read")
    form: str
    trust_level: str
    taken_in_at: datetime
    verdict: str
    state: str | None
    sentence: SentenceOut
    href: str


class PartnerLicenseList(BaseModel):
    """The newest hundred."""

    items: list[PartnerLicenseOut]


@router.post(
    "/licenses/intake",
    status_code=201,
    summary="Take a partner region's license into the own vault · 收入证照夹",
    response_model=PartnerLicenseOut,
    responses=problems(
        *_DENIED,
        "idempotency-key-required",
        "invalid-request",
        "document-too-large",
        "unreadable-document",
        "request-in-progress",
        "intake-refused",
    )
    | {200: {"description": "it was taken in before", "model": PartnerLicenseOut}},
)
def take_in_license(
    services: ServicesDep,
    person: HolderDep,
    key: IdempotencyKeyDep,
    handle: str,
    file: Annotated[UploadFile, File(description="a sealed PDF, OFD or JSON of a partner region")],
    response: Response,
) -> dict[str, Any]:
    """Take a valid license of the caller in; the same content again answers alike.

    The handle may be "me": who has no vault here yet gets one.
    """
    del key  # the same content is kept once, whatever the key
    _require_own(services, person, handle)
    data = content_of(services, file)
    answer = answer_to(services, data, plain_question())
    claims = _claims_of(answer, services.region_code)
    named = _holder_named(services, person, claims)
    at, intake = services.clock(), _intake_file(answer, claims, named, data)
    holder = _vault_of(services, person, named, at)
    with services.database.writing() as session:
        writer = PartnerLicenseWriter(session, services.vault, holder)
        if writer.same_as(intake) is not None:
            response.status_code = 200
        kept = writer.add(intake, services.random_bytes, own_actor(holder.handle), at)
    response.headers["Location"] = _address(holder, kept)
    return _values(services, holder, kept, answer)


@router.get(
    "/partner-licenses",
    summary="Licenses of partner regions in the own vault · 伙伴地区证照",
    response_model=PartnerLicenseList,
    responses=problems(*_DENIED),
)
def list_partner_licenses(
    services: ServicesDep, person: HolderDep, handle: str, response: Response
) -> dict[str, Any]:
    """Return them, the newest first, each verified again at this moment."""
    response.headers["Cache-Control"] = "no-store"
    with services.database.reading() as session:
        holder = _own(session, services, person, handle)
        kept = PartnerLicenses(session, services.vault, holder)
        files = [(one, kept.open(one)) for one in kept.everything()]
    question = plain_question()
    return {
        "items": [
            _values(services, holder, one, answer_to(services, data, question))
            for one, data in files
        ]
    }


@router.get(
    "/partner-licenses/{name}/file",
    summary="Download a license of a partner region · 下载伙伴地区证照",
    response_class=Response,
    responses=problems(*_DENIED, "partner-license-not-found") | FILE_ANSWERS,
)
def partner_license_file(
    services: ServicesDep, person: HolderDep, handle: str, name: str
) -> Response:
    """Return the file as it was taken in, byte for byte."""
    with services.database.reading() as session:
        holder = _own(session, services, person, handle)
        licenses = PartnerLicenses(session, services.vault, holder)
        kept = licenses.get(name)
        data = licenses.open(kept)
    headers = {
        "Content-Disposition": attachment(f"{kept.identifier}.{kept.file.form}"),
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=MEDIA_TYPES[kept.file.form], headers=headers)


# --- whose it is ---


def _own(session: Reading, services: Services, person: HolderPerson, handle: str) -> HolderRecord:
    """Return the caller's own vault, by its handle or "me".

    Raises:
        HolderNotFoundError: there is none, or it is another's.
    """
    holder = own_handle(session, services.macs, person)
    if handle not in (ME, holder.handle):
        raise HolderNotFoundError(handle)
    return holder


def _require_own(services: Services, person: HolderPerson, handle: str) -> None:
    if handle != ME:
        with services.database.reading() as session:
            _own(session, services, person, handle)


def _claims_of(answer: LicenseAnswer, own_region: str) -> Claims:
    """Return the claims of a file that may be taken in.

    Raises:
        IntakeRefusedError: it is not valid, no license with claims, or of this very region.
    """
    report, evidence = answer.report, answer.evidence
    if report.verdict is not Verdict.VALID:
        raise IntakeRefusedError(f"verdict-{report.verdict.value}")
    parsed = evidence.document.parsed
    if parsed is None or parsed.claims is None or evidence.trust is None:
        raise IntakeRefusedError("no-claims")
    if evidence.trust.region == own_region:
        raise IntakeRefusedError("issued-here")
    return read_claims(parsed.claims)


def _holder_named(services: Services, person: HolderPerson, claims: Claims) -> Holder:
    """Return the holder in the claims who the caller is.

    Raises:
        IntakeRefusedError: it is somebody else's.
    """
    own = services.macs.holder(person.document_type, person.document_number)
    named = [holder for holder in claims.holders if services.macs.of_holder(holder) == own]
    if not named:
        raise IntakeRefusedError("not-yours")
    return named[0]


def _vault_of(
    services: Services, person: HolderPerson, named: Holder, at: datetime
) -> HolderRecord:
    """Return the caller's vault; who has none here yet gets one now."""
    mac, vault = services.macs.holder(person.document_type, person.document_number), services.vault
    with services.database.reading() as session:
        known = Holders(session).by_macs((mac,)).get(mac)
    if known is not None:
        return known
    key, wrapped = vault.new_holder_key(new_handle(services.random_bytes))
    text = document_text(named)
    new = NewHolder(
        handle=key.handle,
        kind=named.kind.value,
        lookup_mac=mac,
        wrapped_key=wrapped,
        key_version=key.version,
        sealed_document=vault.encrypt(key.key, key.handle, HOLDER_DOCUMENT, text),
        added_at=at,
    )
    with services.database.writing() as session:
        HolderWriter(session).add(new)
    with services.database.reading() as session:
        return Holders(session).by_macs((mac,))[mac]


def _intake_file(answer: LicenseAnswer, claims: Claims, named: Holder, data: bytes) -> IntakeFile:
    report, evidence = answer.report, answer.evidence
    parsed, trust, level = evidence.document.parsed, evidence.trust, trust_level(report)
    assert parsed is not None, "a valid license was parsed"
    assert parsed.claims is not None, "and has claims"
    assert trust is not None, "and somebody trusted"
    assert level is not None, "and a grade"
    return IntakeFile(
        identifier=claims.identifier,
        type_code=claims.type_code,
        authority_code=claims.authority.code,
        region=trust.region,
        form=str(report.document.form),
        content_id=bytes.fromhex(content_id(parsed.claims)),
        trust_level=level,
        holder=named,
        data=data,
    )


# --- what is shown ---


def _address(holder: HolderRecord, kept: PartnerLicense) -> str:
    return f"/v1/holders/{holder.handle}/partner-licenses/{kept.handle}/file"


def _values(
    services: Services, holder: HolderRecord, kept: PartnerLicense, answer: LicenseAnswer
) -> dict[str, Any]:
    report = answer.report
    with services.database.reading() as session:
        partner = Partners(session).find(kept.region)
    return {
        "name": kept.handle,
        "identifier": kept.identifier,
        "type_code": kept.type_code,
        "authority_code": kept.authority_code,
        "region": kept.region,
        "region_name": kept.region if partner is None else partner.name,
        "says": report.license and report.license.to_json(),
        "form": kept.file.form,
        "trust_level": kept.trust_level,
        "taken_in_at": kept.taken_in_at,
        "verdict": report.verdict.value,
        "state": report.state,
        "sentence": report.sentence.to_json(),
        "href": _address(holder, kept),
    }
