"""Commands about license types: types check, types list."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.cli.console import DONE, REFUSED, Commands, complain, say, table

if TYPE_CHECKING:
    from license_vault.license_types.catalogue import Catalogue


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    types = commands.add_parser("types", help="证照类型目录 license types")
    group = types.add_subparsers(required=True, metavar="COMMAND")
    check_ = group.add_parser("check", help="检查目录中的每个文件 check every file")
    check_.add_argument("directory", nargs="*", help="目录，缺省为设置中的目录 folders to check")
    check_.set_defaults(run=check)
    list_ = group.add_parser("list", help="列出证照类型 list license types")
    list_.set_defaults(run=list_types)


def check(arguments: argparse.Namespace) -> int:
    """Name every problem of every file, with file and line."""
    from api import wiring

    catalogue = wiring.catalogue_in(arguments.directory) if arguments.directory else _catalogue()
    problems = catalogue.check()
    for problem in problems:
        complain(
            f"{problem.path}:{problem.line}: {problem.code}: {problem.message_zh}",
            f"    {problem.message_en}",
        )
    if problems:
        complain(f"共 {len(problems)} 个问题。", f"{len(problems)} problems.")
        return REFUSED
    count = sum(1 for _ in catalogue.codes())
    say(f"{count} 个证照类型，没有问题。", f"{count} license types, no problem.")
    return DONE


def list_types(_: argparse.Namespace) -> int:
    """List the versions of every license type."""
    catalogue = _catalogue()
    rows = []
    for code in sorted(catalogue.codes()):
        for version in catalogue.versions(code):
            found = catalogue.get(code, version)
            rows.append((code, version, found.state.value, found.name_zh, found.name_en))
    table(("code", "version", "state", "名称", "name"), rows)
    return DONE


def _catalogue() -> Catalogue:
    from api import wiring
    from api.settings import load_settings

    return wiring.catalogue_of(load_settings())
