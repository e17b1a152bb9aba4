"""Looking at rows as an import would, without writing anything: ``import --dry-run``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from license_vault.bulk.outcomes import Ending, RowOutcome
from license_vault.bulk.row_issuing import issue_body
from license_vault.bulk.rows import InputRow, read_rows
from license_vault.bulk.working import refused
from license_vault.clock import civil_date
from license_vault.issuing.license_request import read_request
from license_vault.issuing.plan import ISSUE
from license_vault.registry.authorities import Authorities

if TYPE_CHECKING:
    from api.services import Services
    from license_vault.api_clients import Caller
    from license_vault.bulk.staging import JobOrder

_OF_FILES = ("file", "identifier")


def check_rows(
    services: Services, stream: BinaryIO, order: JobOrder, caller: Caller
) -> tuple[Callable[[], int], Iterator[dict[str, Any]]]:
    """Return how many rows are good so far, and the rows that are not, one after the other.

    Values, types, rights and authorities are checked; numbers in force, seals and files are not.
    """
    good = [0]

    def check() -> Iterator[dict[str, Any]]:
        for row in read_rows(stream, order.layout):
            outcome = _check(services, row, order, caller)
            if outcome is None:
                good[0] += 1
            else:
                yield outcome.to_json()

    return lambda: good[0], check()


def _check(services: Services, row: InputRow, order: JobOrder, caller: Caller) -> RowOutcome | None:
    if row.body is None:
        return RowOutcome(row.number, Ending.BAD, code=row.problem or "")
    body = {name: value for name, value in row.body.items() if name not in _OF_FILES}
    try:
        request = read_request(
            issue_body(order.defaults, body),
            services.catalogue.for_issuing,
            civil_date(services.clock()),
        )
        caller.require(ISSUE, request.type_code)
        with services.database.reading() as session:
            Authorities(session).within(request.authority_code, caller.organisation_code)
    except Exception as error:
        return refused(row.number, row.body, error)
    return None
