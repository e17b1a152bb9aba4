"""Where trust and state come from: what a verification asks of the world outside.

Implementations: ``source_bundle`` (a trust bundle on disk or fetched), and at a region's own
nodes the live row, wired in ``api``. Neither follows an address that a document names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from verification.evidence import LogEvidence, StatusEvidence, TrustEvidence


@dataclass(frozen=True, slots=True)
class Unreachable:
    """There is no answer now, and why; a fact like others, not an exception."""

    detail: str


class TrustSource(Protocol):
    """Whom we trust. May be called from many threads."""

    def trust_for(self, authority_code: str | None) -> TrustEvidence | Unreachable:
        """Return what is trusted, with the entry of an issuing authority (USCC) if it has one."""
        ...


class PastTrustSource(Protocol):
    """Whom was trusted at an earlier time. May be called from many threads."""

    def trust_at(self, authority_code: str | None, at: datetime) -> TrustEvidence | Unreachable:
        """Return what was trusted then, with what is known since of who was withdrawn."""
        ...


class StatusListSource(Protocol):
    """What state a license is in. May be called from many threads."""

    def status_of(self, uri: str, index: int, at: datetime) -> StatusEvidence:
        """Return what is known of an index of a list, for a time; UNAVAILABLE if nothing is.

        A signed list is handed on as received, and judged; a live row answers for ``at`` itself.
        """
        ...


class FileRegister(Protocol):
    """What a node's register says of files it keeps, whoever sealed them; from many threads."""

    def state_of_file(self, sm3: str, at: datetime) -> StatusEvidence | None:
        """Return the state at a time of the license that a file (SM3, hex) is; None: not kept."""
        ...


class LogSource(Protocol):
    """What the issue logs of regions hold; from many threads."""

    def log_of(self, content_id: str, authority_code: str) -> LogEvidence | None:
        """Return what is known of a content_id in the log of the region of an authority (USCC).

        None: that region's log is not known here, and nothing is said of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """All together; ``files`` only at a node that keeps files of others.

    ``log`` only where issue logs are kept; a proof that comes with a file is set before it.
    ``past`` only where trust lists of earlier times are kept.
    """

    trust: TrustSource
    status: StatusListSource
    files: FileRegister | None = None
    log: LogSource | None = None
    past: PastTrustSource | None = None
