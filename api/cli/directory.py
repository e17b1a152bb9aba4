"""Commands about reporting to the upper directory (归集): directory status, errors, resend."""

from __future__ import annotations

import argparse

from api.cli.console import DONE, Commands, operator, say, table, whole


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    directory = commands.add_parser("directory", help="归集 reporting to the upper directory")
    group = directory.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("status", help="归集率、合格率、签发率 figures")
    command.set_defaults(run=status)
    command = group.add_parser("errors", help="问题清单 what the directory refused")
    command.add_argument(
        "--limit", type=whole(1, 100_000), default=1000, help="最多几条 at most so many"
    )
    command.set_defaults(run=errors)
    command = group.add_parser("resend", help="更正后重新归集 report corrected licenses again")
    command.add_argument(
        "identifier", nargs="?", help="证照标识；不写则全部 one license; all if left out"
    )
    command.set_defaults(run=resend)


def status(_: argparse.Namespace) -> int:
    """Show how much the directory knows."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.directory.reports import Reports

    with (
        wiring.open_database_of(load_settings()) as database,
        database.reading() as session,
    ):
        found = Reports(session).figures(None, wiring.clock())
    rows = [
        ("to_report", "应归集", str(found.to_report)),
        ("accepted", "已归集", str(found.accepted)),
        ("refused", "被退回", str(found.refused)),
        ("due", "待归集", str(found.due)),
        ("late", "逾期（非当日）", str(found.late)),
        ("collection_rate", "归集率", f"{found.collection_rate:.2%}"),
        ("qualified_rate", "合格率", f"{found.qualified_rate:.2%}"),
        ("first_pass_rate", "一次合格率", f"{found.first_pass_rate:.2%}"),
        ("signing_rate", "签发率", f"{found.signing_rate:.2%}"),
    ]
    table(("figure", "指标", "value"), rows)
    return DONE


def errors(arguments: argparse.Namespace) -> int:
    """Show the work list."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.directory.reports import Reports

    with (
        wiring.open_database_of(load_settings()) as database,
        database.reading() as session,
    ):
        found = Reports(session).refused(None, arguments.limit)
    rows = [
        (one.identifier, error.code, error.member or "-", str(one.refusals))
        for one in found
        for error in one.errors
    ]
    table(("license", "code", "member", "refusals"), rows)
    return DONE


def resend(arguments: argparse.Namespace) -> int:
    """Take licenses off the work list and report them as they are now."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.directory.reports import ReportWriter

    at = wiring.clock()
    with (
        wiring.open_database_of(load_settings()) as database,
        database.writing() as session,
    ):
        count = ReportWriter(session).resend(arguments.identifier, None, at)
        subject = f"license:{arguments.identifier}" if arguments.identifier else "directory"
        details = {"licenses": str(count)}
        AuditWriter(session).append(Act(operator(), "directory.resent", subject, details, at))
    say(f"将重新归集 {count} 件。", f"{count} will be reported again.")
    return DONE
