"""Commands about what verifiers are told to trust: trust add, withdraw, show, export.

The signed lists are in ``trust_lists``, in the same group.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli import trust_lists
from api.cli.console import DONE, Commands, operator, say, table
from api.errors import CommandRefusedError
from keys.sm3 import sm3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from license_vault.trust.errors import TrustMaterialRefusedError
    from license_vault.trust.intake import Taken, TrustItem
    from license_vault.trust.review import TrustLine

_PURPOSES = ("seal", "timestamp", "status")
_ROLES = ("seal-maker", "system")
_REASONS = ("key-replaced", "key-compromised", "ceased", "unspecified")
_WHY = {
    "unreadable": ("不是可用的 SM2 证书或吊销列表", "no SM2 certificate or CRL that we read"),
    "not-a-ca": ("不是 CA 证书", "not the certificate of a CA"),
    "purpose-missing": (
        "是自签根证书，须用 --purpose 指明信任的用途",
        "a self-issued CA needs --purpose, what it is trusted for",
    ),
    "issuer-unknown": ("其签发 CA 尚未收入", "its CA is not known here; add that first"),
    "older-than-held": ("早于已收入的吊销列表", "older than the CRL that is held"),
    "from-the-future": ("签发时间在将来", "issued in the future"),
    "opinions-differ": (
        "两个 SM2 实现结论不一致，请报告安全管理员",
        "two SM2 implementations disagree; tell the security administrator",
    ),
    "a-ca": (
        "是 CA 证书，不是终端证书",
        "the certificate of a CA; an end certificate is asked for",
    ),
    "not-an-anchor": (
        "没有此序列号的信任锚或签名者",
        "no anchor and no signer has this serial number",
    ),
    "serial-shared": ("多个信任锚有此序列号", "several anchors have this serial number"),
}


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    trust = commands.add_parser("trust", help="信任材料 what verifiers are told to trust")
    group = trust.add_subparsers(required=True, metavar="COMMAND")
    add_ = group.add_parser("add", help="收入 CA 证书与吊销列表 take in CA certificates and CRLs")
    add_.add_argument("files", nargs="+", metavar="FILE", help="PEM 或 DER 文件 PEM or DER files")
    add_.add_argument(
        "--purpose",
        action="append",
        default=[],
        choices=_PURPOSES,
        help="自签根证书信任的用途，可多次 what a self-issued CA is trusted for; may be repeated",
    )
    add_.add_argument(
        "--role",
        choices=_ROLES,
        help="文件是终端证书，以此身份受信任 end certificates that we stand for as this",
    )
    add_.add_argument(
        "--national",
        action="store_true",
        help="文件是国家根证书，名单条目可追溯至此 national roots that entries may chain to",
    )
    add_.set_defaults(run=add)
    withdraw_ = group.add_parser(
        "withdraw", help="撤出信任锚或签名者 trust an anchor or a signer no more"
    )
    withdraw_.add_argument("serials", nargs="+", metavar="SERIAL", help="序列号（十六进制） in hex")
    withdraw_.add_argument(
        "--why", choices=_REASONS, default="unspecified", help="撤出原因 why it is withdrawn"
    )
    withdraw_.add_argument(
        "--since", metavar="INSTANT", help="自何时起不可信，如密钥泄露之时 RFC 3339; default: now"
    )
    withdraw_.set_defaults(run=withdraw)
    show_ = group.add_parser("show", help="列出信任材料及到期 show it and what runs out")
    show_.set_defaults(run=show)
    export_ = group.add_parser("export", help="写出信任包 write the trust bundle to a file")
    export_.add_argument("file", metavar="FILE", help="文件，已有则替换 replaced if it is there")
    export_.set_defaults(run=export)
    trust_lists.add_commands(group)


def add(arguments: argparse.Namespace) -> int:
    """Take in certificates and revocation lists: all of them, or none and a reason."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.errors import TrustMaterialRefusedError
    from license_vault.trust.intake import TrustIntake

    items = [item for path in arguments.files for item in _items(path)]
    if arguments.national:
        return _add_national(items)
    with wiring.open_database_of(load_settings()) as database:
        try:
            with database.writing() as session:
                intake = TrustIntake(session, operator(), wiring.clock())
                if arguments.role:
                    taken = tuple(intake.take_signer(item, arguments.role) for item in items)
                else:
                    taken = intake.take(items, arguments.purpose)
        except TrustMaterialRefusedError as error:
            raise _refusal(error) from error
    _print(taken)
    return DONE


def _add_national(items: Iterable[TrustItem]) -> int:
    """Take in national roots; nothing else follows from them than that entries may chain there."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.trust.national_roots import NationalRootWriter

    at, new = wiring.clock(), 0
    with wiring.open_database_of(load_settings()) as database, database.writing() as session:
        for item in items:
            if NationalRootWriter(session).add(item.der, at):
                new += 1
                act = Act(operator(), "trust.national-root", sm3(item.der).hex(), {}, at)
                AuditWriter(session).append(act)
    say(f"已收入 {new} 个国家根。", f"{new} national roots are taken in.")
    return DONE


def withdraw(arguments: argparse.Namespace) -> int:
    """Leave anchors out of the bundle, and stand for signers no more."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.errors import TrustMaterialRefusedError
    from license_vault.trust.intake import TrustIntake

    try:
        serials = [int(serial, 16) for serial in arguments.serials]
    except ValueError as error:
        raise CommandRefusedError("序列号应为十六进制。", "The serial must be in hex.") from error
    since = None if arguments.since is None else _instant(arguments.since)
    with wiring.open_database_of(load_settings()) as database:
        try:
            with database.writing() as session:
                intake = TrustIntake(session, operator(), wiring.clock())
                taken = [intake.withdraw(serial, arguments.why, since) for serial in serials]
        except TrustMaterialRefusedError as error:
            raise _refusal(error) from error
    say(f"已撤出 {len(taken)} 项。", f"{len(taken)} are withdrawn.")
    return DONE


def _instant(text: str) -> datetime:
    from verification.errors import AsOfInvalidError
    from verification.moments import read_as_of

    try:
        return read_as_of(text)
    except AsOfInvalidError as error:
        raise CommandRefusedError("时间应为 RFC 3339。", "The instant must be RFC 3339.") from error


def show(_: argparse.Namespace) -> int:
    """Show anchors, CAs, revocation lists, what needs looking after, and each region's list."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.publication import TrustMaterial
    from license_vault.trust.review import review

    settings, now = load_settings(), wiring.clock()
    with wiring.open_database_of(settings) as database, database.reading() as session:
        lines = review(TrustMaterial(session).bundle(settings.region.code, (), now), now)
        _show_material(lines, now)
        trust_lists.show_regions(session, now)
    return DONE


def _show_material(lines: tuple[TrustLine, ...], now: datetime) -> None:
    from license_vault.trust.review import TrustState

    head = ("kind", "number", "purposes", "issued", "ends", "age", "state", "subject")
    table(head, (_row(line, (now - (line.begins or now)).days) for line in lines))
    due = [line for line in lines if line.state is not TrustState.IN_FORCE]
    say(
        f"共 {len(lines)} 项，{len(due)} 项需要处理。",
        f"{len(lines)} items, {len(due)} to be looked after.",
    )


def export(arguments: argparse.Namespace) -> int:
    """Write the bundle as of now, status lists published anew where states have changed."""
    from api import wiring
    from api.publishing import current_bundle
    from api.settings import load_settings
    from license_vault.lifecycle.settling import Settling
    from signing.trust_bundle import write_trust_bundle

    settings = load_settings()
    with wiring.open_database_of(settings) as database:
        keys = wiring.keys_of(settings)
        vault = wiring.vault_of(settings, keys)
        # What lapses or begins today is so in the lists too.
        Settling(database, vault).settle(wiring.clock())
        status = wiring.status_publisher_of(settings, database, keys)
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


def _items(path: str) -> Iterator[TrustItem]:
    from api.pem import CERTIFICATE, REVOCATION_LIST, blocks
    from license_vault.trust.intake import TrustItem

    found = blocks(Path(path).read_bytes(), (CERTIFICATE, REVOCATION_LIST))
    for place, der in enumerate(found, start=1):
        yield TrustItem(path if len(found) == 1 else f"{path} #{place}", der)


def _refusal(error: TrustMaterialRefusedError) -> CommandRefusedError:
    zh, en = _WHY.get(error.reason, (f"签名无效（{error.reason}）", f"invalid: {error.reason}"))
    detail = f" ({error.detail})" if error.detail else ""
    return CommandRefusedError(
        f"{error.name}：{zh}；未收入任何内容。", f"{error.name}: {en}{detail}; nothing was changed."
    )


def _print(taken: Iterable[Taken]) -> None:
    rows = [(t.name, t.kind, "new" if t.new else "held already", t.subject) for t in taken]
    table(("file", "kind", "outcome", "subject"), rows)


def _row(line: TrustLine, age_days: int) -> tuple[str, ...]:
    return (
        line.kind,
        line.number or "-",
        " ".join(line.purposes) or "-",
        line.begins.isoformat() if line.begins else "-",
        line.ends.isoformat() if line.ends else "-",
        f"{age_days} d" if line.begins else "-",
        line.state.value,
        line.subject,
    )
