"""What goes wrong between regions: what we refuse of a partner, and what a partner refuses us."""

from license_vault.errors import LicenseVaultError


class ExchangeSignerError(LicenseVaultError):
    """Who signed may not speak for the region; ``reason`` is a word of ours."""

    def __init__(self, region: str, reason: str) -> None:
        super().__init__(f"signer refused for {region}: {reason}")
        self.region = region
        self.reason = reason


class ExchangeMisroutedError(LicenseVaultError):
    """The request is for another region."""

    def __init__(self, region: str) -> None:
        super().__init__(f"for region {region}")
        self.region = region


class ExchangeStaleError(LicenseVaultError):
    """The request was signed too long ago, or in time to come."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"not within {seconds} s")
        self.seconds = seconds


class ExchangeReplayedError(LicenseVaultError):
    """This very request came before, or its exchange_id with another question."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ExchangeOperationError(LicenseVaultError):
    """There is no such operation."""

    def __init__(self, operation: str) -> None:
        super().__init__("no such operation")
        self.operation = operation


class NotSharedError(LicenseVaultError):
    """Our sharing catalogue does not let this item use this operation on this license type."""

    def __init__(self, operation: str, type_code: str, item_code: str) -> None:
        super().__init__(f"{operation} on {type_code} is not shared with {item_code}")
        self.operation = operation
        self.type_code = type_code
        self.item_code = item_code


class ExchangeBodyError(LicenseVaultError):
    """The body is not what its operation takes; ``place`` is a JSON pointer into the body."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place} {reason}")
        self.place = place
        self.reason = reason


class ExchangeQuotaError(LicenseVaultError):
    """The partner has used up an operation's quota; in ``retry_after`` seconds there is more."""

    def __init__(self, operation: str, limit: int, window: int, retry_after: int) -> None:
        super().__init__(f"quota of {operation} used up")
        self.operation = operation
        self.limit = limit
        self.window = window
        self.retry_after = retry_after


class PartnerUnreachableError(LicenseVaultError):
    """The partner did not answer, or cannot now; the question is kept and may be asked again."""

    def __init__(self, region: str, reason: str, exchange_id: str) -> None:
        super().__init__(f"{region}: {reason}")
        self.region = region
        self.reason = reason
        self.exchange_id = exchange_id


class PartnerRefusedError(LicenseVaultError):
    """The partner refused the question; ``reason`` is the slug of its problem."""

    def __init__(self, region: str, reason: str, exchange_id: str) -> None:
        super().__init__(f"{region} refused: {reason}")
        self.region = region
        self.reason = reason
        self.exchange_id = exchange_id


class PartnerAnswerError(LicenseVaultError):
    """What came back is no answer of the partner to this question; nothing of it is used."""

    def __init__(self, region: str, reason: str, exchange_id: str) -> None:
        super().__init__(f"{region}: answer refused: {reason}")
        self.region = region
        self.reason = reason
        self.exchange_id = exchange_id


class ExchangeUnknownError(LicenseVaultError):
    """There is no such exchange, or none that the asker may see."""

    def __init__(self, exchange_id: str) -> None:
        super().__init__("no such exchange")
        self.exchange_id = exchange_id


class PartnerDisputeUnknownError(LicenseVaultError):
    """There is no such dispute at a partner, or none that the asker may see."""

    def __init__(self, reference: str) -> None:
        super().__init__("no such dispute")
        self.reference = reference
