"""Commands about kiosks and window devices: device add, revoke, list.

With ``--json`` what is printed is for a program; a secret is told once either way.
"""

from __future__ import annotations

import argparse

from api.cli.console import DONE, Commands, operator, say, table, tell_program


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    device = commands.add_parser("device", help="自助终端与窗口设备 kiosks and window devices")
    group = device.add_subparsers(required=True, metavar="COMMAND")
    add_ = group.add_parser("add", help="添加设备 add a device; its secret is told once")
    add_.add_argument("name", help="名称，如 政务大厅 3 号机 name")
    add_.add_argument("--organisation", required=True, help="所属机构代码 its organisation")
    add_.add_argument("--json", action="store_true", help="输出 JSON print JSON")
    add_.set_defaults(run=add)
    revoke_ = group.add_parser("revoke", help="吊销设备凭证 shut a device out, at once")
    revoke_.add_argument("device_id")
    revoke_.set_defaults(run=revoke)
    list_ = group.add_parser("list", help="列出设备 list them")
    list_.add_argument("--json", action="store_true", help="输出 JSON print JSON")
    list_.set_defaults(run=list_devices)


def add(arguments: argparse.Namespace) -> int:
    """Add a device; print its id and its secret, which is not kept."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.presenting.devices import DeviceWriter

    settings = load_settings()
    keys, at = wiring.keys_of(settings), wiring.clock()
    with wiring.open_database_of(settings) as database, database.writing() as session:
        writer = DeviceWriter(session, keys, wiring.random_bytes)
        made = writer.add(arguments.organisation, arguments.name, at)
        told = {"organisation": arguments.organisation}
        subject = f"device:{made.device_id}"
        AuditWriter(session).append(Act(operator(), "device.added", subject, told, at))
    if arguments.json:
        tell_program({"device_id": made.device_id, "device_secret": made.secret})
    else:
        table(("device_id", "device_secret"), [(made.device_id, made.secret)])
    return DONE


def revoke(arguments: argparse.Namespace) -> int:
    """Shut a device out, with every token it holds."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.presenting.devices import DeviceWriter

    settings = load_settings()
    keys, at = wiring.keys_of(settings), wiring.clock()
    with wiring.open_database_of(settings) as database, database.writing() as session:
        if DeviceWriter(session, keys, wiring.random_bytes).revoke(arguments.device_id, at):
            subject = f"device:{arguments.device_id}"
            AuditWriter(session).append(Act(operator(), "device.revoked", subject, {}, at))
    say("设备凭证已吊销。", "The device is shut out.")
    return DONE


def list_devices(arguments: argparse.Namespace) -> int:
    """List the devices; never a secret."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.presenting.devices import Devices

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.reading() as session:
        described = [
            {
                "device_id": device.device_id,
                "organisation": device.organisation_code,
                "state": "active" if device.revoked_at is None else "revoked",
                "name": device.name,
            }
            for device in Devices(session, keys).everyone()
        ]
    if arguments.json:
        tell_program(described)
    else:
        head = ("device_id", "organisation", "state", "name")
        table(head, [[device[column] for column in head] for device in described])
    return DONE
