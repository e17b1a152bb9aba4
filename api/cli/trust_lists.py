"""Commands about signed lists: trust root, build, sign, diff, pull, approve, resolve, regions.

Parts of the group ``trust``. A root key is behind the label ``trust-root/NAME``; its holder runs
``trust sign --key NAME`` where that key is.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, operator, say, table, whole
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from keys.provider import KeyProvider
    from license_vault.database.sessions import Reading
    from license_vault.partners.web import Web
    from license_vault.trust.approving import Approval
    from license_vault.trust.overview import RegionTrust
    from license_vault.trust.own_list import OwnTrustList, RootHolder, Signed
    from signing.trust_list import TrustList

_LETTER = (
    "指纹须与对方公函所载逐字核对；网上取得的不作数。",
    "Compare it with the official letter, not with anything fetched.",
)


def add_commands(group: Commands) -> None:
    """Add the commands of this part to ``trust``."""
    _add_root(group)
    build_ = group.add_parser("build", help="起草本地区信任名单 draft our own trust list")
    build_.add_argument(
        "--days", type=whole(1, 36_500), default=90, help="有效天数 for how long it counts"
    )
    build_.set_defaults(run=build)
    sign_ = group.add_parser("sign", help="用根密钥签名 sign the draft with root keys")
    sign_.add_argument(
        "--key", action="append", required=True, metavar="NAME", help="根密钥名称，可多次 which"
    )
    sign_.set_defaults(run=sign)
    diff_ = group.add_parser("diff", help="比较两份信任名单 what is different between two lists")
    diff_.add_argument(
        "lists",
        nargs="+",
        metavar="FILE|REGION",
        help="两个文件，或一个地区代码：在用的与待批的 two files, or a region: in use and waiting",
    )
    diff_.set_defaults(run=diff)
    pull_ = group.add_parser("pull", help="取来某地区的名单待批 fetch a region's first list")
    pull_.add_argument("url", metavar="URL", help="对方地址 where the region is reached")
    pull_.add_argument("--region", required=True, metavar="CODE", help="行政区划代码 GB/T 2260")
    pull_.set_defaults(run=pull)
    _add_approvals(group)
    regions_ = group.add_parser("regions", help="各地区信任名单现状 how it stands with each region")
    regions_.set_defaults(run=regions)


def _add_root(group: Commands) -> None:
    root = group.add_parser("root", help="根密钥 root keys").add_subparsers(
        required=True, metavar="COMMAND"
    )
    for name, text in (
        ("init", "建立第一版根 make the first root"),
        ("roll", "更换根密钥 make the next version of the root"),
    ):
        command = root.add_parser(name, help=text)
        command.add_argument(
            "--key", action="append", required=True, metavar="NAME", help="密钥名称，可多次 a key"
        )
        command.add_argument(
            "--threshold",
            type=whole(1, 100),
            required=True,
            metavar="M",
            help="需几人签名 how many must sign",
        )
        command.add_argument(
            "--years", type=whole(1, 100), default=10, help="有效年数 for how long"
        )
        command.set_defaults(run=partial(_root, name))


def _add_approvals(group: Commands) -> None:
    for name, run, text in (
        ("approve", approve, "凭函件指纹核准 approve by the fingerprint of the letter"),
        ("resolve", resolve, "分叉时指认正确的名单 say which list of a split is right"),
    ):
        command = group.add_parser(name, help=text)
        command.add_argument("region", metavar="CODE", help="行政区划代码 GB/T 2260")
        command.add_argument("--fingerprint", required=True, metavar="HEX", help="SM3 in hex")
        command.add_argument(
            "--as", dest="person", required=True, metavar="PERSON", help="输入者 who types it"
        )
        command.set_defaults(run=run)


def _root(name: str, arguments: argparse.Namespace) -> int:
    """Draft a root and sign it with every key of it, and of the last one, that is here."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.kept_lists import TrustLists
    from license_vault.trust.own_list import ROOT_LABEL, OwnTrustList
    from signing.trust_root import RootKey

    settings = load_settings()
    keys, at = wiring.keys_of(settings), wiring.clock()
    with wiring.open_database_of(settings) as database, database.writing() as session:
        held = TrustLists(session).newest_root(settings.region.code)
        if (held is None) is not (name == "init"):
            raise CommandRefusedError(
                "第一版根用 init，其后用 roll。", "The first root is made by init, others by roll."
            )
        new = tuple(
            RootKey(key, wiring.signing_key(keys, f"{ROOT_LABEL}{key}")) for key in arguments.key
        )
        own = OwnTrustList(session, settings.region.code, operator())
        own.draft_root(new, arguments.threshold, timedelta(days=365 * arguments.years), at)
        before = () if held is None else held.root.keys
        names = dict.fromkeys(key.name for key in (*before, *new))
        signed = _sign_with(own, [each for key in names for each in _holders(keys, key)], at)
    _tell_signed(signed)
    return DONE


def _holders(keys: KeyProvider, name: str) -> tuple[RootHolder, ...]:
    """Return who signs with a key, nobody where the key is not here."""
    from keys.errors import KeyNotFoundError
    from license_vault.trust.own_list import ROOT_LABEL, RootHolder

    label = f"{ROOT_LABEL}{name}"
    try:
        return (RootHolder(name, keys.public_point(label), partial(keys.sign, label)),)
    except KeyNotFoundError:
        return ()


def _sign_with(own: OwnTrustList, holders: Iterable[RootHolder], at: datetime) -> Signed:
    """Sign with one key after the other until it is enough."""
    signed = None
    for holder in holders:
        signed = own.sign(holder, at)
        if signed.is_published:
            break
    if signed is None:
        raise CommandRefusedError("此处没有这些根密钥。", "None of these root keys is here.")
    return signed


def _tell_signed(signed: Signed) -> None:
    what_zh, what_en = ("根", "root") if signed.what == "root" else ("信任名单", "trust list")
    state_zh, state_en = ("已生效", "in force") if signed.is_published else ("待签", "waiting")
    say(
        f"{what_zh}第 {signed.number} 号：{signed.holding}/{signed.needed} 个签名，{state_zh}。",
        f"The {what_en} {signed.number} has {signed.holding} of {signed.needed} signatures: "
        f"{state_en}.",
    )


def build(arguments: argparse.Namespace) -> int:
    """Draft the next list from what we stand for now; tell its fingerprint."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.own_list import OwnTrustList

    settings, at = load_settings(), wiring.clock()
    with wiring.open_database_of(settings) as database, database.writing() as session:
        own = OwnTrustList(session, settings.region.code, operator())
        draft = own.draft_list(settings.public_url, timedelta(days=arguments.days), at)
    entries = str(len(draft.trust_list.content.entries))
    head = ("region", "sequence", "entries", "fingerprint")
    table(head, [(draft.region, str(draft.sequence), entries, draft.sm3.hex())])
    say(
        f"指纹（印于公函）：{_grouped(draft.sm3)}",
        "Print this fingerprint in the official letter; the list counts when enough have signed.",
    )
    return DONE


def _grouped(digest: bytes) -> str:
    """Return a fingerprint as people compare it: groups of four."""
    text = digest.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def sign(arguments: argparse.Namespace) -> int:
    """Add signatures to what waits for them: the root before the list."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.own_list import OwnTrustList

    settings, at = load_settings(), wiring.clock()
    keys = wiring.keys_of(settings)
    holders = [holder for name in arguments.key for holder in _holders(keys, name)]
    if len(holders) != len(arguments.key):
        raise CommandRefusedError("此处没有该根密钥。", "The root key is not here.")
    with wiring.open_database_of(settings) as database, database.writing() as session:
        own = OwnTrustList(session, settings.region.code, operator())
        signed = _sign_with(own, holders, at)
    _tell_signed(signed)
    return DONE


def diff(arguments: argparse.Namespace) -> int:
    """Show entry by entry what is different between two lists."""
    from license_vault.trust.list_changes import changes_between

    if len(arguments.lists) == 1:
        before, after = _lists_of(arguments.lists[0])
    else:
        before, after = _read_file(arguments.lists[0]), _read_file(arguments.lists[-1])
    changes = changes_between(before, after)
    rows = [(each.what, each.kind, each.key, each.name, each.detail or "-") for each in changes]
    table(("what", "kind", "entry", "name", "detail"), rows)
    say(f"共 {len(rows)} 处不同。", f"{len(rows)} differences.")
    return DONE


def _lists_of(region: str) -> tuple[TrustList | None, TrustList]:
    """Return the list in use and the one that waits; without one, the last two in use."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.trust.kept_lists import ListState, TrustLists

    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        lists = TrustLists(session)
        kept = lists.history(region)
        waiting = lists.pending(region, ListState.DRAFT) or lists.pending(
            region, ListState.CANDIDATE
        )
    order = [each.trust_list for each in (*([waiting] if waiting else []), *kept)]
    if not order:
        raise CommandRefusedError("没有该地区的名单。", "There is no list of that region.")
    return (order[1] if len(order) > 1 else None), order[0]


def _read_file(path: str) -> TrustList:
    from signing.trust_list import read_trust_list

    return read_trust_list(Path(path).read_bytes())


def pull(arguments: argparse.Namespace) -> int:
    """Fetch a region's list and root and keep them as candidates, without any effect."""
    from api import wiring
    from api.partner_work import partner_web_of
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.partners.web import origin_of
    from license_vault.trust.partner_lists import PartnerLists

    settings, at = load_settings(), wiring.clock()
    region, url = arguments.region, arguments.url.rstrip("/")
    if region == settings.region.code:
        raise CommandRefusedError("这是本地区。", "This is our own region.")
    # The address was typed by the operator: nobody else is called.
    origin = origin_of(url)
    found = _fetched(partner_web_of(settings, lambda: {origin}), url, region)
    with wiring.open_database_of(settings) as database, database.writing() as session:
        kept = PartnerLists(session).propose(region, found, url, at)
        details = {"sequence": str(kept.sequence), "sm3": kept.sm3.hex(), "url": url}
        AuditWriter(session).append(
            Act(operator(), "trust-list.pulled", f"region:{region}", details, at)
        )
    entries = str(len(kept.trust_list.content.entries))
    head = ("region", "sequence", "entries", "fingerprint")
    table(head, [(region, str(kept.sequence), entries, kept.sm3.hex())])
    say(*_LETTER)
    return DONE


def _fetched(web: Web, url: str, region: str) -> tuple[bytes, bytes]:
    """Return a region's newest list and the root it names."""
    from signing.trust_list import MAX_LIST_BYTES, read_trust_list
    from signing.trust_root import MAX_ROOT_BYTES

    found = _get(web, f"{url}/v1/trust-lists/{region}", MAX_LIST_BYTES)
    version = read_trust_list(found).content.root_version
    return found, _get(web, f"{url}/v1/trust-roots/{region}/{version}", MAX_ROOT_BYTES)


def _get(web: Web, url: str, longest: int) -> bytes:
    from license_vault.partners.web import Unreachable

    answer = web.get(url, longest=longest)
    if isinstance(answer, Unreachable) or not answer.is_ok:
        why = answer.reason if isinstance(answer, Unreachable) else str(answer.status)
        raise CommandRefusedError(f"无法取得 {url} ({why})。", f"{url} was not fetched: {why}.")
    return answer.body


def approve(arguments: argparse.Namespace) -> int:
    """Take one person's approval; the second person's lets the list in."""
    from license_vault.trust.approving import ACCEPT

    approval = _approve(arguments, ACCEPT)
    if approval.is_done:
        say(
            f"{approval.region} 的信任名单已接受（{'、'.join(approval.persons)}）。",
            f"The trust list of {approval.region} is accepted ({', '.join(approval.persons)}).",
        )
    else:
        say("已记录，还须另一人核准。", "Recorded; another person has to approve it too.")
    return DONE


def resolve(arguments: argparse.Namespace) -> int:
    """Take one person's word on which list of a split is right; the second person's settles it."""
    from license_vault.trust.approving import RESOLVE

    if _approve(arguments, RESOLVE).is_done:
        say("分叉已了结。", "The split is settled.")
    else:
        say("已记录，还须另一人指认。", "Recorded; another person has to say so too.")
    return DONE


def _approve(arguments: argparse.Namespace, purpose: str) -> Approval:
    from api import wiring
    from api.settings import load_settings
    from license_vault.approvals.officers import PERSON
    from license_vault.trust.approving import RESOLVE, Approver, TrustApprovals

    if not PERSON.fullmatch(arguments.person):
        raise CommandRefusedError("人员标识不合规。", "That is no id of a person.")
    with wiring.open_database_of(load_settings()) as database:
        approvals = TrustApprovals(database, wiring.clock)
        take = approvals.resolve if purpose == RESOLVE else approvals.approve
        return take(arguments.region, arguments.fingerprint, Approver(arguments.person, operator()))


def regions(_: argparse.Namespace) -> int:
    """Show how it stands with each region's list, ours too."""
    from api import wiring
    from api.settings import load_settings

    with wiring.open_database_of(load_settings()) as database, database.reading() as session:
        show_regions(session, wiring.clock())
    return DONE


def show_regions(session: Reading, at: datetime) -> None:
    """Print a line for each region of which a list is kept."""
    from license_vault.trust.overview import TrustOverview

    head = (
        "region", "sequence", "age", "hours left", "authorities", "root", "national", "approved by",
        "waiting", "alarms", "fingerprint",
    )  # fmt: skip
    table(head, [_region_row(each, at) for each in TrustOverview(session).all()])


def _region_row(each: RegionTrust, at: datetime) -> tuple[str, ...]:
    in_use, candidate = each.in_use, each.candidate
    waiting = "-" if candidate is None else f"{candidate.sequence} {candidate.sm3.hex()}"
    return (
        each.region,
        "-" if in_use is None else str(in_use.sequence),
        "-" if in_use is None else f"{(at - in_use.issued_at).days} d",
        "-" if in_use is None else str(each.hours_left(at)),
        str(each.authorities),
        str(each.root_version or "-"),
        f"{each.national} chain" if each.national else "-",
        " ".join(each.approvers) or "-",
        waiting,
        "split" if each.split else str(len(each.alarms)),
        "-" if in_use is None else in_use.sm3.hex(),
    )
