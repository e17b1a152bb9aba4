"""The office that manages seals (印章管理): applications, filing, suspending, cancelling, grants.

Every change is one act of one person, with its basis, in the audit; what is refused is in the
audit too. Two people are needed where one could help themselves: to apply and to approve, to
order a new making and to make. How a seal is made is ``seals.workshop``'s.

Source: 国办发〔2025〕33号; docs/seals.md.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TypeAlias

from license_vault.license import HolderKind
from license_vault.registry.authorities import Authorities
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.seals.acts import ActInHand, OwnHolder, SealServices, recorded_act
from license_vault.seals.applications import (
    LONGEST_BASIS,
    LONGEST_NAME,
    Purpose,
    SealApplication,
    SealApplicationWriter,
    check_application,
    check_picture_size,
    check_texts,
)
from license_vault.seals.errors import SealInvalidError
from license_vault.seals.holder_seals import HolderSealWriter, OwnSeal
from license_vault.seals.life import SealAct, SealKind
from license_vault.seals.registrar import picture_text
from license_vault.seals.registry import Grant, SealRecord
from license_vault.seals.roles import SealPerson, SealRole
from signing.picture.seal_picture import SealPicture

LONGEST_NUMBER = 64

Acting: TypeAlias = AbstractContextManager[ActInHand]


@dataclass(frozen=True, slots=True)
class RemakeOrder:
    """Why a seal is to be made anew, and what changes on it (None: nothing)."""

    basis: str
    name: str | None = None
    picture: SealPicture | None = None


class SealOffice:
    """Manages seals. Made once, used by all threads; every method is one transaction."""

    def __init__(self, services: SealServices) -> None:
        self._services = services

    def apply(self, application: SealApplication, by: SealPerson | OwnHolder) -> SealRecord:
        """Apply for a seal, for an organisation or a holder; a holder for the own one.

        Raises:
            LicenseVaultError, SealPictureError: what stands against it.
        """
        code, basis = application.code, application.basis
        with self._act(by, "seal.applied", code, basis=basis) as act:
            check_application(application)
            self._check_owner(act, application)
            self._services.maker.draw(application.picture)
            record = act.registrar.begin(application, act.at)
            if application.owner.holder is not None:
                self._put_own(act, record, application)
            writer = SealApplicationWriter(act.session)
            writer.file(record.row_id, Purpose.MAKE, basis, by.actor, act.at)
            return act.registrar.get(code)

    def approve(self, code: str, basis: str, by: SealPerson) -> SealRecord:
        """Approve an application of somebody else.

        Raises:
            SamePersonError: it was ``by`` who applied.
            SealStateError: no application waits.
        """
        return self._decide(SealAct.APPROVE, "seal.approved", code, basis, by)

    def reject(self, code: str, basis: str, by: SealPerson) -> SealRecord:
        """Reject an application of somebody else; somebody may apply again."""
        return self._decide(SealAct.REJECT, "seal.rejected", code, basis, by)

    def file(self, code: str, number: str, by: SealPerson) -> SealRecord:
        """Record that a seal was filed (备案), under which number; from then on it is in use."""
        with self._act(by, "seal.filed", code, number=number) as act:
            act.seal(code)
            check_texts(code, (("number", number, LONGEST_NUMBER),))
            return act.registrar.move(code, SealAct.FILE, act.at, {"filing_number": number})

    def suspend(self, code: str, basis: str, by: SealPerson | OwnHolder) -> SealRecord:
        """Keep a seal from being set until a manager takes it up again.

        A holder stops the own seal alone, at once: whoever fears that somebody else uses it need
        not wait for an office. To take it up again stays with the managers.
        """
        return self._move(SealAct.SUSPEND, "seal.suspended", code, basis, by)

    def resume(self, code: str, basis: str, by: SealPerson) -> SealRecord:
        """Let a suspended seal be set again."""
        return self._move(SealAct.RESUME, "seal.resumed", code, basis, by)

    def remake(self, code: str, order: RemakeOrder, by: SealPerson) -> SealRecord:
        """Order that a seal be made anew, for its owner's data or certificate changed.

        It cannot be set until it is made, by somebody else, and filed again. What it was stays
        on record.
        """
        with self._act(by, "seal.remaking", code, basis=order.basis) as act:
            record = act.seal(code)
            check_texts(code, (("basis", order.basis, LONGEST_BASIS),))
            values = self._changed(act, record, order)
            moved = act.registrar.move(code, SealAct.REMAKE, act.at, values)
            writer = SealApplicationWriter(act.session)
            writer.file(record.row_id, Purpose.REMAKE, order.basis, by.actor, act.at)
            return moved

    def cancel(self, code: str, number: str, basis: str, by: SealPerson) -> SealRecord:
        """Cancel a seal for good, with the number of its cancellation (注销备案号)."""
        with self._act(by, "seal.cancelled", code, basis=basis, number=number) as act:
            act.seal(code)
            check_texts(code, (("number", number, LONGEST_NUMBER), ("basis", basis, LONGEST_BASIS)))
            values = {"cancellation_number": number}
            return act.registrar.move(code, SealAct.CANCEL, act.at, values)

    def grant(self, grant: Grant, by: SealPerson) -> bool:
        """Let a seal be set for an authority's licenses of a type; False if it was so already."""
        with self._act_on_grant(by, "seal.granted", grant) as act:
            self._check_grant(act, grant, by)
            act.changed = act.registrar.grant(grant, by.actor, act.at)
            return act.changed

    def withdraw(self, grant: Grant, by: SealPerson) -> bool:
        """Take a grant back; False if there is none that counts."""
        with self._act_on_grant(by, "seal.grant-withdrawn", grant) as act:
            self._check_grant(act, grant, by)
            act.changed = act.registrar.withdraw(grant, act.at)
            return act.changed

    # --- how it is done ---

    def _act(self, by: SealPerson | OwnHolder, action: str, code: str, **details: str) -> Acting:
        short = {name: value[:LONGEST_BASIS] for name, value in details.items()}
        return recorded_act(self._services, by, action, code, SealRole.MANAGE, **short)

    def _act_on_grant(self, by: SealPerson, action: str, grant: Grant) -> Acting:
        told = {"authority": grant.authority_code, "type": grant.type_code}
        return self._act(by, action, grant.seal_code, **told)

    def _decide(
        self, act_: SealAct, action: str, code: str, basis: str, by: SealPerson
    ) -> SealRecord:
        with self._act(by, action, code, basis=basis) as act:
            record = act.seal(code)
            check_texts(code, (("basis", basis, LONGEST_BASIS),))
            moved = act.registrar.move(code, act_, act.at)
            SealApplicationWriter(act.session).decide(record.row_id, act_, basis, by.actor, act.at)
            return moved

    def _move(
        self, act_: SealAct, action: str, code: str, basis: str, by: SealPerson | OwnHolder
    ) -> SealRecord:
        with self._act(by, action, code, basis=basis) as act:
            act.seal(code)
            check_texts(code, (("basis", basis, LONGEST_BASIS),))
            return act.registrar.move(code, act_, act.at)

    def _check_owner(self, act: ActInHand, application: SealApplication) -> None:
        owner = application.owner
        if isinstance(act.by, SealPerson) and act.by.within is not None:
            Authorities(act.session).within(owner.organisation_code, act.by.within)
        if isinstance(act.by, OwnHolder) and owner.holder != act.by.handle:
            raise SealInvalidError(application.code, "owner")
        if owner.holder is not None:
            holder = Holders(act.session).by_handle(owner.holder)
            _check_kind(application, holder)

    def _put_own(self, act: ActInHand, record: SealRecord, application: SealApplication) -> None:
        writer = HolderSealWriter(act.session, self._services.vault)
        holder = Holders(act.session).by_handle(application.owner.holder or "")
        own = OwnSeal(
            name=application.name,
            owner_code=writer.owner_code(holder),
            owner_name=application.owner.holder_name,
            picture=application.picture,
        )
        writer.put(record, holder, own)

    def _changed(self, act: ActInHand, record: SealRecord, order: RemakeOrder) -> dict[str, object]:
        """Return the columns a remake changes; a holder's seal changes in its own row."""
        code = record.seal.code
        if order.name is not None:
            check_texts(code, (("name", order.name, LONGEST_NAME),))
        if order.picture is not None:
            check_picture_size(code, order.picture)
            self._services.maker.draw(order.picture)
        if record.holder is not None:
            writer = HolderSealWriter(act.session, self._services.vault)
            own = writer.open(record)
            changed = replace(
                own,
                name=order.name or own.name,
                picture=order.picture or own.picture,
            )
            writer.put(record, writer.owner(record), changed)
            return {}
        values: dict[str, object] = {}
        if order.name is not None:
            values["name"] = order.name
        if order.picture is not None:
            values["picture"] = picture_text(order.picture)
        return values

    def _check_grant(self, act: ActInHand, grant: Grant, by: SealPerson) -> None:
        act.seal(grant.seal_code)
        if by.within is not None:
            Authorities(act.session).within(grant.authority_code, by.within)


def _check_kind(application: SealApplication, holder: HolderRecord) -> None:
    """Check that a person has a personal seal, and nobody else."""
    is_person = holder.kind == HolderKind.NATURAL_PERSON
    if is_person != (application.kind is SealKind.PERSONAL):
        raise SealInvalidError(application.code, "kind")
