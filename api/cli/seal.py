"""Commands about the life of a seal: seal apply, approve, reject, request, make, file, and so on.

Each says who acts (``--by``), who must have the role manage; what is refused is in the audit.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.cli import seal_show as cli_seal_show
from api.cli.console import DONE, Commands, Parser, Run, read_text, say, write_new
from api.cli.seal_commands import (
    add_code,
    add_person,
    add_picture,
    names_a_picture,
    person,
    picture,
    seal_desk,
)
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from api.cli.seal_commands import SealDesk
    from license_vault.seals.registry import SealRecord

_KINDS = ("official", "finance", "invoice", "contract", "representative", "special", "personal")


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    seal = commands.add_parser("seal", help="电子印章 seals")
    group = seal.add_subparsers(required=True, metavar="COMMAND")
    _add_apply(group)
    _add_decisions(group)
    _add_making(group)
    _add_use(group)
    _add_grants(group)
    cli_seal_show.add_commands(group)


def _add(group: Commands, name: str, run: Run, text: str) -> Parser:
    command = group.add_parser(name, help=text)
    add_code(command)
    add_person(command)
    command.set_defaults(run=run)
    return command


def _add_apply(group: Commands) -> None:
    command = _add(group, "apply", apply, "申请印章 apply for a seal")
    command.add_argument(
        "--owner", required=True, help="所属（或代管）机构代码 owner's code (USCC)"
    )
    command.add_argument("--holder", metavar="HANDLE", help="持证主体句柄 a holder's own seal")
    command.add_argument("--holder-name", default="", help="持证主体名称 the holder's name")
    command.add_argument("--kind", choices=_KINDS, default="special", help="印章类型 kind")
    command.add_argument("--name", help="印章名称 name of the seal")
    command.add_argument("--basis", required=True, help="依据 basis; no personal data")
    add_picture(command)


def _add_decisions(group: Commands) -> None:
    for name, run, text in (
        ("approve", approve, "批准申请 approve an application"),
        ("reject", reject, "不予批准 reject an application"),
        ("suspend", suspend, "停用 suspend"),
        ("resume", resume, "恢复 take up again"),
    ):
        command = _add(group, name, run, text)
        command.add_argument("--basis", required=True, help="依据 basis; no personal data")


def _add_making(group: Commands) -> None:
    command = _add(group, "request", request, "生成密钥与证书请求 make a key and a CSR")
    command.add_argument("--out", required=True, metavar="CSR", help="写出的文件 file to write")
    command.add_argument("--new-key", action="store_true", help="另生成新密钥 make another key")
    command = _add(group, "make", make, "制作印章 make the seal with its certificate chain")
    command.add_argument("chain", metavar="CHAIN", help="证书链 PEM, the certificate first")
    command = _add(group, "remake", remake, "要求重新制作 order that it be made anew")
    command.add_argument("--basis", required=True, help="依据 basis; no personal data")
    command.add_argument("--name", help="新的印章名称 another name")
    add_picture(command)


def _add_use(group: Commands) -> None:
    command = _add(group, "file", file, "登记备案号 record that it was filed")
    command.add_argument("--number", required=True, help="备案号 its number")
    command = _add(group, "cancel", cancel, "注销 cancel for good")
    command.add_argument("--number", required=True, help="注销备案号 its number")
    command.add_argument("--basis", required=True, help="依据 basis; no personal data")


def _add_grants(group: Commands) -> None:
    for name, run, text in (
        ("grant", grant, "授权用印 let a seal be set for licenses of a type"),
        ("withdraw", withdraw, "收回授权 take a grant back"),
    ):
        command = _add(group, name, run, text)
        command.add_argument("--authority", required=True, help="发证机关代码 issuing authority")
        command.add_argument(
            "--type",
            default="*",
            help="证照类型代码；* 为全部类型；documents 为一般文件 type, * or documents",
        )


def apply(arguments: argparse.Namespace) -> int:
    """Apply for a seal."""
    from license_vault.registry.authorities import Authorities
    from license_vault.seals.applications import SealApplication, SealOwner
    from license_vault.seals.life import SealKind

    with seal_desk() as desk:
        with desk.services.database.reading() as session:
            owner = Authorities(session).get(arguments.owner)
        named = arguments.holder_name or owner.name
        application = SealApplication(
            code=arguments.code,
            kind=SealKind(arguments.kind),
            owner=SealOwner(owner.code, arguments.holder, arguments.holder_name),
            name=arguments.name or f"{named}{arguments.lower}",
            picture=picture(arguments, named),
            basis=arguments.basis,
        )
        return _told(desk.office.apply(application, person(arguments)))


def approve(arguments: argparse.Namespace) -> int:
    """Approve an application; not who applied."""
    with seal_desk() as desk:
        record = desk.office.approve(arguments.code, arguments.basis, person(arguments))
    return _told(record)


def reject(arguments: argparse.Namespace) -> int:
    """Reject an application; not who applied."""
    with seal_desk() as desk:
        record = desk.office.reject(arguments.code, arguments.basis, person(arguments))
    return _told(record)


def request(arguments: argparse.Namespace) -> int:
    """Make the seal's key, if it is not there, and a request for its certificate."""
    from api.pem import REQUEST, to_pem

    with seal_desk() as desk:
        der = _request(desk, arguments)
    write_new(arguments.out, to_pem(REQUEST, (der,)))
    say(f"证书请求已写入 {arguments.out}。", f"The request is in {arguments.out}.")
    return DONE


def _request(desk: SealDesk, arguments: argparse.Namespace) -> bytes:
    ask = desk.workshop.request_with_new_key if arguments.new_key else desk.workshop.request
    return ask(arguments.code, person(arguments))


def make(arguments: argparse.Namespace) -> int:
    """Make the seal with a certificate chain issued elsewhere, after it was checked."""
    from api.pem import CERTIFICATE, from_pem

    chain = from_pem(CERTIFICATE, read_text(arguments.chain))
    with seal_desk() as desk:
        return _told(desk.workshop.make(arguments.code, chain, person(arguments)))


def remake(arguments: argparse.Namespace) -> int:
    """Order that a seal be made anew; it cannot be set until it is made and filed."""
    from license_vault.seals.office import RemakeOrder
    from license_vault.seals.registry import SealRegistry

    with seal_desk() as desk:
        changed = None
        if names_a_picture(arguments):
            with desk.services.database.reading() as session:
                owner = SealRegistry(session).get(arguments.code).seal.owner_name
            changed = picture(arguments, owner)
        order = RemakeOrder(arguments.basis, arguments.name, changed)
        return _told(desk.office.remake(arguments.code, order, person(arguments)))


def file(arguments: argparse.Namespace) -> int:
    """Record that a seal was filed; from then on it is in use."""
    with seal_desk() as desk:
        number = arguments.number
        return _told(desk.office.file(arguments.code, number, person(arguments)))


def suspend(arguments: argparse.Namespace) -> int:
    """Keep a seal from being set for a while."""
    with seal_desk() as desk:
        record = desk.office.suspend(arguments.code, arguments.basis, person(arguments))
    return _told(record)


def resume(arguments: argparse.Namespace) -> int:
    """Let a suspended seal be set again."""
    with seal_desk() as desk:
        record = desk.office.resume(arguments.code, arguments.basis, person(arguments))
    return _told(record)


def cancel(arguments: argparse.Namespace) -> int:
    """Cancel a seal for good."""
    with seal_desk() as desk:
        number, basis = arguments.number, arguments.basis
        return _told(desk.office.cancel(arguments.code, number, basis, person(arguments)))


def grant(arguments: argparse.Namespace) -> int:
    """Let a seal be set for an authority's licenses of a type."""
    from license_vault.seals.registry import Grant

    wanted = Grant(arguments.code, arguments.authority, arguments.type)
    with seal_desk() as desk:
        desk.office.grant(wanted, person(arguments))
    say("已授权。", "Granted.")
    return DONE


def withdraw(arguments: argparse.Namespace) -> int:
    """Take a grant back."""
    from license_vault.seals.registry import Grant

    wanted = Grant(arguments.code, arguments.authority, arguments.type)
    with seal_desk() as desk:
        if not desk.office.withdraw(wanted, person(arguments)):
            raise CommandRefusedError("没有这项授权。", "There is no such grant.")
    say("授权已收回。", "The grant is withdrawn.")
    return DONE


def _told(record: SealRecord) -> int:
    from license_vault.seals.life import STATE_NAMES

    zh, en = STATE_NAMES[record.state]
    code = record.seal.code
    say(f"印章 {code} 现为：{zh}。", f"Seal {code} is now: {en}.")
    return DONE
