"""The client for partners and approval systems: typed, sync and async, over the public API.

It needs httpx and nothing else of this library: no database, no web framework, no store. Verifying
without a network is ``verification`` with a trust bundle; this package asks a node.
"""

from license_vault.client.async_client import AsyncClient
from license_vault.client.calls import Question
from license_vault.client.client import Client
from license_vault.client.connection import (
    BearerToken,
    ClientCredentials,
    Connection,
    LicenseUse,
)
from license_vault.client.errors import (
    AnswerUnreadableError,
    ClientError,
    NodeUnreachableError,
    ProblemError,
    ProblemPlace,
)
from license_vault.client.results import (
    Batch,
    BatchResult,
    Check,
    Decision,
    License,
    LicensePage,
    PartnerAnswer,
    PartnerDispute,
    Receipt,
    Report,
    Sentence,
    SharingDocument,
)

__all__ = [
    "AnswerUnreadableError",
    "AsyncClient",
    "Batch",
    "BatchResult",
    "BearerToken",
    "Check",
    "Client",
    "ClientCredentials",
    "ClientError",
    "Connection",
    "Decision",
    "License",
    "LicensePage",
    "LicenseUse",
    "NodeUnreachableError",
    "PartnerAnswer",
    "PartnerDispute",
    "ProblemError",
    "ProblemPlace",
    "Question",
    "Receipt",
    "Report",
    "Sentence",
    "SharingDocument",
]
