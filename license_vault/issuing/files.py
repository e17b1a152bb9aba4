"""Steps 3 and 4 of issuing: make every form of a license, check each, deposit each.

All forms are sealed and checked before the first is deposited: what our own verifier refuses is
never stored, in no form. A form that an earlier try has deposited is kept and checked again; of
two that finish at once the first to deposit wins, and the other checks what is stored.
"""

from collections.abc import Callable, Mapping, Sequence
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

    def make(
        self, works: Sequence[Work], found: Mapping[str, Mapping[str, Deposited]]
    ) -> tuple[tuple[CheckedFile, ...], ...]:
        """Make the forms that are not there yet; return all files of each license, checked.

        Every form of every license is sealed and checked before the first is deposited.

        Args:
            works: the licenses of one group.
            found: what ``find`` found of each, by its identifier; missing: nothing.

        Raises:
            OutputRefusedError: our verifier does not accept one of them.
            SealUnusableError: a seal may no longer be set.
            SigningError, PressBrokenError: it cannot be drawn or sealed.
            StoreUnavailableError: no answer; it may be tried again.
        """
        step = self._services.checkpoint
        there = {
            (work.identifier, form): file
            for work in works
            for form, file in found.get(work.identifier, {}).items()
        }
        missing = [
            (work, form)
            for work in works
            for form in work.forms
            if (work.identifier, form) not in there
        ]
        sealed = self._seal(missing)
        step("sealed")
        # What we would not accept from others we do not hand out.
        files = {
            (work.identifier, form): self._of_another_try(work, there[work.identifier, form])
            for work in works
            for form in work.forms
            if (work.identifier, form) in there
        }
        checked = [
            self._check(work, form, data)
            for (work, form), data in zip(missing, sealed, strict=True)
        ]
        step("output-checked")
        made = [
            _Made(work, form, data, seals)
            for (work, form), data, seals in zip(missing, sealed, checked, strict=True)
        ]
        for one, file in zip(made, self._services.doing(self._deposit, made), strict=True):
            files[one.work.identifier, one.form] = self._deposited(one, file)
        step("deposited")
        return tuple(tuple(files[work.identifier, form] for form in work.forms) for work in works)

    def _deposited(self, made: "_Made", file: Deposited) -> CheckedFile:
        if file.data != made.data:
            return self._of_another_try(made.work, file)
        labels = tuple(record.seal.key_label for record in made.work.seals)
        return CheckedFile(file, made.seals, labels)

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

    def _seal(self, missing: Sequence[tuple[Work, str]]) -> Sequence[bytes]:
        services = self._services
        for record in {seal.row_id: seal for work, _ in missing for seal in work.seals}.values():
            require_usable(record, services.keys, services.clock())
        return services.doing(_sealed_by(services), missing)

    def _check(self, work: Work, form: str, data: bytes) -> tuple[CheckedSeal, ...]:
        """Verify a file as anybody will, and that it bears the seals that were to be set."""
        seals = self._services.final_check(form, data)
        if [seal.code for seal in seals] != [record.seal.code for record in work.seals]:
            raise OutputRefusedError(("other-seals-than-intended",))
        return seals

    def _deposit(self, made: "_Made") -> Deposited:
        work, form = made.work, made.form
        key, place = work.file_keys[form], work.object_key(form)
        deposited = self._services.vault.deposit(place, form, key, made.data)
        self._services.checkpoint(f"deposited-{form}")
        return deposited


@dataclass(frozen=True, slots=True)
class _Made:
    """A form that was sealed and checked, and is not deposited yet."""

    work: Work
    form: str
    data: bytes
    seals: tuple[CheckedSeal, ...]


def _sealed_by(services: IssuanceServices) -> Callable[[tuple[Work, str]], bytes]:
    def seal(place: tuple[Work, str]) -> bytes:
        work, form = place
        seals = tuple(record.seal for record in work.seals)
        return services.make_form[form](work.placed, seals, work.at)

    return seal
