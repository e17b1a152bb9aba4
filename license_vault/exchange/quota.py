"""How often a partner may use an operation: so many times a minute, so many times a day.

Windows begin at whole minutes and days (UTC). One row for each window's length; a request counts
also when it is refused afterwards. All SQL about quotas.

Source: draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy); RFC 6585, 4.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from license_vault.database.columns import table_of
from license_vault.database.exchange_tables import ExchangeCountRow
from license_vault.database.sessions import Writing
from license_vault.exchange.errors import ExchangeQuotaError
from license_vault.exchange.services import Quotas

MINUTE, DAY = 60, 86_400
_COUNT = table_of(ExchangeCountRow)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the shortest window: of how many, how many, for how many seconds."""

    limit: int
    window: int
    remaining: int
    reset: int


class QuotaCount:
    """Counts what one partner does with one operation, in a session that its opener commits."""

    def __init__(self, session: Writing, region: str, operation: str) -> None:
        self._session = session
        self._region = region
        self._operation = operation

    def take(self, quotas: Quotas, at: datetime) -> Allowance:
        """Count one use.

        Raises:
            ExchangeQuotaError: a window is used up.
            RowConflictError: the first two uses came at once; try again.
        """
        self._take(DAY, quotas.per_day, at)
        return self._take(MINUTE, quotas.per_minute, at)

    def _take(self, seconds: int, limit: int, at: datetime) -> Allowance:
        began = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
        reset = int((began + timedelta(seconds=seconds) - at).total_seconds())
        mine = (
            _COUNT.c.region == self._region,
            _COUNT.c.operation == self._operation,
            _COUNT.c.seconds == seconds,
        )
        more = update(_COUNT).where(*mine, _COUNT.c.began_at == began, _COUNT.c.used < limit)
        if self._session.change_rows(more.values(used=_COUNT.c.used + 1)) == 0:
            self._begin(seconds, limit, began, reset)
        used = self._session.execute(select(_COUNT.c.used).where(*mine)).scalar_one()
        return Allowance(limit, seconds, max(0, limit - used), reset)

    def _begin(self, seconds: int, limit: int, began: datetime, reset: int) -> None:
        """Begin a window; the one before is over, or there was none."""
        mine = (
            _COUNT.c.region == self._region,
            _COUNT.c.operation == self._operation,
            _COUNT.c.seconds == seconds,
        )
        over = update(_COUNT).where(*mine, _COUNT.c.began_at < began)
        if self._session.change_rows(over.values(began_at=began, used=1)) == 1:
            return
        if self._session.execute(select(_COUNT.c.used).where(*mine)).first() is not None:
            raise ExchangeQuotaError(self._operation, limit, seconds, reset)
        self._session.execute(
            _COUNT.insert().values(
                region=self._region,
                operation=self._operation,
                seconds=seconds,
                began_at=began,
                used=1,
            )
        )
