"""What forms of /my share: a refusal is shown beside the form, with what was typed still there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.pages.inner_api import ProblemShownError
from api.pages.my.vault import Vault

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
