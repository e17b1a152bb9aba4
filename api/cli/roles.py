"""Commands about who does what with seals: role add, remove, show."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, operator, say, table
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from license_vault.seals.roles import SealRoleWriter

    Change = Callable[[SealRoleWriter, str, datetime], bool]


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    role = commands.add_parser("role", help="印章岗位 roles with seals; one person, one role")
    group = role.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("add", help="授予岗位 give a role")
    command.add_argument("person", help="人员标识，即登录令牌的 sub who, as tokens name them")
    command.add_argument(
        "role", choices=("manage", "use", "audit"), help="管理、使用、审计 what they do"
    )
    command.set_defaults(run=add)
    command = group.add_parser("remove", help="收回岗位 take a role back")
    command.add_argument("person", help="人员标识 who")
    command.set_defaults(run=remove)
    command = group.add_parser("show", help="列出岗位 show who has which role")
    command.set_defaults(run=show)


def add(arguments: argparse.Namespace) -> int:
    """Give a person a role; at most one each."""
    from license_vault.seals.roles import SealRole

    role = SealRole(arguments.role)
    details = {"role": role.value}
    _change("seal-role.given", arguments.person, details, lambda w, by, at: w.give(
        arguments.person, role, by, at
    ))  # fmt: skip
    say("岗位已授予。", "The role is given.")
    return DONE


def remove(arguments: argparse.Namespace) -> int:
    """Take a person's role back."""
    changed = _change(
        "seal-role.withdrawn",
        arguments.person,
        {},
        lambda writer, by, at: writer.withdraw(arguments.person, by, at),
    )
    if not changed:
        raise CommandRefusedError("此人没有岗位。", "This person has no role.")
    say("岗位已收回。", "The role is withdrawn.")
    return DONE


def show(_: argparse.Namespace) -> int:
    """Show who has which role."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.seals.roles import SealRoles

    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        found = SealRoles(session).everyone()
    rows = [(r.person, r.role.value, r.given_at.date().isoformat()) for r in found]
    table(("person", "role", "since"), rows)
    return DONE


def _change(action: str, person: str, details: dict[str, str], change: Change) -> bool:
    """Change a role; the change and its audit entry are one, a refusal is in the audit too."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.refusals import Attempt, refusals_recorded
    from license_vault.seals.roles import SealRoleWriter

    by, clock = operator(), wiring.clock
    attempt = Attempt(by, action, f"person:{person[:128]}", details)
    with (
        wiring.open_database_of(load_settings()) as database,
        refusals_recorded(database, attempt, clock),
        database.writing() as session,
    ):
        changed = change(SealRoleWriter(session), by, clock())
        if changed:
            AuditWriter(session).append(Act(by, action, attempt.subject, details, clock()))
    return changed
