"""Commands about partner regions: partner list, pull, suspend, resume."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.cli.console import DONE, REFUSED, Commands, complain, operator, say, table

if TYPE_CHECKING:
    from datetime import datetime

    from license_vault.partners.overview import PartnerOverview


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    partner = commands.add_parser("partner", help="伙伴地区 partner regions")
    group = partner.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("list", help="列出各地区及其名单、状态的时效 what we hold of each")
    command.set_defaults(run=show)
    command = group.add_parser("pull", help="立即拉取 pull now")
    command.add_argument("region", help="行政区划代码 GB/T 2260")
    command.set_defaults(run=pull)
    for name, act, text in (
        ("suspend", suspend, "暂停往来 neither call nor answer"),
        ("resume", resume, "恢复往来 call and answer again"),
    ):
        command = group.add_parser(name, help=text)
        command.add_argument("region", help="行政区划代码 GB/T 2260")
        command.set_defaults(run=act)


def show(_: argparse.Namespace) -> int:
    """Show every partner: its list, how long that counts, how old its states are."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.partners.overview import Overview

    at = wiring.clock()
    with (
        wiring.open_database_of(load_settings()) as database,
        database.reading() as session,
    ):
        found = Overview(session).all()
    heads = ("region", "state", "sequence", "hours left", "status age s", "failing", "url")
    table(heads, [_row(one, at) for one in found])
    return DONE


def _row(one: PartnerOverview, at: datetime) -> tuple[str, ...]:
    failing = [f"{state.part}: {state.reason}" for state in one.parts if state.failures]
    sequence = "-" if one.trust_list is None else str(one.trust_list.sequence)
    left, age = one.hours_left(at), one.age_seconds(at)
    return (
        one.partner.region,
        one.partner.state.value,
        sequence,
        "-" if left is None else str(left),
        "-" if age is None else str(age),
        "; ".join(failing) or "-",
        one.partner.url,
    )


def pull(arguments: argparse.Namespace) -> int:
    """Pull everything from one partner now; say which parts failed."""
    from api import wiring
    from api.partner_work import PartnerServices, partner_work
    from api.settings import load_settings

    settings = load_settings()
    with wiring.open_database_of(settings) as database:
        own = wiring.sources_of(settings, database)
        # Countersigning is the node's: it has the keys at hand.
        work = partner_work(settings, PartnerServices(database, own, wiring.clock))
        try:
            failed = work.pull.run_region(arguments.region)
        finally:
            work.close()
    for part, reason in failed.items():
        complain(f"{part} 未取得或未采用 ({reason})。", f"{part} was not pulled: {reason}.")
    if failed:
        return REFUSED
    say(f"{arguments.region} 已是最新。", f"{arguments.region} is up to date.")
    return DONE


def suspend(arguments: argparse.Namespace) -> int:
    """Stop calling and answering a partner."""
    from license_vault.partners.partners import PartnerState

    _set(arguments.region, PartnerState.SUSPENDED.value, "partner.suspended")
    say(f"已暂停与 {arguments.region} 的往来。", f"{arguments.region} is suspended.")
    return DONE


def resume(arguments: argparse.Namespace) -> int:
    """Call and answer a partner again."""
    from license_vault.partners.partners import PartnerState

    _set(arguments.region, PartnerState.ACCEPTED.value, "partner.resumed")
    say(f"已恢复与 {arguments.region} 的往来。", f"{arguments.region} is called again.")
    return DONE


def _set(region: str, state: str, action: str) -> None:
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.partners.partners import PartnerState, PartnerWriter

    at = wiring.clock()
    with (
        wiring.open_database_of(load_settings()) as database,
        database.writing() as session,
    ):
        if PartnerWriter(session).set_state(region, PartnerState(state), at):
            AuditWriter(session).append(Act(operator(), action, f"region:{region}", {}, at))
