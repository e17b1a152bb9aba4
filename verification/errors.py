"""What stops a verification before it begins.

Everything else about a document is a finding in the report, never an error.
"""

from __future__ import annotations


class VerificationError(Exception):
    """The root of what this package raises."""


class VerificationRefusedError(VerificationError):
    """The document is not taken at all: there is nothing to judge."""


class EmptyDocumentError(VerificationRefusedError):
    """The document has no bytes."""

    def __init__(self) -> None:
        super().__init__("the document is empty")


class DocumentTooLargeError(VerificationRefusedError):
    """The document is larger than the limit."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"{size} bytes, at most {limit} are read")
        self.size = size
        self.limit = limit


class NotALicenseFileError(VerificationRefusedError):
    """The document does not begin as any form we read: PDF, OFD, JSON, a seal (.esl)."""

    def __init__(self) -> None:
        super().__init__("the document does not begin as a PDF, an OFD, a JSON or a seal")


class VerifierBusyError(VerificationError):
    """Every parser process is taken; the same document may be sent again later."""

    def __init__(self, waited_seconds: float) -> None:
        super().__init__(f"no parser process was free within {waited_seconds:g} s")
        self.waited_seconds = waited_seconds


class ParserIsolationError(VerificationError):
    """The parser process cannot be cut off from the network, and that is required."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"the parser process cannot be isolated: {detail}")
        self.detail = detail


class ParserUnavailableError(VerificationError):
    """No parser process can be started on this machine now."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"no parser process can be started: {detail}")
        self.detail = detail


class MalformedEvidenceError(VerificationError):
    """Evidence in JSON is not what we write."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class PolicyInvalidError(VerificationError):
    """A validation policy does not exist or does not say what a policy must say."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"policy {name}: {reason}")
        self.name = name
        self.reason = reason


class AsOfInvalidError(VerificationError):
    """The time asked about is neither a date nor an instant with its offset."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is neither YYYY-MM-DD nor an instant with an offset")
        self.text = text
