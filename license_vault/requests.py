"""Requests that were answered once, for ever: of everything that is no license.

A license keeps its own (``registry.writing``). What a request made is named by a resource, as
``case/…``; it is remembered in the transaction that makes it, so that either both are there or
none (docs/adr/0018).
"""

from datetime import datetime

from sqlalchemy import bindparam, select

from license_vault.database.columns import table_of
from license_vault.database.lifecycle_tables import AnsweredRequestRow
from license_vault.database.sessions import Reading, Writing
from license_vault.errors import IdempotencyKeyReusedError
from license_vault.registry.writing import RequestMark

_ANSWERED = table_of(AnsweredRequestRow)
_EARLIER = select(_ANSWERED.c.body_sm3, _ANSWERED.c.resource).where(
    _ANSWERED.c.caller == bindparam("caller"), _ANSWERED.c.key_mac == bindparam("key_mac")
)


def earlier_answer(session: Reading, mark: RequestMark) -> str | None:
    """Return the resource that the same request made before, None if it is new.

    Raises:
        IdempotencyKeyReusedError: the key came with another body before.
    """
    values = {"caller": mark.caller, "key_mac": mark.key_mac}
    row = session.execute(_EARLIER, values).first()
    if row is None:
        return None
    if row.body_sm3 != mark.body_sm3:
        raise IdempotencyKeyReusedError("the key came with another body before")
    return str(row.resource)


def remember_answer(session: Writing, mark: RequestMark, resource: str, at: datetime) -> None:
    """Keep for ever which resource a request made.

    Raises:
        RowConflictError: the same request, sent twice at once, was first; ask again.
    """
    session.add_row(
        _ANSWERED,
        caller=mark.caller,
        key_mac=mark.key_mac,
        body_sm3=mark.body_sm3,
        resource=resource,
        answered_at=at,
    )
