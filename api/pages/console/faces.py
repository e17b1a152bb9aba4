"""What a license would look like while a form is typed, and what it would be refused for.

The same for a request to issue and for an order: a face that nothing is wrong with is drawn once,
by what checks it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from api.headers import SECURITY_HEADERS
from api.pages.inner_api import InnerApi, ProblemShownError, Told

CSP = "Content-Security-Policy"
# The preview stands in the page itself, and is asked for again while somebody types.
WITH_PREVIEW = (
    SECURITY_HEADERS[CSP].replace("img-src 'self'", "img-src 'self' data:") + "; connect-src 'self'"
)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Look:
    """What came of it: what is wrong by pointers, the face as a data: address, what refused it."""

    errors: Mapping[str, Any]
    picture: str = ""
    problem: Mapping[str, Any] | None = None

    @property
    def can_be_signed(self) -> bool:
        """Tell whether nothing is known to stand against it."""
        return not self.errors and self.problem is None


@dataclass(frozen=True, slots=True)
class FaceAsked:
    """A request or an order whose face is asked for; ``has_face`` False: it is only checked."""

    api: InnerApi
    path: str
    body: Mapping[str, Any]
    has_face: bool = True

    async def looked_at(self, errors: Mapping[str, Any] = NOTHING) -> Look:
        """Return its face as far as it is filled in, or why that cannot be drawn.

        Args:
            errors: what is known to be wrong with it, by pointers.
        """
        if not self.has_face:
            return Look(errors)
        try:
            drawn = await self._drawn(complete="false")
        except ProblemShownError as error:
            # What is wrong at its place is told there, once.
            return Look(errors, "", None if errors else error.document)
        return Look(errors, _picture(drawn))

    async def checked(self, errors: Mapping[str, Any] = NOTHING, *, signing: bool = False) -> Look:
        """Return the same, and what it would be refused for.

        Args:
            errors: what is known to be wrong with it.
            signing: it is signed next if nothing is wrong; then nobody looks at a picture.
        """
        form = "pdf" if signing and not errors else "png"
        try:
            drawn = await self._drawn(complete="true", form=form)
        except ProblemShownError as error:
            if "errors" not in error.document:
                return Look(errors, "", error.document)
            found = {each["pointer"]: each["messages"] for each in error.document["errors"]}
            return await self.looked_at({**found, **errors})
        return Look(errors, _picture(drawn) if form == "png" and self.has_face else "")

    async def _drawn(self, **asked: str) -> Told:
        return await self.api.send("POST", self.path, params=asked, json=dict(self.body))


def _picture(drawn: Told) -> str:
    return "data:image/png;base64," + base64.b64encode(drawn.content).decode()
