"""Commands about items and the officers who decide them: item add, show; officer add, and so on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, operator, read_text, say, table, tell_program
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from keys.provider import KeyProvider
    from license_vault.database.sessions import Reading, Writing

    Change = Callable[[Writing, KeyProvider, str, datetime], None]


def add_commands(commands: Commands) -> None:
    """Add the commands of both groups."""
    item = commands.add_parser("item", help="事项 items and how they are decided")
    group = item.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("add", help="登记事项 register an item")
    command.add_argument("code", help="事项编码 its code")
    command.add_argument("--name", required=True, help="事项名称 its name")
    command.add_argument(
        "--mode",
        required=True,
        choices=("sole", "two-step"),
        help="独任，或一审一核 one officer, or two",
    )
    command.set_defaults(run=add_item)
    command = group.add_parser("load", help="配置事项所需证照与表单 put what an item needs")
    command.add_argument("file", metavar="FILE", help="JSON (license-vault/item/1)")
    command.set_defaults(run=load_item)
    command = group.add_parser("show", help="列出事项 show items, or all of one")
    command.add_argument("code", nargs="?", help="事项编码 its code")
    command.set_defaults(run=show_items)
    officer = commands.add_parser("officer", help="审批人员 officers who sign approvals")
    group = officer.add_subparsers(required=True, metavar="COMMAND")
    command = group.add_parser("add", help="登记人员证书 take an officer in")
    command.add_argument("id", help="人员标识 who, as tokens name them")
    command.add_argument("--org", required=True, help="所属机构代码 the officer's organisation")
    command.add_argument(
        "--certificate", required=True, metavar="FILE", help="SM2 签名证书 PEM signing certificate"
    )
    command.set_defaults(run=add_officer)
    command = group.add_parser("disable", help="停用人员证书 shut an officer out")
    command.add_argument("id", help="人员标识 who")
    command.set_defaults(run=disable_officer)
    group.add_parser("show", help="列出人员 show officers").set_defaults(run=show_officers)


def add_item(arguments: argparse.Namespace) -> int:
    """Register an item."""
    from license_vault.approvals.items import ApprovalItem, ApprovalItemWriter, ApprovalMode

    item = ApprovalItem(arguments.code, arguments.name, ApprovalMode(arguments.mode))

    def add(session: Writing, _: KeyProvider, by: str, at: datetime) -> None:
        ApprovalItemWriter(session).add(item, by, at)

    _change("item.added", f"item:{item.code[:64]}", {"mode": item.mode.value}, add)
    say("事项已登记。", "The item is registered.")
    return DONE


def load_item(arguments: argparse.Namespace) -> int:
    """Make the definition in a file the one that counts for cases from now on."""
    import json

    from api import wiring
    from api.settings import load_settings
    from license_vault.cases.item_definition import read_item_definition
    from license_vault.cases.needs import ItemNeedsWriter
    from license_vault.errors import FieldInvalidError

    try:
        document = json.loads(read_text(arguments.file))
    except ValueError as error:
        raise CommandRefusedError("文件不是 JSON。", "The file is no JSON.") from error
    try:
        item = read_item_definition(document, wiring.catalogue_of(load_settings()).for_issuing)
    except FieldInvalidError as error:
        zh = "\n".join(f"{each.pointer}: {each.message_zh}" for each in error.problems)
        en = "\n".join(f"{each.pointer}: {each.message_en}" for each in error.problems)
        raise CommandRefusedError(zh, en) from error

    def put(session: Writing, _: KeyProvider, by: str, at: datetime) -> None:
        ItemNeedsWriter(session).put(item, by, at)

    _change("item.defined", f"item:{item.code}", {"mode": item.mode.value}, put)
    say("事项已配置。", "The item is put.")
    return DONE


def show_items(arguments: argparse.Namespace) -> int:
    """Show the items, or all that is put of one, as its file."""
    from license_vault.approvals.items import MODE_NAMES, ApprovalItems

    if arguments.code is not None:
        return _show_item(arguments.code)
    with _reading() as (session, _keys):
        found = ApprovalItems(session).everyone()
    rows = [(item.code, item.mode.value, MODE_NAMES[item.mode][0], item.name) for item in found]
    table(("item", "mode", "方式", "name"), rows)
    return DONE


def _show_item(code: str) -> int:
    from license_vault.cases.needs import ItemNeeds

    with _reading() as (session, _keys):
        kept = ItemNeeds(session).get(code)
    tell_program(kept.item.to_json())
    return DONE


def add_officer(arguments: argparse.Namespace) -> int:
    """Take an officer in with the certificate of the own signing key."""
    from api.pem import CERTIFICATE, from_pem
    from license_vault.approvals.officers import Officer, OfficerWriter

    der = from_pem(CERTIFICATE, read_text(arguments.certificate))[0]
    officer = Officer(arguments.id, arguments.org, der)

    def add(session: Writing, keys: KeyProvider, by: str, at: datetime) -> None:
        OfficerWriter(session, keys).add(officer, by, at)

    _change("officer.added", _subject(arguments.id), {"organisation": arguments.org}, add)
    say("审批人员已登记。", "The officer is taken in.")
    return DONE


def disable_officer(arguments: argparse.Namespace) -> int:
    """Shut an officer out: nothing signed with the certificate counts from now on."""
    from license_vault.approvals.officers import OfficerWriter

    def disable(session: Writing, keys: KeyProvider, by: str, at: datetime) -> None:
        OfficerWriter(session, keys).disable(arguments.id, by, at)

    _change("officer.disabled", _subject(arguments.id), {}, disable)
    say("审批人员已停用。", "The officer is shut out.")
    return DONE


def show_officers(_: argparse.Namespace) -> int:
    """Show the officers with their certificates."""
    from keys.certificate import read_certificate
    from license_vault.approvals.officers import Officers

    with _reading() as (session, keys):
        found = Officers(session, keys).everyone()
    rows = []
    for record in found:
        ends = read_certificate(record.officer.certificate).not_after.date().isoformat()
        state = "disabled" if record.disabled_at else "active"
        rows.append((record.officer.officer_id, record.officer.organisation_code, state, ends))
    table(("officer", "organisation", "state", "certificate ends"), rows)
    return DONE


def _subject(officer_id: str) -> str:
    return f"person:{officer_id[:128]}"


@contextmanager
def _reading() -> Iterator[tuple[Reading, KeyProvider]]:
    from api import wiring
    from api.settings import load_settings

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database, database.reading() as session:
        yield session, keys


def _change(action: str, subject: str, details: dict[str, str], change: Change) -> None:
    """Change a register; the change and its audit entry are one, a refusal is in the audit too."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.audit import Act, AuditWriter
    from license_vault.refusals import Attempt, refusals_recorded

    settings = load_settings()
    keys, clock, by = wiring.keys_of(settings), wiring.clock, operator()
    with (
        wiring.open_database_of(settings) as database,
        refusals_recorded(database, Attempt(by, action, subject, details), clock),
        database.writing() as session,
    ):
        at = clock()
        change(session, keys, by, at)
        AuditWriter(session).append(Act(by, action, subject, details, at))
