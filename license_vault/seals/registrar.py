"""Writes seals: an application begins one, each act moves it, grants say whose licenses it seals.

Check and write are one statement, so that of two acts at once only one moves the seal. Who may
act, and the audit, are ``seals.office``'s. All SQL that changes seals.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import update

from license_vault.database.columns import table_of
from license_vault.database.seal_tables import SealGrantRow, SealMakingRow, SealRow
from license_vault.database.sessions import Reading, Writing
from license_vault.registry.authorities import Authorities
from license_vault.seals.applications import SealApplication
from license_vault.seals.errors import SealExistsError, SealInvalidError
from license_vault.seals.life import ARROWS, SealAct, SealState, next_state
from license_vault.seals.registry import Grant, SealRecord, SealRegistry
from signing.picture.seal_picture import SealPicture

_SEAL = table_of(SealRow)
_GRANT = table_of(SealGrantRow)
_MAKING = table_of(SealMakingRow)
_OF_A_HOLDER = SealPicture("", diameter_mm=0)


def key_label(code: str, number: int = 1) -> str:
    """Return under which label a seal's key is; a later key has its number behind it."""
    return f"seal/{code}" if number == 1 else f"seal/{code}.{number}"


def picture_text(picture: SealPicture) -> str:
    """Return a picture as its row keeps it."""
    return json.dumps(asdict(picture), ensure_ascii=False, sort_keys=True)


class SealRegistrar(SealRegistry):
    """Begins seals, moves them, and gives grants; within one writing session."""

    def __init__(self, session: Writing) -> None:
        super().__init__(session)
        self._writing = session

    def begin(self, application: SealApplication, at: datetime) -> SealRecord:
        """Write the seal that is applied for; after a rejection, in the same row.

        Raises:
            OrganisationUnknownError: the owner is no organisation we know.
            SealExistsError: the code is taken.
        """
        code = application.code
        owner = Authorities(self._session).get(application.owner.organisation_code)
        found = self.find(code)
        if found is not None and found.state is not SealState.REJECTED:
            raise SealExistsError(code)
        of_a_holder = application.owner.holder is not None
        values: dict[str, object] = {
            "owner_id": owner.row_id,
            "kind": application.kind.value,
            # What tells of a holder stands in holder_seal, encrypted.
            "name": "" if of_a_holder else application.name,
            "picture": picture_text(_OF_A_HOLDER if of_a_holder else application.picture),
        }
        if found is not None:
            if found.holder != application.owner.holder:
                raise SealExistsError(code)
            return self.move(code, SealAct.APPLY, at, values)
        self._writing.add_row(
            _SEAL,
            code=code,
            key_label=key_label(code),
            certificate=b"",
            chain="[]",
            ses=b"",
            state=SealState.APPLIED.value,
            installed_at=at,
            changed_at=at,
            **values,
        )
        return self.get(code)

    def move(
        self, code: str, act: SealAct, at: datetime, values: Mapping[str, object] | None = None
    ) -> SealRecord:
        """Move a seal along an arrow, and write other columns with it; return it as it is then.

        Raises:
            SealUnknownError: there is none with this code.
            SealStateError: its state has no such arrow.
        """
        may_leave, becomes = ARROWS[act]
        moved = self._writing.change_rows(
            update(_SEAL)
            .where(_SEAL.c.code == code)
            .where(_SEAL.c.state.in_([state.value for state in may_leave]))
            .values(state=becomes.value, changed_at=at, **(values or {}))
        )
        record = self.get(code)
        if moved == 0:
            next_state(code, record.state, act)
        return record

    def record_making(
        self, record: SealRecord, ses: bytes, maker_sm3: bytes, by: str, at: datetime
    ) -> None:
        """Keep a seal as it was made, for ever; of a holder's, ``ses`` comes encrypted."""
        self._writing.add_row(
            _MAKING, seal_id=record.row_id, made_by=by, made_at=at, maker_sm3=maker_sm3, ses=ses
        )

    def grant(self, grant: Grant, by: str, at: datetime) -> bool:
        """Grant a seal; False if it is granted already.

        Raises:
            SealUnknownError: there is no such seal.
            OrganisationUnknownError: there is no such authority.
            SealInvalidError: it is a holder's own, which nobody else may be given.
        """
        seal = self.get(grant.seal_code)
        if seal.holder is not None:
            raise SealInvalidError(grant.seal_code, "grant-of-a-holder")
        authority = Authorities(self._session).get(grant.authority_code)
        if grant in self.grants(grant.seal_code):
            return False
        self._writing.add_row(
            _GRANT,
            seal_id=seal.row_id,
            authority_id=authority.row_id,
            type_code=grant.type_code,
            granted_at=at,
            granted_by=by,
        )
        return True

    def withdraw(self, grant: Grant, at: datetime) -> bool:
        """Take a grant back; False if there is none that counts.

        Raises:
            SealUnknownError: there is no such seal.
            OrganisationUnknownError: there is no such authority.
        """
        seal = self.get(grant.seal_code)
        authority = Authorities(self._session).get(grant.authority_code)
        withdrawn = self._writing.change_rows(
            update(_GRANT)
            .where(_GRANT.c.seal_id == seal.row_id, _GRANT.c.authority_id == authority.row_id)
            .where(_GRANT.c.type_code == grant.type_code, _GRANT.c.withdrawn_at.is_(None))
            .values(withdrawn_at=at)
        )
        return withdrawn == 1


class SealMakings:
    """Looks up how a seal was made, each time."""

    def __init__(self, session: Reading) -> None:
        self._session = session

    def of_seal(self, seal_row_id: int) -> tuple[tuple[datetime, str, bytes], ...]:
        """Return when, by whom, and the SESeal (of a holder's encrypted), the oldest first."""
        rows = self._session.execute(
            _MAKING.select().where(_MAKING.c.seal_id == seal_row_id).order_by(_MAKING.c.id)
        )
        return tuple((row.made_at, row.made_by, row.ses) for row in rows)
