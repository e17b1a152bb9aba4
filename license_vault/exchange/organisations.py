"""Organisations of partners that may be granted the use of our licenses.

Each is an organisation "REGION:CODE" below one of ours that looks after it: its code can be no
authority's, nobody of ours belongs to it, and it seals and issues nothing.
"""

import re
from datetime import datetime

from license_vault.audit import Act, AuditWriter
from license_vault.database.sessions import Writing
from license_vault.errors import OrganisationExistsError
from license_vault.exchange.receiving import partner_organisation
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import Authorities, AuthorityWriter, Organisation

_CODE = re.compile(r"[0-9A-Z]{1,18}(/[0-9A-Za-z-]{1,16})?", re.ASCII)


class PartnerOrganisations:
    """Makes them known, in a session that its opener commits."""

    def __init__(self, session: Writing) -> None:
        self._session = session

    def add(self, region: str, found: IssuingAuthority, below: str, by: str, at: datetime) -> str:
        """Make an organisation of a partner known; return how it is called here.

        Args:
            found: its code at home, its name, and the region (GB/T 2260) where it stands.
            below: code of the own organisation that looks after it.

        Raises:
            OrganisationExistsError: it is known.
            OrganisationUnknownError: there is no such own organisation.
        """
        code = partner_organisation(region, found.code)
        if not _CODE.fullmatch(found.code):
            raise OrganisationExistsError(code)
        stands = IssuingAuthority(code, found.name, found.region)
        AuthorityWriter(self._session).add(stands, below, at)
        told = {"region": region, "below": below}
        AuditWriter(self._session).append(
            Act(by, "exchange.organisation-added", f"organisation:{code}", told, at)
        )
        return code

    def of_region(self, region: str) -> tuple[Organisation, ...]:
        """Return the organisations of a partner that are known here."""
        prefix = partner_organisation(region, "")
        everyone = Authorities(self._session).everyone()
        return tuple(found for found in everyone if found.code.startswith(prefix))
