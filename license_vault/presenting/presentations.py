"""A holder shows licenses by a code: made, looked at, taken back.

The code has 130 random bits, lives some minutes, and is kept as MAC and under the holder's key
only. What a window gets for it is in ``presenting.resolution``.
"""

from datetime import datetime, timedelta

from license_vault.database.sessions import Reading
from license_vault.errors import (
    LicenseNotFoundError,
)
from license_vault.license import LicenseStatus
from license_vault.license_metadata import printed_values
from license_vault.presenting.errors import (
    PresentationCodeError,
    PresentationInvalidError,
    PresentationUnknownError,
)
from license_vault.presenting.kept import (
    ORDER,
    KeptPresentations,
    Presentation,
    PresentingServices,
    Resolved,
    open_key,
    subject_of,
)
from license_vault.presenting.order import (
    PresentingOrder,
    check_order,
    encoded,
    shown_fields,
)
from license_vault.presenting.presenter import Presenter
from license_vault.presenting.rows import (
    RESOLVED,
    PresentationRecord,
    PresentationRows,
    PresentationWriter,
)
from license_vault.registry.holders import new_handle
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.requests import earlier_answer, remember_answer

_NEVER_SHOWN = (LicenseStatus.ISSUING, LicenseStatus.VOID)
_MOST_LISTED = 100


class Presentations:
    """Makes codes and resolves them; made once, used by all threads."""

    def __init__(self, services: PresentingServices) -> None:
        self._services = services
        self._kept = KeptPresentations(services)
        self._opener = LicenseOpener(services.vault)

    # --- the holder ---

    def make(self, order: PresentingOrder, presenter: Presenter, mark: RequestMark) -> Presentation:
        """Make a code for licenses of a holder and of those the holder may act for.

        Args:
            presenter: who presents, and whose licenses may be shown beside the own.
            mark: the same request gives the same code again, as long as it waits.

        Raises:
            PresentationInvalidError: what is wrong, and where.
            IdempotencyKeyReusedError: the key came with another order before.
        """
        check_order(order)
        services = self._services
        with services.database.writing() as session:
            at = services.clock()
            known = earlier_answer(session, mark)
            if known is not None:
                record = PresentationRows(session).get(known.partition("/")[2])
                return self._kept.opened(session, record, at, replayed=True)
            self._check_licenses(session, order, presenter)
            record, code = self._new(order, presenter, at)
            PresentationWriter(session).add(record, self._kept.code_mac(code))
            remember_answer(session, mark, subject_of(record), at)
            told = {"licenses": str(len(order.licenses)), "minutes": str(order.minutes)}
            self._kept.audit(session, presenter.actor, "presentation.made", record, told)
            return self._kept.opened(session, record, at)

    def show(self, presentation_id: str, presenter: Presenter) -> Presentation:
        """Return one of the holder's presentations.

        Raises:
            PresentationUnknownError: there is none, or it is another holder's.
        """
        with self._services.database.reading() as session:
            record = self._own(session, presentation_id, presenter)
            return self._kept.opened(session, record, self._services.clock())

    def receipt(self, presentation_id: str, presenter: Presenter) -> Resolved:
        """Return the receipt of one of the holder's presentations that was scanned.

        Raises:
            PresentationUnknownError: as ``show``, or it was not scanned.
        """
        with self._services.database.reading() as session:
            record = self._own(session, presentation_id, presenter)
            return self._kept.resolved(session, record, replayed=True)

    def newest(self, presenter: Presenter) -> tuple[Presentation, ...]:
        """Return the holder's newest presentations, at most 100."""
        with self._services.database.reading() as session:
            at = self._services.clock()
            found = PresentationRows(session).of_holder(presenter.holder.row_id, _MOST_LISTED)
            return tuple(self._kept.opened(session, record, at) for record in found)

    def withdraw(self, presentation_id: str, presenter: Presenter) -> Presentation:
        """Take a code back before it is scanned; doing it again changes nothing.

        Raises:
            PresentationUnknownError: as ``show``.
            PresentationCodeError: "used": it was resolved already.
        """
        services = self._services
        with services.database.writing() as session:
            at = services.clock()
            record = self._own(session, presentation_id, presenter)
            if PresentationWriter(session).withdraw(record.row_id, at):
                actor = presenter.actor
                self._kept.audit(session, actor, "presentation.withdrawn", record, {})
            record = PresentationRows(session).get(presentation_id)
            if record.state(at) == RESOLVED:
                raise PresentationCodeError("used")
            return self._kept.opened(session, record, at)

    # --- steps ---

    def _check_licenses(
        self, session: Reading, order: PresentingOrder, presenter: Presenter
    ) -> None:
        """Check that every license may be shown by the presenter and has the fields named."""
        registry = Registry(session)
        for number, identifier in enumerate(order.licenses):
            try:
                record = registry.get(identifier)
            except LicenseNotFoundError as error:
                raise _unknown_license(number) from error
            if record.status in _NEVER_SHOWN or not presenter.may_show(record):
                raise _unknown_license(number)
            content = self._opener.secrets(registry.kept(identifier)).content
            shown_fields(order, identifier, printed_values(content))

    def _new(
        self, order: PresentingOrder, presenter: Presenter, at: datetime
    ) -> tuple[PresentationRecord, str]:
        services = self._services
        code, name = new_handle(services.random_bytes), new_handle(services.random_bytes)
        key = open_key(services.vault, presenter.holder)
        record = PresentationRecord(
            row_id=0,
            presentation_id=name,
            holder_row_id=presenter.holder.row_id,
            made_at=at,
            expires_at=at + timedelta(minutes=order.minutes),
            withdrawn_at=None,
            resolved_at=None,
            resolved_by=None,
            sealed_order=services.vault.encrypt(key.key, name, ORDER, encoded(order, code)),
            sealed_receipt=None,
        )
        return record, code

    def _own(
        self, session: Reading, presentation_id: str, presenter: Presenter
    ) -> PresentationRecord:
        record = PresentationRows(session).get(presentation_id)
        if record.holder_row_id != presenter.holder.row_id:
            raise PresentationUnknownError
        return record


def _unknown_license(number: int) -> PresentationInvalidError:
    return PresentationInvalidError("unknown-license", f"/licenses/{number}")
