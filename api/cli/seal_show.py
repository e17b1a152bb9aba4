"""Commands that look at seals: seal show, export, verify. They change nothing."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli import verify as cli_verify
from api.cli.console import DONE, Commands, say, table
from api.cli.seal_commands import add_code, seal_desk
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from license_vault.database.sessions import Reading
    from license_vault.seals.registry import SealRecord


def add_commands(group: Commands) -> None:
    """Add the commands to the group of seals."""
    command = group.add_parser("show", help="列出印章、授权，或一枚印章的经历 show seals, or one")
    command.add_argument("code", nargs="?", help="印章编码 14-digit seal code")
    command.set_defaults(run=show)
    command = group.add_parser("export", help="导出印章数据 .esl write a seal's data")
    add_code(command)
    command.add_argument("--out", required=True, metavar="ESL", help="写出的文件 file to write")
    command.set_defaults(run=export)
    command = group.add_parser("verify", help="核验印章数据 verify a seal by itself")
    cli_verify.add_arguments(command, "印章数据文件 .esl the seal's data")


def show(arguments: argparse.Namespace) -> int:
    """Show the seals and which authority may set which; or one seal and its life."""
    from license_vault.seals.registry import SealRegistry

    with seal_desk() as desk, desk.services.database.reading() as session:
        registry = SealRegistry(session)
        seals = registry.everyone() if arguments.code is None else (registry.get(arguments.code),)
        table(
            ("seal", "state", "kind", "owner", "name", "certificate ends", "filed as"),
            [_row(record) for record in seals],
        )
        table(
            ("seal", "authority", "type"),
            [(g.seal_code, g.authority_code, g.type_code) for g in registry.grants(arguments.code)],
        )
        if arguments.code is not None:
            _show_life(session, arguments.code)
    return DONE


def _row(record: SealRecord) -> tuple[str, ...]:
    from keys.certificate import read_certificate

    seal = record.seal
    ends = read_certificate(seal.certificate).not_after.date() if seal.certificate else None
    return (
        seal.code,
        record.state.value,
        record.kind.value,
        f"holder {record.holder}" if record.holder else seal.owner_name,
        record.name,
        ends.isoformat() if ends else "-",
        record.cancellation_number or record.filing_number or "-",
    )


def _show_life(session: Reading, code: str) -> None:
    """Print what the audit holds of a seal, refusals too."""
    from license_vault.audit import AuditTrail

    rows = [
        (
            entry.act.recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            entry.act.action,
            entry.act.actor,
            " ".join(f"{name}={value}" for name, value in sorted(entry.act.details.items())),
        )
        for entry in AuditTrail(session).of_subject(code)
    ]
    table(("at", "act", "by", "details"), rows)


def export(arguments: argparse.Namespace) -> int:
    """Write the data of a seal as it was made (SESeal, DER)."""
    from license_vault.seals.holder_seals import HolderSeals
    from license_vault.seals.registry import SealRegistry

    with seal_desk() as desk, desk.services.database.reading() as session:
        record = SealRegistry(session).get(arguments.code)
        ses = HolderSeals(session, desk.services.vault).whole(record).seal.ses
    if not ses:
        raise CommandRefusedError("印章尚未制作。", "The seal has not been made.")
    try:
        with Path(arguments.out).open("xb") as file:
            file.write(ses)
    except OSError as error:
        raise CommandRefusedError(
            f"无法写入 {arguments.out}。", f"{arguments.out} cannot be written."
        ) from error
    say(f"印章数据已写入 {arguments.out}。", f"The seal's data is in {arguments.out}.")
    return DONE
