"""Commands about access to licenses: access list, grant, refuse, revoke. For the operators."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, operator, say, table, whole

if TYPE_CHECKING:
    from license_vault.access.requests import AccessRequest, AccessRequestWriter

    Decide = Callable[[AccessRequestWriter, AccessRequest, str], None]


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    access = commands.add_parser("access", help="用证授权 who may use which licenses for what")
    group = access.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("list", help="列出申请与授权 list requests and grants")
    command.add_argument(
        "--limit", type=whole(1, 100_000), default=100, help="最多几条 at most so many"
    )
    command.set_defaults(run=list_)
    command = group.add_parser("grant", help="同意 grant a request")
    command.add_argument("number", help="申请编号 its number")
    command.add_argument(
        "--until", required=True, type=date.fromisoformat, help="截止日（含） its last day"
    )
    command.set_defaults(run=grant)
    for name, run, text in (
        ("refuse", refuse, "不同意 refuse a request"),
        ("revoke", revoke, "收回 take a grant back"),
    ):
        command = group.add_parser(name, help=text)
        command.add_argument("number", help="申请编号 its number")
        command.set_defaults(run=run)


def list_(arguments: argparse.Namespace) -> int:
    """List requests and what became of them, the newest first."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.access.requests import AccessRequests

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.reading() as session:
        found = AccessRequests(session, keys, wiring.clock()).seen_by(None, arguments.limit)
    rows = [
        (
            one.number,
            one.state.value,
            one.consumer_code,
            one.wish.item_code,
            one.wish.type_code,
            one.expires_at.isoformat() if one.expires_at else "-",
            one.wish.purpose,
        )
        for one in found
    ]
    table(("number", "state", "consumer", "item", "type", "expires", "purpose"), rows)
    return DONE


def grant(arguments: argparse.Namespace) -> int:
    """Grant a request until the end of a day."""
    _decide(
        arguments.number, "access.granted", lambda w, one, by: w.grant(one, arguments.until, by)
    )
    say("已授权。", "Granted.")
    return DONE


def refuse(arguments: argparse.Namespace) -> int:
    """Refuse a request."""
    _decide(arguments.number, "access.refused", lambda w, one, by: w.refuse(one, by))
    say("未同意。", "Refused.")
    return DONE


def revoke(arguments: argparse.Namespace) -> int:
    """Take a grant back; the next use is refused."""
    _decide(arguments.number, "access.revoked", lambda w, one, by: w.revoke(one, by))
    say("授权已收回。", "The grant is taken back.")
    return DONE


def _decide(number: str, action: str, decide: Decide) -> None:
    from api import wiring
    from api.settings import load_settings
    from license_vault.access.requests import AccessRequestWriter
    from license_vault.audit import Act, AuditWriter
    from license_vault.refusals import Attempt, refusals_recorded

    settings = load_settings()
    keys, by, at = wiring.keys_of(settings), operator(), wiring.clock()
    subject = f"access-request:{number[:64]}"
    with (
        wiring.open_database_of(settings) as database,
        refusals_recorded(database, Attempt(by, action, subject), wiring.clock),
        database.writing() as session,
    ):
        writer = AccessRequestWriter(session, keys, at)
        found = writer.get(number, None)
        decide(writer, found, by)
        details = {"consumer": found.consumer_code, "type": found.wish.type_code}
        AuditWriter(session).append(Act(by, action, subject, details, at))
