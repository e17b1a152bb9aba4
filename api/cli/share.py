"""Commands about sharing: share publish, load, show, coverage."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, operator, read_text, say, table, tell_program
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from license_vault.errors import FieldInvalidError

_KINDS = ("catalogue", "use-list", "maps")


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    share = commands.add_parser(
        "share", help="共享目录、用证清单、对照表 what is shared and accepted"
    )
    group = share.add_subparsers(required=True, metavar="COMMAND")
    publish_ = group.add_parser("publish", help="签名发布 sign and publish a draft")
    publish_.add_argument("file", metavar="FILE", help="JSON, docs/sharing.md")
    publish_.set_defaults(run=publish)
    load_ = group.add_parser("load", help="收入伙伴地区已签名的文件 take in what a partner signed")
    load_.add_argument(
        "file", metavar="FILE", help="伙伴地区发布的文件 as the partner published it"
    )
    load_.set_defaults(run=load)
    show_ = group.add_parser("show", help="列出，或显示一份 list, or show one")
    show_.add_argument("kind", nargs="?", choices=_KINDS, help="哪一种 which kind")
    show_.add_argument("--region", metavar="CODE", help="地区代码 whose; unset: the own")
    show_.set_defaults(run=show)
    coverage_ = group.add_parser("coverage", help="事项与证照类型的覆盖情况 items and types")
    coverage_.set_defaults(run=show_coverage)


def publish(arguments: argparse.Namespace) -> int:
    """Sign a draft as the next version of its kind; the same again changes nothing."""
    from api import wiring
    from api.node_wiring import signer_of
    from api.settings import load_settings
    from license_vault.errors import FieldInvalidError
    from license_vault.sharing.publishing import SharingPublisher, read_draft

    settings = load_settings()
    try:
        kind, content = read_draft(read_text(arguments.file))
    except FieldInvalidError as error:
        raise _pointing(error) from error
    keys = wiring.keys_of(settings)
    signer = signer_of(settings, keys, wiring.timestamper_of(settings, keys))
    with wiring.open_database_of(settings) as database, database.writing() as session:
        publisher = SharingPublisher(session, settings.region.code, signer)
        kept = publisher.publish(kind, content, operator(), wiring.clock())
    version = kept.document.version
    say(f"已发布 {kind.value} 第 {version} 版。", f"Published {kind.value}, version {version}.")
    return DONE


def load(arguments: argparse.Namespace) -> int:
    """Keep a partner's document, if its library signed it and it is not older than the kept one."""
    from api import wiring
    from api.partner_statements import document_judge
    from api.settings import load_settings
    from license_vault.errors import FieldInvalidError
    from license_vault.sharing.errors import SharingDocumentRefusedError
    from license_vault.sharing.publishing import take_in
    from signing.errors import MalformedSharingDocumentError

    settings = load_settings()
    with wiring.open_database_of(settings) as database:
        judge = document_judge(database, settings.region.code, wiring.clock)
        try:
            file = Path(arguments.file).read_bytes()
            with database.writing() as session:
                kept = take_in(session, file, judge, operator(), wiring.clock())
        except FieldInvalidError as error:
            raise _pointing(error) from error
        except (OSError, MalformedSharingDocumentError, SharingDocumentRefusedError) as error:
            zh, en = f"不收入：{error}", f"Not taken in: {error}"
            raise CommandRefusedError(zh, en) from error
    document = kept.document
    named = f"{document.region} {document.kind.value} {document.version}"
    say(f"已收入 {named}。", f"Taken in: {named}.")
    return DONE


def show(arguments: argparse.Namespace) -> int:
    """List what is kept of every region, or show the content of one document."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.sharing.documents import SharingDocuments
    from license_vault.sharing.errors import SharingDocumentUnknownError
    from signing.sealed_json.sharing_document import SharingKind

    settings = load_settings()
    with wiring.open_database_of(settings) as database, database.reading() as session:
        documents = SharingDocuments(session)
        if arguments.kind is not None:
            region = arguments.region or settings.region.code
            try:
                found = documents.find(region, SharingKind(arguments.kind))
            except SharingDocumentUnknownError as error:
                raise CommandRefusedError("没有发布。", "It is not published.") from error
            tell_program(dict(found.document.content))
            return DONE
        rows = [
            (
                region,
                kind.value,
                str(kept.document.version),
                kept.document.published_at.isoformat(),
                kept.sm3.hex(),
            )
            for kind in SharingKind
            for region in documents.regions(kind)
            if arguments.region in (None, region)
            and (kept := documents.newest(region, kind)) is not None
        ]
    table(("region", "kind", "version", "published", "sm3"), rows)
    return DONE


def show_coverage(_: argparse.Namespace) -> int:
    """Show for every item and type whether a license of it stands in for paper, and of where."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.sharing.coverage import coverage

    settings = load_settings()
    with wiring.open_database_of(settings) as database, database.reading() as session:
        found = coverage(session, settings.region.code)
    rows = [
        (
            row.item_code,
            cell.type_code,
            cell.state.value,
            " ".join(entry.region for entry in cell.regions if not entry.missing),
            " ".join(entry.region for entry in cell.regions if entry.missing),
        )
        for row in found
        for cell in row.cells
    ]
    table(("item", "type", "state", "shared by", "not shared by"), rows)
    return DONE


def _pointing(error: FieldInvalidError) -> CommandRefusedError:
    zh = "\n".join(f"{each.pointer}: {each.message_zh}" for each in error.problems)
    en = "\n".join(f"{each.pointer}: {each.message_en}" for each in error.problems)
    return CommandRefusedError(zh, en)
