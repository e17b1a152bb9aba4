"""Commands over many rows: import, revalidate; job list, show, pause, resume.

A job that was begun goes on wherever it was: after Ctrl-C, a kill or a power cut the same command
with ``--resume`` finishes it, or a serving node does.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import DONE, REFUSED, Commands, complain, operator, say, table
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.bulk_work import JobWork
    from api.services import Services
    from license_vault.api_clients import Caller
    from license_vault.bulk.jobs import Job, JobKind
    from license_vault.bulk.staging import JobOrder
    from license_vault.database.sessions import Database

ROW_FILES = ("rows.ndjson", "rows.jsonl", "rows.csv")


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    command = commands.add_parser(
        "import", help="批量导入存量证照 import licenses that exist on paper or as sealed files"
    )
    command.set_defaults(run=import_)
    _add_input(command)
    command.add_argument(
        "--dry-run", action="store_true", help="只检查，不写入 check every row, write nothing"
    )
    command = commands.add_parser("revalidate", help="批量校验 revalidate many licenses")
    command.set_defaults(run=revalidate, dry_run=False)
    _add_input(command)
    _add_jobs(commands)


def _add_input(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "input",
        metavar="FILE|FOLDER",
        help="NDJSON 或 CSV；文件夹中为 rows.ndjson 或 rows.csv 及其文件 the rows, or a folder of "
        "them and their files",
    )
    command.add_argument(
        "--org",
        required=True,
        metavar="CODE",
        help="以哪个机构办理 on behalf of which organisation",
    )
    command.add_argument("--basis", help="各行未写依据时的法律依据 legal basis of rows without one")
    command.add_argument(
        "--resume", action="store_true", help="继续未完成的作业 go on where it was"
    )
    command.add_argument(
        "--errors",
        metavar="FILE",
        help="错误行写到何处 where refused rows go; default beside the input",
    )


def _add_jobs(commands: Commands) -> None:
    job = commands.add_parser("job", help="批量作业 bulk jobs")
    group = job.add_subparsers(required=True, metavar="COMMAND")
    group.add_parser("list", help="列出作业 list jobs").set_defaults(run=list_jobs)
    for name, run, words in (
        ("show", show_job, "作业详情 show a job"),
        ("pause", pause_job, "暂停作业 stop a job after the rows under way"),
        ("resume", resume_job, "继续作业并在此办理 let a paused job go on, and work on it here"),
    ):
        command = group.add_parser(name, help=words)
        command.add_argument("job", help="作业标识 its id")
        command.set_defaults(run=run)


# --- import and revalidate ---------------------------------------------------------------------


def import_(arguments: argparse.Namespace) -> int:
    """Import every row of a file, or only check it."""
    from license_vault.bulk.jobs import JobKind

    if arguments.dry_run:
        return _check(arguments)
    return _run(arguments, JobKind.IMPORT)


def revalidate(arguments: argparse.Namespace) -> int:
    """Revalidate the license of every row of a file."""
    from license_vault.bulk.jobs import JobKind

    return _run(arguments, JobKind.REVALIDATION)


def _run(arguments: argparse.Namespace, kind: JobKind) -> int:
    from license_vault.bulk.staging import input_digest

    path, order = _input(arguments, kind)
    with _node() as services, path.open("rb") as stream:
        caller = _caller(arguments.org)
        digest = input_digest(stream, order)
        found = services.jobs.staging.find(digest, order, caller)
        if not arguments.resume:
            _require_not_begun(found)
        job = services.jobs.staging.take_in(stream, digest, order, caller)
        return _work_on(services, job, _errors_path(arguments, path))


def _require_not_begun(found: Job | None) -> None:
    """Refuse a job that was begun before and is not finished."""
    from license_vault.bulk.jobs import JobState

    if found is None or found.state is JobState.FINISHED:
        return
    raise CommandRefusedError(
        f"此文件的作业 {found.name} 尚未完成；加 --resume 继续。",
        f"Job {found.name} of this file is not finished; add --resume to go on.",
    )


def _check(arguments: argparse.Namespace) -> int:
    """Look at every row as the import would, and write nothing."""
    from api.cli.bulk_check import check_rows
    from license_vault.bulk.errors import InputUnreadableError
    from license_vault.bulk.jobs import JobKind

    path, order = _input(arguments, JobKind.IMPORT)
    with _node() as services, path.open("rb") as stream:
        good, refused = check_rows(services, stream, order, _caller(arguments.org))
        errors = _errors_path(arguments, path)
        count = _write_errors(errors, refused)
    if not good() + count:
        raise InputUnreadableError("empty")
    if count:
        say(f"错误行：{errors}", f"Refused rows: {errors}")
    say(
        f"检查完毕：{good()} 行可导入，{count} 行有误；未写入任何内容。",
        f"Checked: {good()} rows can be imported, {count} are wrong; nothing was written.",
    )
    return REFUSED if count else DONE


def _work_on(services: Services, job: Job, errors: Path | None) -> int:
    """Work on a job until it is over, then write down what was refused."""
    from api.cli.bulk_progress import Progress
    from license_vault.bulk.jobs import JobState
    from license_vault.bulk.outcomes import Ending
    from license_vault.bulk.results import outcomes_of

    job = _resumed_if_paused(services, job)
    progress = Progress(services, sys.stderr)
    work: JobWork = services.jobs.watched(progress.reached)
    try:
        job = progress.until_over(job, work)
    except KeyboardInterrupt:
        complain(
            f"作业 {job.name} 已中断，已办的行保留；加 --resume 重复命令即可继续。",
            f"Job {job.name} was interrupted, what is done stays; go on with --resume.",
        )
        raise
    finally:
        work.close()
    if job.state is not JobState.FINISHED:
        say(f"作业 {job.name} 已暂停。", f"Job {job.name} is paused.")
        return REFUSED
    counts = job.counts
    if errors is not None:
        # Also when there are none: what an earlier look left there would tell of rows that are in.
        refused = outcomes_of(services.database, services.keys, job, Ending.BAD)
        if _write_errors(errors, refused):
            say(f"错误行：{errors}", f"Refused rows: {errors}")
    say(
        f"作业 {job.name}：办成 {counts.done}，已有 {counts.existing}，有误 {counts.bad}，"
        f"共 {job.staged_rows} 行。",
        f"Job {job.name}: {counts.done} done, {counts.existing} there already, {counts.bad} "
        f"refused, {job.staged_rows} rows in all.",
    )
    return REFUSED if counts.bad else DONE


def _resumed_if_paused(services: Services, job: Job) -> Job:
    from license_vault.bulk.control import JobControl
    from license_vault.bulk.jobs import JobState

    if job.state is not JobState.PAUSED:
        return job
    control = JobControl(services.database, services.clock)
    with services.database.writing() as session:
        control.resume(job, operator(), session)
    return control.get(job.name)


def _write_errors(path: Path, refused: Iterator[dict[str, object]]) -> int:
    """Write refused rows as NDJSON, for their owner only; none: no file. Return how many."""
    import json
    import os

    # The first is asked for before the file is touched: an input that cannot be read leaves none.
    first = next(refused, None)
    if path.is_file():
        # Made anew rather than emptied: others may have been able to read the one before.
        path.unlink()
    if first is None:
        return 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    count = 0
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        for outcome in chain((first,), refused):
            file.write(json.dumps(outcome, ensure_ascii=False) + "\n")
            count += 1
    return count


def _input(arguments: argparse.Namespace, kind: JobKind) -> tuple[Path, JobOrder]:
    """Return the file of rows, and what is asked of it."""
    from license_vault.bulk.rows import layout_of
    from license_vault.bulk.staging import JobOrder

    path = Path(arguments.input)
    if path.is_dir():
        there = [path / name for name in ROW_FILES if (path / name).is_file()]
        if len(there) != 1:
            raise CommandRefusedError(
                f"{path} 中应恰有一个 {'、'.join(ROW_FILES)}。",
                f"{path} must hold exactly one of {', '.join(ROW_FILES)}.",
            )
        path = there[0]
    defaults = {"basis": arguments.basis} if arguments.basis else {}
    folder = str(path.parent.resolve())
    return path, JobOrder(kind, layout_of(path.name), defaults, folder)


def _errors_path(arguments: argparse.Namespace, path: Path) -> Path:
    return Path(arguments.errors) if arguments.errors else path.with_suffix(".errors.ndjson")


def _caller(organisation: str) -> Caller:
    """Return the operator of this machine, acting for an organisation with every type."""
    from license_vault.api_clients import Caller, Scope
    from license_vault.issuing.plan import ISSUE

    return Caller(operator(), organisation, frozenset({Scope(ISSUE)}))


# --- jobs --------------------------------------------------------------------------------------


def list_jobs(_: argparse.Namespace) -> int:
    """List the newest hundred jobs."""
    from license_vault.bulk.jobs import Jobs

    with _database() as database, database.reading() as session:
        found = Jobs(session).page(None, 100)
    table(
        ("job", "kind", "state", "rows", "done", "existing", "bad", "created"),
        (
            (
                job.name,
                job.kind.value,
                job.state.value,
                str(job.staged_rows),
                str(job.counts.done),
                str(job.counts.existing),
                str(job.counts.bad),
                job.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            for job in found
        ),
    )
    return DONE


def show_job(arguments: argparse.Namespace) -> int:
    """Show a job as JSON."""
    from api.cli.console import tell_program
    from api.job_models import JobOut, job_values
    from license_vault.bulk.jobs import Jobs

    with _database() as database, database.reading() as session:
        job = Jobs(session).get(arguments.job)
    tell_program(JobOut(**job_values(job)).model_dump(mode="json"))
    return DONE


def pause_job(arguments: argparse.Namespace) -> int:
    """Stop a job, wherever it runs."""
    from api import wiring
    from license_vault.bulk.control import JobControl

    with _database() as database:
        control = JobControl(database, wiring.clock)
        job = control.get(arguments.job)
        with database.writing() as session:
            control.pause(job, operator(), session)
    say("作业已暂停；正在办理的几行会先办完。", "The job is paused after the rows under way.")
    return DONE


def resume_job(arguments: argparse.Namespace) -> int:
    """Let a job go on, and work on it here until it is over."""
    from license_vault.bulk.jobs import Jobs

    with _node() as services:
        with services.database.reading() as session:
            job = Jobs(session).get(arguments.job)
        return _work_on(services, job, None)


# --- what commands stand on --------------------------------------------------------------------


@contextmanager
def _node() -> Iterator[Services]:
    from api.node_wiring import wire
    from api.observability import configure_log
    from api.settings import load_settings

    configure_log()
    services = wire(load_settings())
    try:
        yield services
    finally:
        services.close()


@contextmanager
def _database() -> Iterator[Database]:
    from api import wiring
    from api.settings import load_settings

    with wiring.open_database_of(load_settings()) as database:
        yield database
