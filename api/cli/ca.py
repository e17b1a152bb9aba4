"""Commands of the development CA: ca init, issue-seal, revoke, crl, show. Never in production."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, read_text, say, table, write_new

if TYPE_CHECKING:
    from api.development_authority import DevelopmentAuthority
    from keys.certificate import Certificate
    from license_vault.database.sessions import Database


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    ca = commands.add_parser("ca", help="开发用 CA the development CA (not for production)")
    group = ca.add_subparsers(required=True, metavar="COMMAND")
    init_ = group.add_parser("init", help="建立开发证书体系 make the development hierarchy")
    init_.set_defaults(run=init)
    issue_ = group.add_parser("issue-seal", help="按请求签发印章证书 issue a seal certificate")
    issue_.add_argument("request", metavar="CSR", help="证书请求文件 PKCS#10, PEM")
    issue_.add_argument("chain", metavar="CHAIN", help="写出的证书链文件 file to write, PEM")
    issue_.set_defaults(run=issue_seal)
    revoke_ = group.add_parser("revoke", help="吊销印章证书 revoke a seal certificate")
    revoke_.add_argument("serial", help="证书序列号（十六进制） serial number in hex")
    revoke_.add_argument("--reason", default="unspecified", help="原因 reason of RFC 5280")
    revoke_.set_defaults(run=revoke)
    crl_ = group.add_parser("crl", help="重签全部吊销列表 sign all revocation lists again")
    crl_.set_defaults(run=crl)
    show_ = group.add_parser("show", help="列出开发证书 show the certificates")
    show_.set_defaults(run=show)


@contextmanager
def _authority() -> Iterator[tuple[DevelopmentAuthority, Database]]:
    from api import wiring
    from api.settings import load_settings

    settings = load_settings()
    authority = wiring.development_authority_of(settings, wiring.keys_of(settings))
    database = wiring.database_of(settings)
    try:
        yield authority, database
    finally:
        database.close()


def init(_: argparse.Namespace) -> int:
    """Make what is missing of the hierarchy, and tell verifiers of it; safe to repeat."""
    from api.development_authority import INTERMEDIATES, SIGNERS
    from api.publishing import publish_authorities, publish_revocation_lists, publish_signers
    from api.wiring import clock

    with _authority() as (authority, database):
        certificates = authority.create()
        between = [authority.certificate(name).der for name in INTERMEDIATES]
        publish_authorities(database, authority.certificate("root").der, between, clock())
        publish_revocation_lists(database, authority.sign_revocation_lists(), clock())
        signers = {name: authority.certificate(name).der for name in SIGNERS}
        publish_signers(database, signers, clock())
    say("开发证书体系已建立，不具法律效力。", "The development hierarchy is made; no legal effect.")
    _print(certificates)
    return DONE


def issue_seal(arguments: argparse.Namespace) -> int:
    """Issue a seal certificate for a request; write it with its issuing CA."""
    from api.pem import CERTIFICATE, REQUEST, from_pem, to_pem

    request = from_pem(REQUEST, read_text(arguments.request))[0]
    with _authority() as (authority, _):
        chain = authority.issue_seal(request)
    write_new(arguments.chain, to_pem(CERTIFICATE, chain))
    say(f"证书链已写入 {arguments.chain}。", f"The chain is in {arguments.chain}.")
    return DONE


def revoke(arguments: argparse.Namespace) -> int:
    """Revoke a seal certificate and tell verifiers at once."""
    from api.errors import CommandRefusedError
    from api.publishing import publish_revocation_lists
    from api.wiring import clock

    try:
        serial = int(arguments.serial, 16)
    except ValueError as error:
        raise CommandRefusedError("序列号应为十六进制。", "The serial must be in hex.") from error
    with _authority() as (authority, database):
        authority.revoke(serial, arguments.reason)
        publish_revocation_lists(database, authority.revocation_lists(), clock())
    say("证书已吊销。", "The certificate is revoked.")
    return DONE


def crl(_: argparse.Namespace) -> int:
    """Sign every revocation list again and tell verifiers."""
    from api.publishing import publish_revocation_lists
    from api.wiring import clock

    with _authority() as (authority, database):
        lists = authority.sign_revocation_lists()
        publish_revocation_lists(database, lists, clock())
    say(f"已签发 {len(lists)} 份吊销列表。", f"{len(lists)} revocation lists are signed.")
    return DONE


def show(_: argparse.Namespace) -> int:
    """Show the certificates of the hierarchy."""
    with _authority() as (authority, _database):
        _print(authority.certificates())
    return DONE


def _print(certificates: tuple[Certificate, ...]) -> None:
    head = ("serial", "not after", "subject")
    rows = [(f"{c.serial:x}", c.not_after.date().isoformat(), c.subject) for c in certificates]
    table(head, rows)
