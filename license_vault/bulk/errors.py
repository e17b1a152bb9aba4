"""What keeps a job from being made, run, paused or resumed, and a row from being read."""

from license_vault.errors import LicenseVaultError


class BulkError(LicenseVaultError):
    """A job over many rows cannot do what was asked."""


class JobNotFoundError(BulkError):
    """No job has this name, or none that the caller may know of."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no job {name}")
        self.name = name


class JobStateError(BulkError):
    """The job's state does not allow what was asked: ``state`` is what it is in."""

    def __init__(self, name: str, state: str, wanted: str) -> None:
        super().__init__(f"job {name} is {state}, it cannot be {wanted}")
        self.name = name
        self.state = state
        self.wanted = wanted


class JudgeUnavailableError(BulkError):
    """Nobody can look at a row's file now; later somebody may."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no file can be judged now ({why})")
        self.why = why


class InputUnreadableError(BulkError):
    """What came cannot be read as rows at all.

    ``code`` is "empty", "layout-unknown", "header-missing", "header-double", "header-unknown",
    "too-many-rows" or "too-large"; ``place`` is a line or a column, counted from 1, 0 for the
    whole.
    """

    def __init__(self, code: str, place: int = 0) -> None:
        super().__init__(f"the rows cannot be read: {code} at {place}")
        self.code = code
        self.place = place


class RowRefusedError(BulkError):
    """One row cannot be done; ``code`` is why, in words of this package.

    "file-missing", "file-outside-folder", "file-too-large", "file-altered", "file-unreadable",
    "file-adopted-already", "file-is-ours", "form-not-kept", "identifier-of-another",
    "file-names-another", "license-not-named", "license-not-found".
    """

    def __init__(self, code: str, pointer: str = "") -> None:
        super().__init__(f"the row is refused: {code}")
        self.code = code
        self.pointer = pointer


class SlotsTakenError(BulkError):
    """Every slot of this node group is held: no more executors can work at once."""

    def __init__(self, slots: int) -> None:
        super().__init__(f"all {slots} slots are held")
        self.slots = slots
