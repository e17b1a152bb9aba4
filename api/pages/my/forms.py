"""What forms of /my share: a refusal is shown beside the form, with what was typed still there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from api.pages.inner_api import InnerApi, ProblemShownError, within
from api.pages.my.vault import Vault

FIELDS: Mapping[str, tuple[str, str]] = {
    "number": ("证照编号", "License number"),
    "holders": ("持证主体", "Holder"),
    "holders.name": ("持证主体", "Holder"),
    "holders.document_number": ("持证主体证件号码", "Document number of the holder"),
    "authority": ("发证机关", "Issuing authority"),
    "authority.name": ("发证机关", "Issuing authority"),
    "issued_on": ("颁发日期", "Issued on"),
    "validity": ("有效期", "Validity"),
    "valid_from": ("有效期自", "Valid from"),
    "valid_until": ("有效期至", "Valid until"),
    "copy": ("正副本", "Copy"),
    "history": ("历史", "History"),
    "evidence": ("依据材料", "Evidence"),
    "preview": ("新版本照面预览", "Preview of the next version"),
}
"""Fields that every license has, as journals and disputes name them."""

_BESIDE = frozenset({400, 409, 413, 415, 422})
_MOST_PAGES = 5

TypeNames = Mapping[str, Mapping[str, str]]


def beside_the_form(refused: ProblemShownError) -> Mapping[str, Any]:
    """Return the problem that whoever typed can mend; raise again what is no matter of the form."""
    if refused.status not in _BESIDE:
        raise refused
    return refused.document


async def licenses_of(vault: Vault, **wanted: str) -> tuple[Mapping[str, Any], ...]:
    """Return the licenses of a vault, the newest first; five hundred at most.

    Args:
        wanted: as the API's list takes it, ``status="valid"``.
    """
    found: list[Mapping[str, Any]] = []
    after = None
    for _ in range(_MOST_PAGES if vault.handle and vault.may("view") else 0):
        page = await vault.api.get(vault.of_api("licenses"), limit=100, after=after, **wanted)
        found.extend(page["items"])
        after = page["next"]
        if after is None:
            break
    return tuple(found)


async def every_license(
    api: InnerApi, path: str, page: Mapping[str, Any] | None = None
) -> tuple[Mapping[str, Any], ...]:
    """Return the licenses of a list with what they say, the newest first; five hundred at most.

    Args:
        page: those behind this page of the list; None: all.
    """
    found: list[Mapping[str, Any]] = []
    for _ in range(_MOST_PAGES):
        after = page["next"] if page else None
        if page and after is None:
            break
        page = await api.get(path, content=True, limit=100, after=after)
        found.extend(page["items"])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Names:
    """What fields of licenses are called: by type code and key, in both languages."""

    fields: Mapping[tuple[str, str], Mapping[str, str]]

    def of(self, type_code: str, path: str) -> Mapping[str, str]:
        """Return what a field is called; its path, where nobody knows."""
        known = FIELDS.get(path)
        if known is not None:
            return {"zh": known[0], "en": known[1]}
        key = path.removeprefix("fields.")
        return self.fields.get((type_code, key), {"zh": path, "en": path})


async def field_names(vault: Vault, type_codes: Iterable[str]) -> Names:
    """Return what the fields of some types are called; of types that are gone, nothing."""
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for code in sorted(type_codes):
        with suppress(ProblemShownError):
            told = await vault.api.get(within("license-types", code))
            found.update({(code, field["key"]): field["name"] for field in told["fields"]})
    return Names(found)


async def type_names(vault: Vault) -> TypeNames:
    """Return what every license type is called, by code."""
    found: dict[str, Mapping[str, str]] = {}
    after = None
    for _ in range(_MOST_PAGES):
        page = await vault.api.get("/v1/license-types", limit=100, after=after)
        found.update({one["code"]: one["name"] for one in page["items"]})
        after = page["next"]
        if after is None:
            break
    return found
