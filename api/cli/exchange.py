"""Commands about the exchange with partner regions: organisations, what was exchanged, retries."""

from __future__ import annotations

import argparse

from api.cli.console import DONE, Commands, operator, say, table, tell_program, whole


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    exchange = commands.add_parser("exchange", help="地区间交换 exchange with partner regions")
    group = exchange.add_subparsers(required=True, metavar="COMMAND")
    organisation = group.add_parser(
        "organisation", help="伙伴地区的用证机构 who may be granted use"
    )
    steps = organisation.add_subparsers(required=True, metavar="COMMAND")
    add_ = steps.add_parser("add", help="登记 make one known")
    add_.add_argument("region", help="伙伴地区代码 the partner's code, as 320000")
    add_.add_argument("code", help="该机构在当地的代码 its code at home")
    add_.add_argument("name", help="名称 name")
    add_.add_argument("--below", required=True, help="由本地哪个机构联系 own organisation above it")
    add_.set_defaults(run=add_organisation)
    list_ = steps.add_parser("list", help="列出 list them")
    list_.add_argument("region")
    list_.set_defaults(run=list_organisations)
    shown = group.add_parser("list", help="列出交换记录 list what was exchanged")
    shown.add_argument("--limit", type=whole(1, 100_000), default=20)
    shown.add_argument("--json", action="store_true", help="输出 JSON print JSON")
    shown.set_defaults(run=list_exchanges)
    run_ = group.add_parser("run", help="立即重试异议往来 make the tries of disputes that are due")
    run_.set_defaults(run=run)


def add_organisation(arguments: argparse.Namespace) -> int:
    """Make an organisation of a partner known, so that it may be granted the use of licenses."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.exchange.organisations import PartnerOrganisations
    from license_vault.license import IssuingAuthority
    from license_vault.partners.partners import Partners

    settings, at = load_settings(), wiring.clock()
    found = IssuingAuthority(arguments.code, arguments.name, arguments.region)
    with wiring.open_database_of(settings) as database, database.writing() as session:
        Partners(session).get(arguments.region)
        code = PartnerOrganisations(session).add(
            arguments.region, found, arguments.below, operator(), at
        )
    say(f"已登记：{code}。", f"It is known here as {code}.")
    return DONE


def list_organisations(arguments: argparse.Namespace) -> int:
    """List the organisations of a partner that are known here."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.exchange.organisations import PartnerOrganisations

    settings = load_settings()
    with wiring.open_database_of(settings) as database, database.writing() as session:
        found = PartnerOrganisations(session).of_region(arguments.region)
    table(("organisation", "name"), [(one.code, one.name) for one in found])
    return DONE


def list_exchanges(arguments: argparse.Namespace) -> int:
    """List the newest exchanges, both ways; never what was said."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.exchange.rows import Exchanges

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.reading() as session:
        exchanges = Exchanges(session, keys, wiring.vault_of(settings, keys))
        found = exchanges.page(None, arguments.limit)
    head = ("began_at", "direction", "region", "operation", "organisation", "state", "outcome")
    described = [
        {
            "exchange_id": one.exchange_id,
            "began_at": one.began_at.isoformat(),
            "direction": one.direction,
            "region": one.region,
            "operation": one.operation,
            "organisation": one.organisation,
            "state": one.state,
            "outcome": one.outcome or "",
        }
        for one in found
    ]
    if arguments.json:
        tell_program(described)
    else:
        table(head, [[one[column] for column in head] for one in described])
    return DONE


def run(arguments: argparse.Namespace) -> int:
    """Make the tries of disputes and answers that are due, once."""
    from api import node_wiring
    from api.settings import load_settings

    del arguments
    services = node_wiring.wire(load_settings())
    try:
        made = services.exchange.disputes.run()
    finally:
        services.close()
    say(f"已尝试 {made} 件。", f"{made} tries were made.")
    return DONE
