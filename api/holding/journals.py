"""Routes of a holder's own records: the journal of uses, and reminders of what ends soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from api.dependencies import AfterQuery, LimitQuery, ServicesDep
from api.documentation import problems
from api.holding.acting import ActingDep, vault_of
from api.license_models import type_names
from api.services import Services
from license_vault.clock import civil_date
from license_vault.database.sessions import Reading
from license_vault.errors import (
    LicenseNotFoundError,
    LicenseTypeBrokenError,
    LicenseTypeUnknownError,
)
from license_vault.holding.journal import JournalEntry, JournalReader, entry_document
from license_vault.holding.mandates import GIVE, VIEW
from license_vault.holding.reminders import Reminders
from license_vault.license_types.catalogue import Catalogue
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import HolderRecord
from license_vault.registry.registry import Registry
from license_vault.sharing.partner_licenses import PartnerLicenses
from license_vault.sharing.sharing import Sharing

router = APIRouter(prefix="/v1/holders", tags=["vaults"])

_LIST = "journal"
IDENTIFIER = r"^[0-9A-Z.]{1,128}$"
_DENIED = ("unauthenticated", "forbidden", "holder-not-found", "invalid-request")


class UseOut(BaseModel):
    """五要素与用途 Who used the license, for what."""

    organisation: str
    operator: str
    item_name: str
    item_code: str
    case_number: str
    purpose: str


class EntryOut(BaseModel):
    """One use; digest = SM3 of the RFC 8785 form of everything else in it."""

    schema_: str = Field(alias="schema", examples=["license-vault/journal-entry/1"])
    holder: str
    sequence: str
    license: str = Field(description="identifier")
    action: str = Field(examples=["downloaded"])
    actor: str = Field(examples=["client:5f2a…"])
    use: UseOut | None = Field(description="null: the holder, or who acts for the holder")
    fields: list[str] = Field(description="claims that were seen; empty: all")
    at: str
    result: str
    salt: str
    previous: str = Field(description="digest of the entry before, 64 zeros at first")
    digest: str


class TypeNameOut(BaseModel):
    """What type of license it is."""

    code: str = Field(examples=["11100000000013338W001"])
    zh: str = Field(examples=["公共场所卫生许可证"])
    en: str = Field(examples=["Public place health permit"])
    region: str | None = Field(
        description="the partner region that issued it, code and names in ours; null: this one",
        examples=["310000"],
    )


class JournalPage(BaseModel):
    """One page of a journal, the newest first."""

    items: list[EntryOut]
    next: str | None
    head: str = Field(description="digest of the newest entry of all")
    organisations: dict[str, str] = Field(
        description="what organisations on this page are called, by code; others' are unknown here"
    )
    types: dict[str, TypeNameOut] = Field(
        description="types of the licenses on this page, by identifier"
    )


class ReminderOut(BaseModel):
    """A license that ends soon."""

    license: str = Field(description="identifier")
    type_code: str
    valid_until: date
    days: int = Field(description="60, 30 or 7: at which step the holder was reminded last")
    made_at: datetime


class ReminderList(BaseModel):
    """What ends soon, the first to end first."""

    items: list[ReminderOut]


def entry_values(entry: JournalEntry) -> dict[str, Any]:
    """Return what an entry looks like in an answer."""
    return {**entry_document(entry), "digest": entry.digest.hex()}


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which entries are wanted: a page of all, or of the uses of one license."""

    limit: int
    after: str | None
    license: str | None


def journal_query(
    limit: LimitQuery = 20,
    after: AfterQuery = None,
    license_: Annotated[
        str | None,
        Query(alias="license", pattern=IDENTIFIER, description="uses of this license only"),
    ] = None,
) -> JournalQuery:
    """Return which entries a request wants."""
    return JournalQuery(limit, after, license_)


@router.get(
    "/{handle}/journal",
    summary="Who used the licenses, for what · 用证记录",
    response_model=JournalPage,
    responses=problems(*_DENIED),
)
def journal(
    services: ServicesDep,
    acting: ActingDep,
    handle: str,
    response: Response,
    wanted: Annotated[JournalQuery, Depends(journal_query)],
) -> dict[str, Any]:
    """Return a holder's journal, the newest use first; for the holder and the representative.

    Every entry holds the digest of the one before, so whoever keeps a head can
    tell later that nothing was taken out.
    """
    response.headers["Cache-Control"] = "no-store"
    limit = wanted.limit
    behind = int(services.cursors.item(_LIST, wanted.after)) if wanted.after else None
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, GIVE)
        reader = JournalReader(session, services.vault)
        found = reader.page(access.holder, limit + 1, behind, wanted.license)
        _, head = reader.head(access.holder)
        users = {each.act.use.organisation for each in found if each.act.use is not None}
        names = Authorities(session).names(users)
        types = _types(services, session, access.holder, found)
    shown, after_it = services.cursors.page(_LIST, found, limit, lambda each: str(each.sequence))
    return {
        "items": [entry_values(entry) for entry in shown],
        "next": after_it,
        "head": head.hex(),
        "organisations": names,
        "types": types,
    }


def _types(
    services: Services, session: Reading, holder: HolderRecord, entries: Sequence[JournalEntry]
) -> dict[str, dict[str, str | None]]:
    """Return what types the licenses in entries are of, by identifier."""
    registry, types, others = Registry(session), dict[str, dict[str, str | None]](), set[str]()
    for identifier in {entry.license for entry in entries}:
        try:
            record = registry.get(identifier)
        except LicenseNotFoundError:
            others.add(identifier)
        else:
            names = type_names(services.catalogue, record)
            types[identifier] = _type_values(record.type_code, names, None)
    if not others:
        return types
    maps = Sharing(session, services.region_code).maps()
    for found in PartnerLicenses(session, services.vault, holder).named(others).values():
        code = maps.own_type(found.region, found.type_code)
        names = _names_of(services.catalogue, code)
        types[found.identifier] = _type_values(code, names, found.region)
    return types


def _names_of(catalogue: Catalogue, code: str) -> tuple[str, str]:
    """Return the names of a type in its newest version, zh and en; its code if it is not here."""
    try:
        found = catalogue.get(code)
    except (LicenseTypeUnknownError, LicenseTypeBrokenError):
        return code, code
    return found.name_zh, found.name_en


def _type_values(code: str, names: tuple[str, str], region: str | None) -> dict[str, str | None]:
    return {"code": code, "zh": names[0], "en": names[1], "region": region}


@router.get(
    "/{handle}/reminders",
    summary="Licenses that end soon · 到期提醒",
    response_model=ReminderList,
    responses=problems(*_DENIED),
)
def reminders(services: ServicesDep, acting: ActingDep, handle: str) -> dict[str, Any]:
    """Return the holder's licenses that end within 60 days."""
    with services.database.reading() as session:
        access = vault_of(session, services, acting, handle, VIEW)
        found = Reminders(session).of_holder(handle, civil_date(acting.at))
    allowed = access.type_codes
    return {
        "items": [
            {
                "license": reminder.identifier,
                "type_code": reminder.type_code,
                "valid_until": reminder.valid_until,
                "days": reminder.days,
                "made_at": reminder.made_at,
            }
            for reminder in found
            if allowed is None or reminder.type_code in allowed
        ]
    }
