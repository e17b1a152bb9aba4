"""Commands about who may call: organisation add|list, client add|disable|list."""

from __future__ import annotations

import argparse

from api.console import DONE, Commands, say, table
from api.errors import CommandRefusedError, TokenRequestInvalidError


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
    _add_client_commands(commands)


def _add_client_commands(commands: Commands) -> None:
    client = commands.add_parser("client", help="接入的业务系统 API clients")
    group = client.add_subparsers(required=True, metavar="COMMAND")
    add_ = group.add_parser("add", help="添加客户端 add a client; its secret is told once")
    add_.add_argument("name", help="名称 name")
    add_.add_argument("--organisation", required=True, help="所属机构代码 its organisation")
    add_.add_argument(
        "--scope",
        action="append",
        default=[],
        help="权限，可多次 such as licenses:issue:TYPE, licenses:read:*; may be repeated",
    )
    add_.set_defaults(run=add_client)
    disable_ = group.add_parser("disable", help="停用客户端 shut a client out")
    disable_.add_argument("client_id")
    disable_.set_defaults(run=disable_client)


def add_organisation(arguments: argparse.Namespace) -> int:
    """Add an organisation below another, or at the root."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.authorities import AuthorityWriter
    from license_vault.license import IssuingAuthority

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
    from license_vault.authorities import Authorities

    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        found = Authorities(session).everyone()
    by_id = {o.row_id: o.code for o in found}
    rows = [(o.code, o.region, by_id.get(o.parent_id or 0, "-"), o.name) for o in found]
    table(("code", "region", "below", "name"), rows)
    return DONE


def add_client(arguments: argparse.Namespace) -> int:
    """Add a client; print its id and its secret, which is not kept."""
    from api import wiring
    from api.authentication import read_scopes
    from api.settings import load_settings
    from license_vault.api_clients import ApiClientWriter

    try:
        scopes = read_scopes(" ".join(arguments.scope))
    except TokenRequestInvalidError as error:
        raise CommandRefusedError("没有这样的权限。", "There is no such scope.") from error
    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.writing() as session:
        writer = ApiClientWriter(session, keys, wiring.random_bytes)
        client = writer.add(arguments.organisation, arguments.name, scopes, wiring.clock())
    table(("client_id", "client_secret"), [(client.client_id, client.secret)])
    return DONE


def disable_client(arguments: argparse.Namespace) -> int:
    """Shut a client out, with every token it holds."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.api_clients import ApiClientWriter

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.writing() as session:
        writer = ApiClientWriter(session, keys, wiring.random_bytes)
        writer.disable(arguments.client_id, wiring.clock())
    say("客户端已停用。", "The client is disabled.")
    return DONE
