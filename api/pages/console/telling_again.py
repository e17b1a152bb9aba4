"""What a license sealed here says, as members of a request: 转入 begins by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from api.pages.console.licenses import own_forms
from api.pages.inner_api import InnerApi, ProblemShownError, within
from license_vault.issuing.request_members import part_asked_again
from license_vault.license import CopyKind
from signing.errors import SigningError
from signing.sealed_json.reader import read_sealed_json

_SAID = ("number", "valid_from", "valid_until", "fields", "holders")


async def told_again(reading: InnerApi, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a license says, as members of a request; nothing where there is no own file.

    It is a read of the license, which its holder sees.
    """
    if "json" not in own_forms(found):
        return {}
    path = within("licenses", found["identifier"], "file")
    try:
        told = await reading.send("GET", path, params={"form": "json"})
        claims = json.loads(read_sealed_json(told.content).claims)
    except ProblemShownError as error:
        if error.status >= 500:
            raise
        return {}
    except SigningError:
        return {}
    return _members(claims, found.get("conditions") or ())


def _members(claims: Mapping[str, Any], conditions: Any) -> dict[str, Any]:
    """Return the members of a request to issue by which a license is told again.

    Args:
        claims: of the license before.
        conditions: what became of its conditions, as the API tells it; fulfilled ones stay behind.
    """
    said = {name: claims[name] for name in _SAID}
    done = {each["position"] for each in conditions if each["fulfilled_at"]}
    still = [each for at, each in enumerate(claims.get("conditions", ()), 1) if at not in done]
    if still:
        said["conditions"] = still
    if claims.get("parts"):
        said["parts"] = [part_asked_again(part) for part in claims["parts"]]
    copy = claims["copy"]
    if copy["kind"] == CopyKind.DUPLICATE:
        said["copy"] = {**copy, "ordinal": int(copy["ordinal"]), "of": int(copy["of"])}
    return said
