"""Operations by which a partner's organisation applies for the use of licenses (申请与核验).

The application is one like any other: officers of the type's owner decide it. Its organisation
was made known to us before (``exchange organisation add``).
"""

import re
from collections.abc import Callable

from keys.provider import KeyProvider
from license_vault.access.errors import AccessRequestUnknownError
from license_vault.access.requests import AccessRequest, AccessRequests, AccessRequestWriter
from license_vault.access.requests import AccessWish as Wish
from license_vault.access.use import LONGEST
from license_vault.errors import OrganisationUnknownError
from license_vault.exchange.errors import ExchangeBodyError
from license_vault.exchange.operations import (
    Asked,
    Ground,
    Result,
    done,
    not_done,
    not_found,
    require_members,
    text_in,
)
from license_vault.holding.acts import done_once

_ITEM = re.compile(r"[0-9A-Za-z一-鿿〔〕（）()._/-]{1,64}")
_TYPE = re.compile(r"[0-9A-Z]{21}", re.ASCII)


class ApplyingOperations:
    """Takes applications of partners; made once, used by all threads."""

    def __init__(
        self, ground: Ground, keys: KeyProvider, random_bytes: Callable[[int], bytes]
    ) -> None:
        self._ground = ground
        self._keys = keys
        self._random = random_bytes

    def apply(self, asked: Asked) -> Result:
        """Take an application in; the answer has its number."""
        wish = _wish_in(asked)
        consumer = asked.caller.organisation_code
        with self._ground.database.writing() as session:
            writer = AccessRequestWriter(session, self._keys, asked.at)

            def make() -> tuple[str, dict[str, str]]:
                made = writer.ask(consumer, wish, asked.caller.name, self._random)
                told = {"consumer": consumer, "type": wish.type_code, "item": wish.item_code}
                return made.number, told

            act = ("access.requested", f"exchange:{asked.exchange_id}")
            try:
                name = done_once(session, asked.mark, asked.at, make, act).name
            except OrganisationUnknownError:
                return not_done("organisation-unknown")
            return done(_values(writer.get(name, consumer)))

    def state(self, asked: Asked) -> Result:
        """Say what became of an application of the same organisation."""
        require_members(asked.body, ("number",))
        number = text_in(asked.body, "number", 64)
        with self._ground.database.reading() as session:
            requests = AccessRequests(session, self._keys, asked.at)
            try:
                found = requests.get(number, asked.caller.organisation_code)
            except (AccessRequestUnknownError, OrganisationUnknownError):
                return not_found()
        return done(_values(found))


def _wish_in(asked: Asked) -> Wish:
    require_members(asked.body, ("item_code", "type_code", "purpose", "basis"))
    item, type_code = text_in(asked.body, "item_code", 64), text_in(asked.body, "type_code", 21)
    if not _ITEM.fullmatch(item):
        raise ExchangeBodyError("/item_code", "format")
    if not _TYPE.fullmatch(type_code):
        raise ExchangeBodyError("/type_code", "format")
    purpose, basis = text_in(asked.body, "purpose", LONGEST), text_in(asked.body, "basis", LONGEST)
    return Wish(item, type_code, purpose, basis)


def _values(found: AccessRequest) -> dict[str, str]:
    expires = "" if found.expires_at is None else found.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"number": found.number, "state": found.state.value, "expires_at": expires}
