"""Commands about the issue log (签发日志): log show, prove, check.

``log check`` needs no database, no key and no network: it holds a proof of existence together.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import DONE, REFUSED, Commands, complain, say, table

if TYPE_CHECKING:
    from license_vault.issue_log.checkpoints import KeptCheckpoint
    from signing.issue_proof import IssueProof


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    log = commands.add_parser("log", help="签发日志 the issue log")
    group = log.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("show", help="各地区日志 how large each log is")
    command.set_defaults(run=show)
    command = group.add_parser("prove", help="导出存在证明 write the proof of a license")
    command.add_argument("identifier", help="证照标识 of which license")
    command.add_argument("--out", metavar="FILE", help="存为文件；不写则输出 where to; else shown")
    command.set_defaults(run=prove)
    command = group.add_parser("check", help="检查存在证明 check a proof by itself")
    command.add_argument("proof", metavar="FILE", help="存在证明文件 the proof")
    command.set_defaults(run=check)


def show(_: argparse.Namespace) -> int:
    """Show the newest checkpoint kept of every region, and what contradicted."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.issue_log.checkpoints import Checkpoints, regions_kept

    settings = load_settings()
    with wiring.open_database_of(settings) as database, database.reading() as session:
        rows = []
        for region in regions_kept(session):
            kept = Checkpoints(session, region)
            newest = kept.newest()
            ours = "own" if region == settings.region.code else "mirror"
            if newest is not None:
                seen = ",".join(kept.witnesses_since(newest.size)) or "-"
                rows.append((region, ours, *_told(newest), seen, str(len(kept.alarms()))))
    table(("region", "kept as", "size", "time", "root", "countersigned", "alarms"), rows)
    return DONE


def _told(newest: KeptCheckpoint) -> tuple[str, str, str]:
    return str(newest.size), f"{newest.last_at:%Y-%m-%dT%H:%M:%SZ}", newest.root.hex()


def prove(arguments: argparse.Namespace) -> int:
    """Write the proof of existence of a license."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.issue_log.own_log import IssueLogReader
    from license_vault.registry.registry import Registry
    from signing.issue_proof import write_proof

    settings = load_settings()
    with wiring.open_database_of(settings) as database:
        with database.reading() as session:
            content_id = Registry(session).get(arguments.identifier).content_id
        proof = IssueLogReader(database, settings.region.code).proof_of(content_id)
    data = write_proof(proof)
    if arguments.out is None:
        sys.stdout.write(data.decode() + "\n")
        return DONE
    Path(arguments.out).write_bytes(data)
    say(f"存在证明已存为 {arguments.out}", f"the proof is written to {arguments.out}")
    return DONE


def check(arguments: argparse.Namespace) -> int:
    """Say whether the parts of a proof fit; whose signatures they are, ``verify`` tells."""
    from signing.errors import MalformedIssueLogError
    from signing.issue_proof import read_proof

    try:
        proof = read_proof(Path(arguments.proof).read_bytes())
    except OSError as error:
        complain("无法读取文件。", f"The file cannot be read: {error.strerror}")
        return REFUSED
    except MalformedIssueLogError as error:
        complain("不是存在证明。", f"This is no proof of existence: {error.code}")
        return REFUSED
    problem = proof.contradiction() or _signature_problem(proof)
    if problem is not None:
        complain(f"证明自相矛盾（{problem}）。", f"The proof contradicts itself: {problem}")
        return REFUSED
    table(("member", "value"), _members(proof))
    return DONE


def _signature_problem(proof: IssueProof) -> str | None:
    seen = [proof.holding, *([] if proof.before is None else [proof.before])]
    signed = [part.checkpoint.signed for part in seen]
    signed += [one.signed for part in seen for one in part.countersignatures]
    return None if all(value.signature_holds for value in signed) else "signature-invalid"


def _members(proof: IssueProof) -> list[tuple[str, str]]:
    held = proof.holding.checkpoint.content
    before = None if proof.before is None else proof.before.checkpoint.content
    witnesses = [one.content.witness for one in proof.holding.countersignatures]
    return [
        ("content_id", proof.content_id),
        ("region", held.region),
        ("index", str(proof.index)),
        ("size", str(held.size)),
        ("root", held.root.hex()),
        ("appeared", f"{held.issued_at:%Y-%m-%dT%H:%M:%SZ}"),
        ("not yet at", "-" if before is None else f"{before.issued_at:%Y-%m-%dT%H:%M:%SZ}"),
        ("countersigned", ",".join(witnesses) or "-"),
    ]
