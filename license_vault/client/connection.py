"""Where the node is, who calls, and for what use; and how patient the client is."""

import base64
import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class LicenseUse:
    """The five elements (五要素) and the purpose that every read of a license is recorded with.

    The fifth element, the organisation, is that of the credential.
    """

    operator: str
    item_name: str
    item_code: str
    case_number: str
    purpose: str

    def header(self) -> str:
        """Return the value of the header License-Use."""
        written = json.dumps(asdict(self), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(written).decode("ascii").rstrip("=")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A program's id and secret; tokens are fetched with them, and renewed in time."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token that somebody else fetched: of an officer or a holder."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """What a client stands on.

    ``credentials`` None: only what anybody may ask. ``attempts`` counts all tries of a call that
    may be repeated; the pause before the second is ``pause_seconds``, each next one twice as long,
    unless the node names a time (Retry-After), which is kept up to ``longest_pause_seconds``.
    """

    base_url: str
    credentials: ClientCredentials | BearerToken | None = None
    use: LicenseUse | None = None
    timeout_seconds: float = 30.0
    attempts: int = 3
    pause_seconds: float = 0.5
    longest_pause_seconds: float = 30.0
