"""The command ``license-vault work``: do what a node does by itself, without serving."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import TYPE_CHECKING

from api.cli.console import DONE, Commands, say

if TYPE_CHECKING:
    from api.background import BackgroundRunner


def add_commands(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "work", help="只做后台任务 do the background tasks only, without serving"
    )
    command.add_argument(
        "--once",
        action="store_true",
        help="每项到期任务各做一次 each task that is due once, and end",
    )
    command.set_defaults(run=work)


def work(arguments: argparse.Namespace) -> int:
    """Run the background tasks until told to stop."""
    from api.background import runner_of
    from api.background_tasks import tasks_of
    from api.node_wiring import wire
    from api.observability import configure_log
    from api.settings import load_settings

    configure_log()
    services = wire(load_settings())
    try:
        runner = runner_of(services, tasks_of(services))
        if arguments.once:
            done = ", ".join(runner.run_due()) or "-"
            say(f"已做：{done}。", f"Done: {done}.")
            return DONE
        _run_until_told(runner)
    finally:
        services.close()
    return DONE


def _run_until_told(runner: BackgroundRunner) -> None:
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    runner.start()
    say("后台任务运行中。", "Background tasks are running.")
    told.wait()
    runner.stop()
