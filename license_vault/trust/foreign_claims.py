"""A list speaks for its own region only: an authority of another region in it is poison.

Found by the code (USCC): the same authority in the accepted list of another region, or among our
own that issue. Which came first counts; the region's list is refused whole until it is mended.
"""

from sqlalchemy import select

from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealGrantRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import OrganisationRow
from license_vault.trust.kept_lists import TrustLists
from signing.trust_list import AUTHORITY, TrustList

FOREIGN_AUTHORITY = "foreign-authority"
_ORG, _GRANT = table_of(OrganisationRow), table_of(SealGrantRow)


def foreign_claim(session: Reading, found: TrustList) -> str | None:
    """Return "foreign-authority" if a list claims one that another region stands for."""
    claimed = {entry.code for entry in found.entries_of(AUTHORITY)}
    lists = TrustLists(session)
    for region in lists.regions():
        held = None if region == found.region else lists.newest(region)
        if held is None:
            continue
        theirs = {entry.code for entry in held.trust_list.entries_of(AUTHORITY)}
        if claimed & theirs:
            return FOREIGN_AUTHORITY
    return FOREIGN_AUTHORITY if claimed & _own(session) else None


def _own(session: Reading) -> set[str]:
    """Return the codes of authorities that seals of ours speak for."""
    rows = session.execute(
        select(_ORG.c.code).join(_GRANT, _GRANT.c.authority_id == _ORG.c.id).distinct()
    )
    return {row.code for row in rows}
