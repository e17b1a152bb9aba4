"""Where a page of a list ended, as a text that only we can make.

A cursor names the last item. It carries a MAC, so that trying cursors tells
nobody which identifiers exist.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from typing import TypeVar

from api.errors import RequestInvalidError

_MAC_BYTES = 16

_Item = TypeVar("_Item")


class Cursors:
    """Makes and reads the cursors of lists."""

    def __init__(self, mac: Callable[[bytes], bytes]) -> None:
        self._mac = mac

    def page(
        self, list_name: str, found: Sequence[_Item], limit: int, name_of: Callable[[_Item], str]
    ) -> tuple[Sequence[_Item], str | None]:
        """Return what is shown of a list, and the cursor behind it; None if that is all.

        Args:
            found: one item more than the limit, if there are so many.
            name_of: by what a cursor names an item, as ``item`` gives it back.
        """
        shown = found[:limit]
        more = len(found) > limit
        return shown, self._after(list_name, name_of(shown[-1])) if more else None

    def _after(self, list_name: str, item: str) -> str:
        """Return the cursor of a list behind an item."""
        sealed = self._code(list_name, item) + item.encode("ascii")
        return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def item(self, list_name: str, cursor: str) -> str:
        """Return the item that a cursor stands behind.

        Raises:
            RequestInvalidError: it is none of ours, or of another list.
        """
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
            item = sealed[_MAC_BYTES:].decode("ascii")
        except (binascii.Error, ValueError) as error:
            raise _unknown() from error
        if not hmac.compare_digest(self._code(list_name, item), sealed[:_MAC_BYTES]):
            raise _unknown()
        return item

    def _code(self, list_name: str, item: str) -> bytes:
        return self._mac(f"cursor\0{list_name}\0{item}".encode("ascii"))[:_MAC_BYTES]


def _unknown() -> RequestInvalidError:
    return RequestInvalidError(
        "/query/after",
        "unknown-cursor",
        "游标无效；请使用上一页给出的 next。",
        "This cursor is none of ours; use the next of the page before.",
    )
