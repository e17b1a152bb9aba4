"""The signature of a webhook, by which its receiver knows that it is ours and new.

HMAC-SHA256, because the Standard Webhooks libraries that receivers use know no other symmetric
one; it protects a message on its way and no license.

Source: Standard Webhooks specification 1.0, "Webhook headers (sending metadata)", "Signature
scheme".
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret(random_bytes: Callable[[int], bytes]) -> str:
    """Return a fresh secret as it is told to the receiver: "whsec_" and base64 of 32 bytes."""
    return PREFIX + base64.b64encode(random_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, number: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers of one try.

    Args:
        number: of the delivery; the same in every try.
        at: when this try is made.
    """
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    message = f"{number}.{stamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "license-vault",
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
