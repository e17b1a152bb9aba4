"""What goes wrong outside: in a request, a credential or a setting.

Errors of the packages below are mapped in ``api.problems.table`` and not
repeated here. None of these carries an HTTP status: the table does.
"""

from __future__ import annotations


class ApiError(Exception):
    """Root of what the outermost package raises itself."""


class SettingsRefusedError(ApiError):
    """The settings do not fit together, or are not fit for production."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class StartRefusedError(ApiError):
    """The service will not start: something it promises could not be shown."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh
        self.message_en = message_en


class CommandRefusedError(ApiError):
    """A command of the command line cannot be carried out as asked."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh = message_zh
        self.message_en = message_en


class UnauthenticatedError(ApiError):
    """There is no credential, or one that we do not accept; never says which."""


class TokenRequestInvalidError(ApiError):
    """A token request is not one of RFC 6749, section 4.4."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class ClientRefusedError(ApiError):
    """A token was asked for with credentials that do not count; never says why."""

    def __init__(self) -> None:
        super().__init__("invalid_client")
        self.error = "invalid_client"


class ForbiddenError(ApiError):
    """The caller is known and may not do this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"missing {scope}")
        self.scope = scope


class FormRefusedError(ApiError):
    """A form that was not made for this session, or was sent from elsewhere."""


class RequestInvalidError(ApiError):
    """Something in the request, outside the license's own fields, cannot be used."""

    def __init__(self, pointer: str, code: str, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.pointer = pointer
        self.code = code
        self.message_zh = message_zh
        self.message_en = message_en


class UseMissingError(ApiError):
    """A program or an officer asked for licenses and did not say what for."""


class UseInvalidError(RequestInvalidError):
    """What the header License-Use says cannot be read; the pointer names the member."""


class RequestUnreadableError(ApiError):
    """The body is not the JSON or the form that its route takes."""


class RequestTooLargeError(ApiError):
    """The body is larger than the setting allows."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class MediaTypeNotSupportedError(ApiError):
    """The body has a media type that its route does not take."""


class IdempotencyKeyMissingError(ApiError):
    """A request that changes something came without an Idempotency-Key."""


class FormNotAvailableError(ApiError):
    """The license has no file of the form that the address names."""

    def __init__(self, form: str) -> None:
        super().__init__(f"no form {form}")
        self.form = form


class NotAcceptableError(ApiError):
    """Nothing that there is has a media type that the caller takes."""

    def __init__(self, available: str) -> None:
        super().__init__(f"only {available}")
        self.available = available


class CheckCodeMismatchError(ApiError):
    """No license has this number together with this check code."""


class NumberOfPartnerError(ApiError):
    """The number is of a partner's license, and nobody is logged in who may have it asked."""

    def __init__(self, region: str) -> None:
        super().__init__(f"a number of {region}")
        self.region = region


class PageNotFoundError(ApiError):
    """No route, or nothing that the caller may see, at this address."""


class MethodNotAllowedError(ApiError):
    """The route exists and does not take this method."""


class NotReadyError(ApiError):
    """The service runs, but something it stands on does not answer."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__(", ".join(parts))
        self.parts = parts
