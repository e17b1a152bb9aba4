"""What pyHanko says of the changes between two revisions of a PDF.

Apart from ``revisions``, which needs it for files with several revisions only: loading it takes
as long as everything else that reads a PDF together.

Source: ISO 32000-1, 12.8.2.2.
"""

from enum import Enum
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel
from pyhanko.sign.fields import MDPPerm


class Allowed(Enum):
    """How much revisions may change: validation data only, or a further seal too."""

    VALIDATION_DATA = ModificationLevel.LTA_UPDATES
    SEAL = ModificationLevel.FORM_FILLING


def harmless(data: bytes, start: int, revisions: int, allowed: Allowed) -> bool:
    """Return whether the changes since an offset are no more than allowed, in so many revisions."""
    try:
        reader = PdfFileReader(BytesIO(data), strict=True)
        before = PdfFileReader(BytesIO(data[:start]), strict=True).xrefs.total_revisions
        if reader.xrefs.total_revisions - before != revisions:
            return False
        result = DEFAULT_DIFF_POLICY.apply(
            reader.get_historical_resolver(before - 1),
            reader.get_historical_resolver(before + revisions - 1),
            doc_mdp=MDPPerm.FILL_FORMS,
        )
    except Exception:
        # Hostile files make pyHanko raise builtin errors (docs/attacks.md F7). What it cannot
        # follow is not harmless, which is the answer and not a judgement left out.
        return False
    level: ModificationLevel = result.modification_level
    return bool(level <= allowed.value)
