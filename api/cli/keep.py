"""Commands that keep a node in order: reconcile, fsck, audit verify."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from api.cli.console import DONE, REFUSED, Commands, complain, say, table, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from license_vault.fsck.rows import Violation


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    reconcile_ = commands.add_parser(
        "reconcile", help="完成中断的制证 finish what a crash left unfinished"
    )
    reconcile_.add_argument(
        "--older-than",
        type=whole(0, 10**9),
        metavar="SECONDS",
        help="只处理多久无人办理的 idle for so long",
    )
    reconcile_.set_defaults(run=reconcile)
    commands.add_parser(
        "fsck", help="核对数据库、文件与审计链 check rows, objects and the audit chain"
    ).set_defaults(run=fsck)
    audit = commands.add_parser("audit", help="审计 the audit chain")
    group = audit.add_subparsers(required=True, metavar="COMMAND")
    group.add_parser("verify", help="验证审计链 verify the chain").set_defaults(run=audit_verify)


def reconcile(arguments: argparse.Namespace) -> int:
    """Finish every license that nobody is at work on; safe at any time, on any node."""
    from api import wiring
    from api.node_wiring import issuance_of
    from api.settings import load_settings
    from license_vault.issuing.reconciliation import reconcile as reconcile_all

    settings = load_settings()
    older = None if arguments.older_than is None else timedelta(seconds=arguments.older_than)
    with wiring.open_database_of(settings) as database:
        keys = wiring.keys_of(settings)
        vault, timestamper = wiring.vault_of(settings, keys), wiring.timestamper_of(settings, keys)
        issuance = issuance_of(settings, database, keys, vault, timestamper)
        done = reconcile_all(issuance, older)
    rows = [(i, "finished") for i in done.finished] + [(i, "void") for i in done.void]
    table(("identifier", "outcome"), rows + [(i, f"left: {why}") for i, why in done.left])
    say(
        f"完成 {len(done.finished)}，作废 {len(done.void)}，未完 {len(done.left)}。",
        f"{len(done.finished)} finished, {len(done.void)} void, {len(done.left)} left.",
    )
    return REFUSED if done.left else DONE


def fsck(_: argparse.Namespace) -> int:
    """Prove that rows, objects, audit chain and numbers agree; name what does not."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.fsck.fsck import Fsck, FsckServices

    settings = load_settings()
    keys = wiring.keys_of(settings)
    vault, store = wiring.vault_of(settings, keys), wiring.store_of(settings)
    with wiring.open_database_of(settings) as database:
        services = FsckServices(database, store, vault, keys, wiring.clock)
        return _report(Fsck(services).run())


def audit_verify(_: argparse.Namespace) -> int:
    """Verify that no entry of the audit chain was changed, removed or put in."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.fsck.fsck import check_audit

    with wiring.open_database_of(load_settings()) as database:
        return _report(check_audit(database))


def _report(violations: Iterable[Violation]) -> int:
    count = 0
    for violation in violations:
        count += 1
        sys.stdout.write(f"{violation}\n")
    if count:
        complain(f"发现 {count} 处不一致。", f"Violations: {count}.")
        return REFUSED
    say("全部一致。", "Everything agrees.")
    return DONE
