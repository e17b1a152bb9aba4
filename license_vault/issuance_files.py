"""Steps 3 and 4 of issuing: make every form of a license, check each, deposit each.

All forms are sealed and checked before the first is deposited: what our own verifier refuses is
never stored, in no form. A form that an earlier try has deposited is kept and checked again; of
two that finish at once the first to deposit wins, and the other checks what is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from license_vault.errors import OutputRefusedError
from license_vault.intent import Work
from license_vault.issuance_plan import IssuanceServices
from license_vault.seal_registry import require_usable
from license_vault.seal_uses import CheckedSeal
from license_vault.vault import Deposited


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file in the store, and the seals that the final check found in it."""

    deposited: Deposited
    seals: tuple[CheckedSeal, ...]


class FileMaker:
    """Makes the files of intents. Used by all threads."""

    def __init__(self, services: IssuanceServices) -> None:
        self._services = services

    def find(self, work: Work) -> dict[str, Deposited]:
        """Return the files that an earlier try has put into the store, by form."""
        vault = self._services.vault
        found = {
            form: vault.find_deposited(work.object_key(form), form, work.file_keys[form])
            for form in work.forms
        }
        return {form: deposited for form, deposited in found.items() if deposited is not None}

    def make(self, work: Work, found: Mapping[str, Deposited]) -> tuple[CheckedFile, ...]:
        """Make the forms that are not there yet; return all files of a license, checked.

        Raises:
            OutputRefusedError: our verifier does not accept one of them.
            SealUnusableError: a seal may no longer be set.
            SigningError, PressBrokenError: it cannot be drawn or sealed.
            StoreUnavailableError: no answer; it may be tried again.
        """
        step = self._services.checkpoint
        sealed = self._seal(work, [form for form in work.forms if form not in found])
        step("sealed")
        # What we would not accept from others we do not hand out.
        seals = {form: self._check(work, form, data) for form, data in sealed.items()}
        seals |= {form: self._check(work, form, file.data) for form, file in found.items()}
        step("output-checked")
        missing = tuple(sealed)
        put = self._services.doing(lambda form: self._deposit(work, form, sealed[form]), missing)
        step("deposited")
        for form, deposited in zip(missing, put, strict=True):
            if deposited.data != sealed[form]:
                # Somebody else was first, with seals of their own.
                seals[form] = self._check(work, form, deposited.data)
        stored = dict(found) | dict(zip(missing, put, strict=True))
        return tuple(CheckedFile(stored[form], seals[form]) for form in work.forms)

    def _seal(self, work: Work, forms: list[str]) -> dict[str, bytes]:
        services = self._services
        if forms:
            for record in work.seals:
                require_usable(record, services.keys, services.clock())
        seals = tuple(record.seal for record in work.seals)
        made = services.doing(
            lambda form: services.make_form[form](work.placed, seals, work.at), forms
        )
        return dict(zip(forms, made, strict=True))

    def _check(self, work: Work, form: str, data: bytes) -> tuple[CheckedSeal, ...]:
        """Verify a file as anybody will, and that it bears the seals that were to be set."""
        seals = self._services.final_check(form, data)
        if [seal.code for seal in seals] != [record.seal.code for record in work.seals]:
            raise OutputRefusedError(("other-seals-than-intended",))
        return seals

    def _deposit(self, work: Work, form: str, data: bytes) -> Deposited:
        key, place = work.file_keys[form], work.object_key(form)
        deposited = self._services.vault.deposit(place, form, key, data)
        self._services.checkpoint(f"deposited-{form}")
        return deposited
