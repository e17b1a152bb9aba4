"""Steps 3 and 4 of issuing: make every form of a license, check each, deposit each.

All forms are sealed and checked before the first is deposited: what our own verifier refuses is
never stored, in no form. A form that an earlier try has deposited is kept and checked again; of
two that finish at once the first to deposit wins, and the other checks what is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from license_vault.errors import OutputRefusedError
from license_vault.issuing.intent import Work
from license_vault.issuing.plan import IssuanceServices
from license_vault.seals.registry import require_usable
from license_vault.seals.uses import CheckedSeal, SealUse, SealUses
from license_vault.vault import Deposited


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file in the store, the seals that the final check found in it, and by which keys."""

    deposited: Deposited
    seals: tuple[CheckedSeal, ...]
    key_labels: tuple[str, ...]

    @property
    def form(self) -> str:
        """Return the file's form."""
        return self.deposited.form


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
        files = {form: self._of_another_try(work, file) for form, file in found.items()}
        seals = {form: self._check(work, form, data) for form, data in sealed.items()}
        step("output-checked")
        labels = tuple(record.seal.key_label for record in work.seals)
        put = self._services.doing(
            lambda form: self._deposit(work, form, sealed[form]), tuple(sealed)
        )
        step("deposited")
        for file in put:
            ours = file.data == sealed[file.form]
            files[file.form] = (
                CheckedFile(file, seals[file.form], labels)
                if ours
                else self._of_another_try(work, file)
            )
        return tuple(files[form] for form in work.forms)

    def _of_another_try(self, work: Work, deposited: Deposited) -> CheckedFile:
        """Say what an earlier try, or one that was faster, has sealed: maybe with other keys."""
        form = deposited.form
        seals = self._check(work, form, deposited.data)
        with self._services.database.reading() as session:
            uses = SealUses(session).of_licenses([work.row_id])
        labels = (
            self._key_of(seal, [use for use in uses if (use.form, use.position) == (form, at)])
            for at, seal in enumerate(seals)
        )
        return CheckedFile(deposited, seals, tuple(labels))

    def _key_of(self, seal: CheckedSeal, uses: Sequence[SealUse]) -> str:
        """Return the label of the key that made a seal: the port has counted what it signs.

        Args:
            uses: the uses of this place in the file; several if the seal was made anew meanwhile.
        """
        labels = [use.key_label for use in uses]
        counted = self._services.keys.uses
        known = (label for label in labels[1:] if seal.signed_sm3 in counted(label))
        return next(known, labels[0] if labels else "")

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
