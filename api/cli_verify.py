"""``license-vault verify``: the verdict first, in a sentence; then each check.

With ``--trust BUNDLE`` it needs no database, no key, no setting and no network.
Without, it asks the live rows of this node.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.console import USAGE, Commands, complain
from api.errors import CommandRefusedError
from license_vault.errors import LicenseVaultError
from verification.errors import (
    AsOfInvalidError,
    DocumentTooLargeError,
    EmptyDocumentError,
    VerificationError,
    VerificationRefusedError,
)

if TYPE_CHECKING:
    from datetime import datetime

    from verification.sources import Sources
    from verification.verifier import Verifier

# Of several files the worst answers: forged, not a file we read, unknown, ended, valid.
_WORST_FIRST = (1, 4, 3, 2, 0)
INDETERMINATE = 3
_MARKS = {"passed": "✓", "failed": "✕", "indeterminate": "?", "not_checked": "–"}


def add_commands(commands: Commands) -> None:
    """Add the command."""
    verify_ = commands.add_parser(
        "verify",
        help="核验证照文件 verify license files",
        epilog="退出码 exit status: 0 valid, 1 altered/untrusted, 2 not in force, "
        "3 indeterminate, 4 unsealed or unreadable, 64 usage",
    )
    verify_.add_argument("files", nargs="+", metavar="FILE", help="PDF 文件 files")
    verify_.add_argument("--json", action="store_true", help="输出 JSON 报告 print the report")
    verify_.add_argument("--at", metavar="TIME", help="所问时间 the time asked about")
    verify_.add_argument("--trust", metavar="BUNDLE", help="信任包文件 a trust bundle")
    verify_.add_argument(
        "--second-opinion",
        action="store_true",
        help="另用 gmssl 复核签名 check signatures with gmssl too",
    )
    verify_.set_defaults(run=verify)


def verify(arguments: argparse.Namespace) -> int:
    """Verify each file and leave with the worst verdict."""
    from verification.moments import read_as_of

    try:
        at = read_as_of(arguments.at) if arguments.at else None
    except AsOfInvalidError:
        complain("--at 应为日期或带时区的时刻。", "--at must be a date or an instant with offset.")
        return USAGE
    try:
        with _verifier(arguments.trust, arguments.second_opinion) as verifier:
            answers = [_verify_one(verifier, Path(name), at) for name in arguments.files]
    except CommandRefusedError as error:
        # 1 would say that a document is altered.
        complain(error.message_zh, error.message_en)
        return USAGE
    except (LicenseVaultError, VerificationError) as error:
        complain("暂无法判定。", f"Cannot be determined: {error}")
        return INDETERMINATE
    if arguments.json:
        _print_json(answers)
    else:
        for answer in answers:
            _print_text(answer)
    codes = {code for _, code, _ in answers}
    return next(code for code in _WORST_FIRST if code in codes)


Answer = tuple[Path, int, dict[str, Any]]


def _verify_one(verifier: Verifier, path: Path, at: datetime | None) -> Answer:
    from verification.report import REFUSED_EXIT_CODE, exit_code

    try:
        report = verifier.verify(path.read_bytes(), at)
    except OSError as error:
        return (
            path,
            REFUSED_EXIT_CODE,
            _refusal("无法读取文件。", "The file cannot be read.", error),
        )
    except VerificationRefusedError as error:
        return path, REFUSED_EXIT_CODE, _refusal(*_why_refused(error), error)
    return path, exit_code(report.verdict), report.to_json()


def _why_refused(error: VerificationRefusedError) -> tuple[str, str]:
    if isinstance(error, EmptyDocumentError):
        return "文件是空的。", "The file is empty."
    if isinstance(error, DocumentTooLargeError):
        return (
            f"文件太大：{error.size} 字节，上限 {error.limit} 字节。",
            f"The file is too large: {error.size} bytes, at most {error.limit} are read.",
        )
    return "不是 PDF 文件。", "This is not a PDF."


def _refusal(zh: str, en: str, error: Exception) -> dict[str, Any]:
    return {"verdict": None, "sentence": {"zh": zh, "en": en}, "reason": type(error).__name__}


@contextmanager
def _verifier(bundle: str | None, second_opinion: bool) -> Iterator[Verifier]:
    from keys.second_opinion import agrees_valid
    from license_vault.clock import system_clock
    from verification.parser_process import ParserPool
    from verification.policy import load_policy
    from verification.verifier import Verifier

    with (
        _sources(bundle) as sources,
        ParserPool(processes=1, require_isolation=False) as pool,
    ):
        yield Verifier(
            sources,
            pool.parse,
            load_policy("default"),
            system_clock,
            agrees_valid if second_opinion else None,
        )


@contextmanager
def _sources(bundle: str | None) -> Iterator[Sources]:
    if bundle is not None:
        yield _bundle_sources(Path(bundle))
        return
    from api import wiring
    from api.settings import load_settings
    from license_vault.database import is_missing

    settings = load_settings()
    if is_missing(settings.database_url):
        raise CommandRefusedError(
            "这里没有本节点的数据库；请用 --trust 指定信任包文件。",
            "There is no node's database here; name a trust bundle with --trust.",
        )
    with wiring.open_database_of(settings) as database:
        yield wiring.sources_of(settings, database)


def _bundle_sources(path: Path) -> Sources:
    from signing.errors import MalformedTrustBundleError
    from signing.trust_bundle import read_trust_bundle
    from verification.source_bundle import bundle_sources

    try:
        return bundle_sources(read_trust_bundle(path.read_bytes()))
    except (OSError, MalformedTrustBundleError) as error:
        raise CommandRefusedError(
            f"信任包 {path} 无法使用。", f"The trust bundle {path} cannot be used: {error}"
        ) from error


def _print_json(answers: list[Answer]) -> None:
    reports = [{"file": str(path), "exit": code, **report} for path, code, report in answers]
    shown = reports[0] if len(reports) == 1 else reports
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")


def _print_text(answer: Answer) -> None:
    path, _, report = answer
    lines = [report["sentence"]["zh"], report["sentence"]["en"], f"  {path}"]
    for check in report.get("checks", ()):
        mark = _MARKS[check["outcome"]]
        lines.append(f"  {mark} {check['sentence']['zh']}")
        lines.append(f"    {check['sentence']['en']}  [{check['check']}: {check['code']}]")
    sys.stdout.write("\n".join(lines) + "\n")
