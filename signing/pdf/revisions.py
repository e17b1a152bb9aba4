"""What was appended to a PDF after a seal, and whether it is harmless.

Harmless after the last seal: validation data (DSS) and document time-stamps, and only if the last
time-stamp covers the whole file (ADR 0011). Harmless between two seals: the next seal. Three
witnesses must agree: pyHanko's analysis of the differences, PDFium's pixels, and the number of
end-of-file marks. Anything else is "other"; what that means is judged in ``verification``.

Source: ISO 32000-1, 12.8.2.2.
"""

from collections.abc import Sequence

from signing.errors import UnreadableDocumentError
from signing.pdf.rendering import same_appearance
from signing.pdf.seals import EmbeddedSeal
from signing.pdf.structure import ends_of_revisions

OTHER = "other"


def later_changes(
    data: bytes, last_seal: EmbeddedSeal, timestamps: Sequence[EmbeddedSeal], max_revisions: int
) -> tuple[str, ...]:
    """Return the kind of each revision after the last seal: dss, doc-timestamp or other."""
    if last_seal.end == len(data):
        return ()
    ends = [end for end in ends_of_revisions(data) if end > last_seal.end]
    covered = {stamp.end for stamp in timestamps if not stamp.problems}
    if len(ends) > max_revisions:
        raise UnreadableDocumentError("too-many-revisions")
    if not ends or ends[-1] != len(data) or len(data) not in covered:
        return (OTHER,) * max(1, len(ends))
    from signing.pdf.differences import Allowed, harmless

    if not harmless(data, last_seal.end, len(ends), Allowed.VALIDATION_DATA):
        return (OTHER,) * len(ends)
    if not _looks_the_same(data, last_seal.end, len(data), annotations=True):
        return (OTHER,) * len(ends)
    return tuple("doc-timestamp" if end in covered else "dss" for end in ends)


def only_a_seal_was_added(data: bytes, before: EmbeddedSeal, after: EmbeddedSeal) -> bool:
    """Return whether the revision from one seal to the next adds that seal and nothing else."""
    from signing.pdf.differences import Allowed, harmless

    part = data[: after.end]
    return harmless(part, before.end, 1, Allowed.SEAL) and _looks_the_same(
        part, before.end, after.end, annotations=False
    )


def _looks_the_same(data: bytes, start: int, end: int, *, annotations: bool) -> bool:
    try:
        return same_appearance(data[:start], data[:end], annotations=annotations)
    except Exception:
        # PDFium could not draw one of the two: not the same, see above.
        return False
