"""Commands about seals: seal request, install, grant, withdraw, suspend, resume, show."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from api.console import DONE, Commands, operator, read_text, say, table, write_new
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from license_vault.seal_registry import SealRegistrar

    Change = Callable[[SealRegistrar, datetime], bool]


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    seal = commands.add_parser("seal", help="电子印章 seals")
    group = seal.add_subparsers(required=True, metavar="COMMAND")
    _add_request(group)
    _add_install(group)
    for name, run, text in (
        ("grant", grant, "授权用印 let a seal be set for licenses of a type"),
        ("withdraw", withdraw, "收回授权 take a grant back"),
    ):
        command = group.add_parser(name, help=text)
        command.add_argument("code", help="印章编码 14-digit seal code")
        command.add_argument("--authority", required=True, help="发证机关代码 issuing authority")
        command.add_argument("--type", default="*", help="证照类型代码，* 为全部 type or *")
        command.set_defaults(run=run)
    for name, text in (("suspend", "停用 suspend"), ("resume", "恢复 take up again")):
        command = group.add_parser(name, help=text)
        command.add_argument("code", help="印章编码 14-digit seal code")
        command.set_defaults(run=suspend if name == "suspend" else resume)
    show_ = group.add_parser("show", help="列出印章与授权 show seals and grants")
    show_.set_defaults(run=show)


def _add_request(group: Commands) -> None:
    command = group.add_parser("request", help="生成密钥与证书请求 make a key and a CSR")
    command.add_argument("code", help="印章编码 14-digit seal code")
    command.add_argument("--owner", required=True, help="所属机构代码 owner's code (USCC)")
    command.add_argument("--out", required=True, metavar="CSR", help="写出的文件 file to write")
    command.set_defaults(run=request)


def _add_install(group: Commands) -> None:
    command = group.add_parser("install", help="安装印章证书链 install a seal's chain")
    command.add_argument("code", help="印章编码 14-digit seal code")
    command.add_argument("chain", metavar="CHAIN", help="证书链 PEM, the certificate first")
    command.add_argument("--root", metavar="FILE", help="根证书 PEM; unset: development root")
    command.add_argument("--owner", required=True, help="所属机构代码 owner's code (USCC)")
    command.add_argument("--ring", help="环排文字，缺省为机构名称 text of the ring")
    command.add_argument("--lower", default="", help="下弦文字 text below the star")
    command.set_defaults(run=install)


def request(arguments: argparse.Namespace) -> int:
    """Make the seal's key, if it is not there, and a request for its certificate."""
    from functools import partial

    from api import wiring
    from api.pem import REQUEST, to_pem
    from api.seal_installation import key_label, organization_name
    from api.settings import load_settings
    from keys.certificate_authority import Subject, build_request
    from license_vault.authorities import Authorities

    settings = load_settings()
    keys = wiring.keys_of(settings)
    label = key_label(_code(arguments.code))
    with wiring.open_database_of(settings) as database, database.reading() as session:
        owner = Authorities(session).get(arguments.owner)
    point = wiring.signing_key(keys, label)
    subject = Subject(arguments.code, organization_name(owner.code, owner.name))
    der = build_request(subject, point, partial(keys.sign, label))
    write_new(arguments.out, to_pem(REQUEST, (der,)))
    say(f"证书请求已写入 {arguments.out}。", f"The request is in {arguments.out}.")
    return DONE


def install(arguments: argparse.Namespace) -> int:
    """Check a chain issued elsewhere, register the seal and tell verifiers of its CAs."""
    from api import wiring
    from api.pem import CERTIFICATE, from_pem
    from api.seal_installation import SealOrderIn
    from api.seal_installation import install as install_seal
    from api.settings import load_settings
    from license_vault.authorities import Authorities
    from signing.seal_picture import SealPicture

    settings = load_settings()
    chain = from_pem(CERTIFICATE, read_text(arguments.chain))
    with wiring.open_database_of(settings) as database:
        with database.reading() as session:
            owner = Authorities(session).get(arguments.owner)
        code = _code(arguments.code)
        picture = SealPicture("round", arguments.ring or owner.name, arguments.lower, code)
        order = SealOrderIn(code, owner.code, chain, picture, operator())
        root = (
            from_pem(CERTIFICATE, read_text(arguments.root))[0]
            if arguments.root
            else wiring.certificates_of(settings).chain("root")[0]
        )
        install_seal(database, wiring.keys_of(settings), order, root, wiring.clock())
    say(f"印章 {code} 已安装。", f"Seal {code} is installed.")
    return DONE


def grant(arguments: argparse.Namespace) -> int:
    """Let a seal be set for an authority's licenses of a type."""
    from license_vault.seal_registry import Grant

    wanted = Grant(arguments.code, arguments.authority, arguments.type)
    _change(lambda registrar, at: registrar.grant(wanted, operator(), at))
    say("已授权。", "Granted.")
    return DONE


def withdraw(arguments: argparse.Namespace) -> int:
    """Take a grant back."""
    from license_vault.seal_registry import Grant

    wanted = Grant(arguments.code, arguments.authority, arguments.type)
    if not _change(lambda registrar, at: registrar.withdraw(wanted, at)):
        raise CommandRefusedError("没有这项授权。", "There is no such grant.")
    say("授权已收回。", "The grant is withdrawn.")
    return DONE


def suspend(arguments: argparse.Namespace) -> int:
    """Keep a seal from being set for a while."""
    from license_vault.seal_registry import SealState

    _change(lambda r, at: r.change_state(arguments.code, SealState.SUSPENDED, at))
    say("印章已停用。", "The seal is suspended.")
    return DONE


def resume(arguments: argparse.Namespace) -> int:
    """Let a suspended seal be set again."""
    from license_vault.seal_registry import SealState

    _change(lambda r, at: r.change_state(arguments.code, SealState.ACTIVE, at))
    say("印章已恢复。", "The seal may be set again.")
    return DONE


def show(_: argparse.Namespace) -> int:
    """Show the seals, and which authority may set which for which type."""
    from api import wiring
    from api.settings import load_settings
    from keys.certificate import read_certificate
    from license_vault.seal_registry import SealRegistry

    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        registry = SealRegistry(session)
        seals, grants = registry.everyone(), registry.grants()
    rows = []
    for record in seals:
        ends = read_certificate(record.seal.certificate).not_after.date().isoformat()
        rows.append((record.seal.code, record.state.value, record.seal.owner_name, ends))
    table(("seal", "state", "owner", "certificate ends"), rows)
    table(
        ("seal", "authority", "type"),
        [(g.seal_code, g.authority_code, g.type_code) for g in grants],
    )
    return DONE


def _change(change: Change) -> bool:
    from api import wiring
    from api.settings import load_settings
    from license_vault.seal_registry import SealRegistrar

    settings = load_settings()
    with wiring.open_database_of(settings) as database, database.writing() as session:
        return change(SealRegistrar(session, wiring.keys_of(settings)), wiring.clock())


def _code(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == 14):
        raise CommandRefusedError("印章编码应为 14 位数字。", "A seal code has 14 digits.")
    return text
