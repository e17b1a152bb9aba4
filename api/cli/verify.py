"""``license-vault verify``: the verdict first, in a sentence; then each check.

Of several files each has its verdict; then it is said whether they are one license. Among them may
be the manifest of the library, which says which files it issued.

With ``--trust BUNDLE`` it needs no database, no key, no setting and no network.
Without, it asks the live rows of this node.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.console import USAGE, Commands, Parser, complain
from api.cli.verify_qr import verify_qr
from api.errors import CommandRefusedError
from api.member_lines import member_lines
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

    from verification.manifest_judgement import ManifestReport
    from verification.report import VerificationReport
    from verification.sources import Sources
    from verification.together import TogetherReport
    from verification.verifier import Verifier

    _Tell = Callable[[Mapping[str, Any], datetime | None], Mapping[str, Any]]

# Of several files the worst answers: forged, not a file we read, unknown, ended, a copy, valid.
_WORST_FIRST = (1, 4, 3, 2, 5, 0)
INDETERMINATE = 3
_FILES = "PDF、OFD、JSON、印章、清单或存在证明 files: PDF, OFD, JSON, seal, manifest, proof"
_NO_RECEIPT = (
    "--file 用于核验回执：所给的不是核验回执。",
    "--file is what a verification receipt (核验回执) is about, and none was given.",
)
_MARKS = {"passed": "✓", "failed": "✕", "indeterminate": "?", "not_checked": "–"}


def add_commands(commands: Commands) -> None:
    """Add the command."""
    verify_ = commands.add_parser(
        "verify",
        help="核验证照文件与印章 verify license files and seals",
        epilog="退出码 exit status: 0 valid, 1 altered/untrusted, 2 not in force, "
        "3 indeterminate, 4 unsealed or unreadable, 5 a valid purpose-bound copy, 64 usage",
    )
    add_arguments(verify_, _FILES)
    verify_.add_argument("--qr", metavar="TEXT", help="二维码内容 what a QR code says")
    verify_.add_argument(
        "--file", metavar="FILE", help="核验回执所说的文件 what a receipt is about"
    )


def add_arguments(verify_: Parser, files: str) -> None:
    """Let a command be told what to verify and how; ``files`` says what it takes."""
    verify_.add_argument("files", nargs="*", metavar="FILE", help=files)
    verify_.add_argument("--json", action="store_true", help="输出 JSON 报告 print the report")
    verify_.add_argument("--at", metavar="TIME", help="所问时间 the time asked about")
    verify_.add_argument(
        "--policy",
        choices=("default", "strict", "historical"),
        default="default",
        help="核验策略 by which policy; historical needs --at",
    )
    verify_.add_argument("--trust", metavar="BUNDLE", help="信任包文件 a trust bundle")
    verify_.add_argument(
        "--second-opinion",
        action="store_true",
        help="另用 gmssl 复核签名 check signatures with gmssl too",
    )
    verify_.set_defaults(run=verify, qr=None, file=None)


def verify(arguments: argparse.Namespace) -> int:
    """Verify each file, say whether several are one license, leave with the worst verdict."""
    from verification.moments import read_as_of

    if bool(arguments.files) == (arguments.qr is not None):
        complain("请指定文件，或用 --qr 给出二维码。", "Name files, or a code with --qr.")
        return USAGE
    if arguments.qr is not None and arguments.file is not None:
        complain(*_NO_RECEIPT)
        return USAGE
    try:
        at = read_as_of(arguments.at) if arguments.at else None
    except AsOfInvalidError:
        complain("--at 应为日期或带时区的时刻。", "--at must be a date or an instant with offset.")
        return USAGE
    if at is None and arguments.policy == "historical":
        complain("按历史策略核验须给出 --at。", "The historical policy needs --at.")
        return USAGE
    try:
        with _sources(arguments.trust) as (sources, tell):
            if arguments.qr is not None:
                return verify_qr(sources, arguments, at)
            with _verifier(sources, arguments) as verifier:
                about = _digest_of(arguments.file)
                answers, together = _verify_all(verifier, arguments.files, at, about)
            answers = [replace(answer, shown=tell(answer.shown, at)) for answer in answers]
    except CommandRefusedError as error:
        # 1 would say that a document is altered.
        complain(error.message_zh, error.message_en)
        return USAGE
    except (LicenseVaultError, VerificationError) as error:
        complain("暂无法判定。", f"Cannot be determined: {error}")
        return INDETERMINATE
    show = _print_json if arguments.json else _print_text
    show(answers, together)
    codes = {answer.exit for answer in answers}
    return next(code for code in _WORST_FIRST if code in codes)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One file: its exit status, what is shown, and the report if it is a document we read."""

    path: Path
    exit: int
    shown: Mapping[str, Any]
    report: VerificationReport | None = None
    is_manifest: bool = False


def _digest_of(name: str | None) -> str | None:
    """Return the SM3 (hex) of the file that a receipt is held to, None if none is named."""
    from keys.sm3 import sm3

    if name is None:
        return None
    try:
        return sm3(Path(name).read_bytes()).hex()
    except OSError as error:
        raise CommandRefusedError(
            f"无法读取文件 {name}。", f"The file {name} cannot be read."
        ) from error


def _verify_all(
    verifier: Verifier, names: Sequence[str], at: datetime | None, about: str | None
) -> tuple[list[_Answer], TogetherReport]:
    """Return an answer for each file in their order, and what is said of them together.

    Args:
        about: SM3 (hex) of the file that verification receipts are held to.
    """
    from verification.manifest_judgement import is_manifest

    read, verifier = _without_proofs([_read(Path(name)) for name in names], verifier)
    manifests = [data for _, data in read if isinstance(data, bytes) and is_manifest(data)]
    if about is not None and not any(_is_receipt(data) for _, data in read):
        raise CommandRefusedError(*_NO_RECEIPT)
    answers = [
        data if isinstance(data, _Answer) else _verify_one(verifier, (path, data), at, about)
        for path, data in read
    ]
    documents = [answer.report for answer in answers if not answer.is_manifest]
    together = verifier.compare(documents, manifests, at)
    judged = iter(together.manifests)
    return [_manifest(answer, judged) for answer in answers], together


def _is_receipt(data: bytes | _Answer) -> bool:
    from signing.sealed_json.verification_receipt import is_verification_receipt

    return isinstance(data, bytes) and is_verification_receipt(data)


def _without_proofs(
    read: list[tuple[Path, bytes | _Answer]], verifier: Verifier
) -> tuple[list[tuple[Path, bytes | _Answer]], Verifier]:
    """Give proofs of existence to the verifier, where there are files that they may be of."""
    from signing.issue_proof import is_issue_proof

    proofs = [data for _, data in read if isinstance(data, bytes) and is_issue_proof(data)]
    others = [(path, data) for path, data in read if data not in proofs]
    return (others, verifier.with_proofs(proofs)) if others else (read, verifier)


def _read(path: Path) -> tuple[Path, bytes | _Answer]:
    from verification.report import REFUSED_EXIT_CODE

    try:
        return path, path.read_bytes()
    except OSError as error:
        shown = _refusal("无法读取文件。", "The file cannot be read.", error)
        return path, _Answer(path, REFUSED_EXIT_CODE, shown)


def _verify_one(
    verifier: Verifier, read: tuple[Path, bytes], at: datetime | None, about: str | None
) -> _Answer:
    from signing.sealed_json.presenting_receipt import is_receipt
    from signing.sealed_json.verification_receipt import is_verification_receipt
    from verification.manifest_judgement import is_manifest
    from verification.report import REFUSED_EXIT_CODE, exit_code

    path, data = read
    if is_manifest(data):
        return _Answer(path, 0, {}, is_manifest=True)
    if is_verification_receipt(data):
        found = verifier.verify_verification_receipt(data, about, at)
        return _Answer(path, exit_code(found.verdict), found.to_json())
    if is_receipt(data):
        judged = verifier.verify_receipt(data, at)
        return _Answer(path, exit_code(judged.verdict), judged.to_json())
    try:
        report = verifier.verify(data, at)
    except VerificationRefusedError as error:
        return _Answer(path, REFUSED_EXIT_CODE, _refusal(*_why_refused(error), error))
    return _Answer(path, exit_code(report.verdict), report.to_json(), report)


def _manifest(answer: _Answer, judged: Iterator[ManifestReport]) -> _Answer:
    """Return the answer about a manifest, which waited for the reports on the other files."""
    from verification.report import exit_code

    if not answer.is_manifest:
        return answer
    report = next(judged)
    return replace(answer, exit=exit_code(report.verdict), shown=report.to_json())


def _why_refused(error: VerificationRefusedError) -> tuple[str, str]:
    if isinstance(error, EmptyDocumentError):
        return "文件是空的。", "The file is empty."
    if isinstance(error, DocumentTooLargeError):
        return (
            f"文件太大：{error.size} 字节，上限 {error.limit} 字节。",
            f"The file is too large: {error.size} bytes, at most {error.limit} are read.",
        )
    return (
        "不是 PDF、OFD、JSON 或印章文件。",
        "This is neither a PDF nor an OFD, a JSON or a seal.",
    )


def _refusal(zh: str, en: str, error: Exception) -> dict[str, Any]:
    return {"verdict": None, "sentence": {"zh": zh, "en": en}, "reason": type(error).__name__}


@contextmanager
def _verifier(sources: Sources, arguments: argparse.Namespace) -> Iterator[Verifier]:
    from keys.second_opinion import agrees_valid
    from license_vault.clock import system_clock
    from verification.parser_process import ParserPool
    from verification.policy import load_policy
    from verification.verifier import Verifier

    with ParserPool(processes=1, require_isolation=False) as pool:
        yield Verifier(
            sources,
            pool.parse,
            load_policy(arguments.policy),
            system_clock,
            agrees_valid if arguments.second_opinion else None,
        )


@contextmanager
def _sources(bundle: str | None) -> Iterator[tuple[Sources, _Tell]]:
    """Give what is asked, and what this node tells of its own licenses; a bundle tells no more."""
    if bundle is not None:
        yield _bundle_sources(Path(bundle)), lambda report, _at: report
        return
    from api import wiring
    from api.member_reports import with_members
    from api.settings import load_settings
    from license_vault.database.sessions import is_missing

    settings = load_settings()
    if is_missing(settings.database_url):
        raise CommandRefusedError(
            "这里没有本节点的数据库；请用 --trust 指定信任包文件。",
            "There is no node's database here; name a trust bundle with --trust.",
        )
    with wiring.open_database_of(settings) as database:

        def tell(report: Mapping[str, Any], at: datetime | None) -> Mapping[str, Any]:
            return with_members(database, report, at, wiring.clock())

        yield wiring.sources_of(settings, database), tell


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


def _print_json(answers: Sequence[_Answer], together: TogetherReport) -> None:
    """Print the report on one file; of several the same as the API answers, with their names."""
    told = [(answer, _with_name(answer)) for answer in answers]
    reports = [shown for answer, shown in told if not answer.is_manifest]
    manifests = [shown for answer, shown in told if answer.is_manifest]
    whole = {**together.to_json(), "reports": reports, "manifests": manifests}
    alone = len(answers) == 1 and not manifests
    sys.stdout.write(json.dumps(reports[0] if alone else whole, ensure_ascii=False, indent=1))
    sys.stdout.write("\n")


def _with_name(answer: _Answer) -> dict[str, Any]:
    return {"file": str(answer.path), "exit": answer.exit, **answer.shown}


def _print_text(answers: Sequence[_Answer], together: TogetherReport) -> None:
    lines: list[str] = []
    for answer in answers:
        sentence = answer.shown["sentence"]
        lines += [sentence["zh"], sentence["en"], f"  {answer.path}"]
        for check in answer.shown.get("checks", ()):
            mark = _MARKS[check["outcome"]]
            lines.append(f"  {mark} {check['sentence']['zh']}")
            lines.append(f"    {check['sentence']['en']}  [{check['check']}: {check['code']}]")
        members = member_lines(answer.shown.get("license"))
        lines += [f"  · {zh} {en}: {state}" for zh, en, state in members]
    if sum(not answer.is_manifest for answer in answers) > 1:
        lines += [together.sentence.zh, together.sentence.en]
    sys.stdout.write("\n".join(lines) + "\n")
