"""``license-vault trust-bundle export``: what partners need to verify offline, in one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from api.console import DONE, Commands, say


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    bundle = commands.add_parser("trust-bundle", help="信任包 the trust bundle")
    group = bundle.add_subparsers(required=True, metavar="COMMAND")
    export_ = group.add_parser("export", help="写出信任包 write it to a file")
    export_.add_argument("file", metavar="FILE", help="文件，已有则替换 replaced if it is there")
    export_.set_defaults(run=export)


def export(arguments: argparse.Namespace) -> int:
    """Write the bundle as of now, status lists published anew where states have changed."""
    from api import wiring
    from api.publishing import current_bundle
    from api.settings import load_settings
    from signing.trust_bundle import write_trust_bundle

    settings = load_settings()
    with wiring.open_database_of(settings) as database:
        status = wiring.status_publisher_of(settings, database, wiring.keys_of(settings))
        bundle = current_bundle(database, status, settings.region.code, wiring.clock())
    path = Path(arguments.file)
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(write_trust_bundle(bundle))
    aside.replace(path)
    say(
        f"信任包已写入 {path}：{len(bundle.authorities)} 个机关，"
        f"{len(bundle.status_lists)} 份状态列表。",
        f"The trust bundle is in {path}: {len(bundle.authorities)} authorities, "
        f"{len(bundle.status_lists)} status lists.",
    )
    return DONE
