"""The check code (查验码): 13 random characters, 65 bits, in 32 letters nobody mixes up.

Printed on the face and carried by the QR code. Who looks a license up by its number must
show it, so numbers cannot be tried (ADR 0002). Kept as HMAC-SM3, and encrypted in the
license's record.
"""

from collections.abc import Callable

# 0 and O, 1 and I, U and V are one letter's width apart on a bad copy: one of each is left out.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTWXYZ"
LENGTH = 13
_GROUPS = (4, 4, 5)


def new_check_code(random_bytes: Callable[[int], bytes]) -> str:
    """Draw a check code: 13 characters without separators."""
    # 32 letters divide 256, so every letter is as likely as any other.
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in random_bytes(LENGTH))


def grouped(code: str) -> str:
    """Return a check code as people read it: XXXX-XXXX-XXXXX."""
    first, second, _ = _GROUPS
    return "-".join((code[:first], code[first : first + second], code[first + second :]))


def normalised(text: str) -> str:
    """Return what a person typed as a check code is written: upper case, no separators.

    O and I are not in the alphabet and are read as the digits they look like.
    """
    return text.upper().translate(str.maketrans("OI", "01", "- \t"))
