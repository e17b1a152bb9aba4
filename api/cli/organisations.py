"""Commands about organisations: organisation add, list."""

from __future__ import annotations

import argparse

from api.cli.console import DONE, Commands, say, table
from api.errors import CommandRefusedError


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    organisation = commands.add_parser("organisation", help="机构 organisations")
    group = organisation.add_subparsers(required=True, metavar="COMMAND")
    add_ = group.add_parser("add", help="添加机构 add an organisation")
    add_.add_argument("code", help="统一社会信用代码 USCC, or a department's own code")
    add_.add_argument("name", help="名称 name")
    add_.add_argument("--region", required=True, help="行政区划代码 GB/T 2260, 6 digits")
    add_.add_argument("--below", metavar="CODE", help="上级机构 the organisation above")
    add_.set_defaults(run=add_organisation)
    group.add_parser("list", help="列出机构 list them").set_defaults(run=list_organisations)


def add_organisation(arguments: argparse.Namespace) -> int:
    """Add an organisation below another, or at the root."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.license import IssuingAuthority
    from license_vault.registry.authorities import AuthorityWriter

    if (
        not (arguments.region.isascii() and arguments.region.isdigit())
        or len(arguments.region) != 6
    ):
        raise CommandRefusedError("行政区划代码应为 6 位数字。", "A region has 6 digits.")
    authority = IssuingAuthority(arguments.code, arguments.name, arguments.region)
    with wiring.open_database_of(load_settings()) as database, database.writing() as session:
        AuthorityWriter(session).add(authority, arguments.below, wiring.clock())
    say(f"已添加 {arguments.name}。", f"{arguments.code} is added.")
    return DONE


def list_organisations(_: argparse.Namespace) -> int:
    """List the organisations."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.registry.authorities import Authorities

    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        found = Authorities(session).everyone()
    by_id = {o.row_id: o.code for o in found}
    rows = [(o.code, o.region, by_id.get(o.parent_id or 0, "-"), o.name) for o in found]
    table(("code", "region", "below", "name"), rows)
    return DONE
