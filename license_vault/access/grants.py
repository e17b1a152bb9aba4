"""Who may use which licenses for what: denied unless granted, by four things together.

A grant names a consumer (an organisation, itself and nobody below it), an item, a license type
and a purpose, word for word, and ends by itself. An authority that reads what it or its subtree
issued needs no grant: that is ``registry.authorities``. How a grant comes about is in
``access.requests``.
"""

from datetime import datetime

from sqlalchemy import bindparam, select

from license_vault.access.errors import AccessNotGrantedError
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.database.columns import table_of
from license_vault.database.event_tables import AccessGrantRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import OrganisationRow
from license_vault.registry.lookup_macs import LookupMacs

GRANTED = "granted"

_GRANT = table_of(AccessGrantRow)
_ORG = table_of(OrganisationRow)
_TYPES = (
    select(_GRANT.c.type_code)
    .join(_ORG, _ORG.c.id == _GRANT.c.consumer_id)
    .where(_ORG.c.code == bindparam("consumer"))
    .where(_GRANT.c.item_code == bindparam("item_code"))
    .where(_GRANT.c.purpose_mac == bindparam("purpose_mac"))
    .where(_GRANT.c.state == GRANTED, _GRANT.c.expires_at > bindparam("at"))
    .distinct()
)


class AccessGuard:
    """Says whether a use was granted, at one instant."""

    def __init__(self, session: Reading, macs: LookupMacs, at: datetime) -> None:
        self._session = session
        self._macs = macs
        self._at = at

    def types_for(self, caller: Caller, use: Use) -> frozenset[str]:
        """Return the license types that were granted to a caller's organisation for a use."""
        rows = self._session.execute(
            _TYPES,
            {
                "consumer": caller.organisation_code,
                "item_code": use.item_code,
                "purpose_mac": self._macs.purpose(use.purpose),
                "at": self._at,
            },
        )
        return frozenset(row.type_code for row in rows)

    def require(self, caller: Caller, use: Use, type_code: str) -> None:
        """Check that a use of a license type was granted to a caller's organisation.

        Raises:
            AccessNotGrantedError: it was not, or the grant has ended.
        """
        if type_code not in self.types_for(caller, use):
            raise AccessNotGrantedError(type_code, use.item_code)
