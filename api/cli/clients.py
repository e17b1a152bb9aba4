"""Commands about the programs that may call: client add, disable, list.

With ``--json`` what is printed is for a program; a secret is told once either way.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, say, table, tell_program
from api.errors import CommandRefusedError, TokenRequestInvalidError

if TYPE_CHECKING:
    from license_vault.api_clients import ClientRecord


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
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
    add_.add_argument("--json", action="store_true", help="输出 JSON print JSON")
    add_.set_defaults(run=add)
    disable_ = group.add_parser("disable", help="停用客户端 shut a client out")
    disable_.add_argument("client_id")
    disable_.set_defaults(run=disable)
    list_ = group.add_parser("list", help="列出客户端 list them")
    list_.add_argument("--json", action="store_true", help="输出 JSON print JSON")
    list_.set_defaults(run=list_clients)


def add(arguments: argparse.Namespace) -> int:
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
    if arguments.json:
        tell_program({"client_id": client.client_id, "client_secret": client.secret})
    else:
        table(("client_id", "client_secret"), [(client.client_id, client.secret)])
    return DONE


def disable(arguments: argparse.Namespace) -> int:
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


def list_clients(arguments: argparse.Namespace) -> int:
    """List the clients with what they may do; never a secret."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.api_clients import ApiClients

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.reading() as session:
        described = [_described(client) for client in ApiClients(session, keys).everyone()]
    if arguments.json:
        tell_program(described)
    else:
        head = ("client_id", "organisation", "state", "scope", "name")
        table(head, [[client[column] for column in head] for client in described])
    return DONE


def _described(client: ClientRecord) -> dict[str, str]:
    from api.authentication import scope_text

    return {
        "client_id": client.client_id,
        "name": client.name,
        "organisation": client.organisation_code,
        "scope": scope_text(client.scopes),
        "state": "disabled" if client.disabled else "active",
    }
