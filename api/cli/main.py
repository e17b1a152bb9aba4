"""The command ``license-vault``: one function a command, one module a group.

A command reads its arguments, calls one thing and prints what came of it. What a
command needs is imported when it runs, so that ``verify`` works where there is no
database, no key and no setting.
"""

from __future__ import annotations

import argparse
import functools
import io
import os
import sys
from collections.abc import Sequence

from api.cli import access as cli_access
from api.cli import bulk as cli_bulk
from api.cli import ca as cli_ca
from api.cli import clients as cli_clients
from api.cli import devices as cli_devices
from api.cli import directory as cli_directory
from api.cli import exchange as cli_exchange
from api.cli import issue_log as cli_issue_log
from api.cli import items as cli_items
from api.cli import keep as cli_keep
from api.cli import key as cli_key
from api.cli import organisations as cli_organisations
from api.cli import partner as cli_partner
from api.cli import render as cli_render
from api.cli import roles as cli_roles
from api.cli import script as cli_script
from api.cli import seal as cli_seal
from api.cli import serve as cli_serve
from api.cli import share as cli_share
from api.cli import trust as cli_trust
from api.cli import types as cli_types
from api.cli import verify as cli_verify
from api.cli import work as cli_work
from api.cli.console import REFUSED, Parser, Run, complain
from api.errors import (
    ApiError,
    CommandRefusedError,
    SettingsRefusedError,
    StartRefusedError,
)
from keys import errors as key_errors
from keys.errors import KeyCustodyError
from license_vault import errors as vault_errors
from license_vault.errors import (
    DatabaseUnavailableError,
    LicenseVaultError,
    PathUnusableError,
)
from signing.errors import SigningError
from verification.errors import VerificationError

_GROUPS = (
    cli_serve,
    cli_share,
    cli_work,
    cli_script,
    cli_verify,
    cli_render,
    cli_types,
    cli_ca,
    cli_roles,
    cli_seal,
    cli_issue_log,
    cli_items,
    cli_organisations,
    cli_clients,
    cli_access,
    cli_directory,
    cli_exchange,
    cli_partner,
    cli_devices,
    cli_key,
    cli_keep,
    cli_bulk,
    cli_trust,
)


@functools.cache
def parser() -> Parser:
    """Return the parser of all commands; a script asks for it with every line."""
    top = Parser(
        prog="license-vault",
        description="签发、用印、存证、核验电子证照。 Issue, seal, keep and verify licenses.",
    )
    commands = top.add_subparsers(title="命令 commands", required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without Chinese, or without a rare character, shows its number instead.
            stream.reconfigure(errors="backslashreplace")
    chosen = parser().parse_args(arguments)
    try:
        status = _answered(chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read what we print has gone, as head does; nothing is wrong with a path.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    return status


def _answered(chosen: argparse.Namespace) -> int:
    """Run what was chosen; what it refuses is told in both languages."""
    run: Run = chosen.run
    try:
        return run(chosen)
    except (CommandRefusedError, StartRefusedError) as error:
        complain(error.message_zh, error.message_en)
    except SettingsRefusedError as error:
        complain("设置不合规，拒绝启动：", "The settings are refused:")
        for reason in error.reasons:
            sys.stderr.write(f"  {reason}\n")
    except PathUnusableError as error:
        _complain_of(error.path, error.reason)
    except OSError as error:
        # A file that was named on the command line, or a place of ours that went away.
        _complain_of_system(error)
    except (
        ApiError,
        KeyCustodyError,
        LicenseVaultError,
        SigningError,
        VerificationError,
    ) as error:
        # One of ours: its sentence says what to do, a trace would not.
        complain(_sentence_zh(error), f"The command was not completed: {error}{_why(error)}")
    except KeyboardInterrupt:
        return 130
    return REFUSED


_AT_THE_NODE = {
    vault_errors.OrganisationUnknownError: "没有机构 {code}。",
    vault_errors.OrganisationExistsError: "机构 {code} 已在册。",
    vault_errors.ClientUnknownError: "没有客户端 {client_id}。",
    key_errors.WrongPassphraseError: "口令打不开密钥目录 {path}。",
    key_errors.KeyFileUnsafeError: "{path} 权限过宽或属于他人；密钥目录须为 0700，文件须为 0600。",
    key_errors.KeyFileDamagedError: "密钥文件 {path} 已损坏，请从备份恢复。",
    key_errors.KeyNotFoundError: "没有密钥 {label}。",
    key_errors.KeyAddressError: "密钥地址无法识别，应为 file:目录。",
}
"""What some refusals mean to an operator; the service answers a caller otherwise, or not at all."""


def _why(error: Exception) -> str:
    """Return what the driver says of a database that does not answer, for the operator only."""
    cause = getattr(error.__cause__, "orig", None)
    if not isinstance(error, DatabaseUnavailableError) or not str(cause or ""):
        return ""
    # Anything else may quote values of a row.
    known = type(cause).__name__ == "OperationalError"
    return f": {str(cause).splitlines()[0]}" if known else ""


def _sentence_zh(error: Exception) -> str:
    """Return what a refusal means in Chinese, as the service answers it."""
    from api.problems.answers import problem_of
    from api.problems.kinds import INTERNAL

    if told := _AT_THE_NODE.get(type(error)):
        return f"命令未完成：{told.format_map(vars(error))}"
    problem = problem_of(error)
    if problem.kind is INTERNAL:
        return "命令未完成。"
    return f"命令未完成：{problem.kind.messages(problem.values)['zh']['detail']}"


def _complain_of_system(error: OSError) -> None:
    if isinstance(error, BrokenPipeError):
        raise error
    _complain_of(str(error.filename or ""), error.strerror or type(error).__name__)


def _complain_of(path: str, reason: str) -> None:
    complain(
        f"无法创建或读写 {path}，请检查路径与权限（{reason}）。",
        f"{path} cannot be made, read or written; check the path and its permissions ({reason}).",
    )


if __name__ == "__main__":
    sys.exit(main())
