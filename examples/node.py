"""One region's service as the demo runs it: its settings, its commands, its HTTP address."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

EXAMPLES = Path(__file__).parent
ROOT = EXAMPLES.parent
PROGRAM = Path(sys.executable).parent / "license-vault"
DEMO = Path("demo")
NODE = DEMO / "node"
START_SECONDS = 180


class DemoFailedError(Exception):
    """A step did not come out as the demo promises."""


class Node:
    """One region's service: its settings, its commands, its HTTP."""

    def __init__(
        self, home: Path, port: int, environment: Mapping[str, str], prompt: str = ""
    ) -> None:
        self.home = home
        self.prompt = prompt
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "LICENSE_VAULT_HOME": str(home.resolve()),
            "LICENSE_VAULT_PUBLIC_URL": self.url,
            **environment,
        }

    def run(self, *arguments: str) -> str:
        """Run a license-vault command and return what it printed."""
        done = self._done(arguments)
        if done.returncode:
            raise DemoFailedError(f"license-vault {arguments[0]}: {done.stderr or done.stdout}")
        return done.stdout

    def attempt(self, *arguments: str) -> tuple[int, str]:
        """Run a command that may be refused; return its exit status and all that it printed."""
        done = self._done(arguments)
        return done.returncode, done.stdout + done.stderr

    def _done(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        say(f"{self.prompt}$ license-vault {shlex.join(arguments)}")
        return subprocess.run(
            [PROGRAM, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a license-vault command whose lines are read while it runs."""
        say(f"{self.prompt}$ license-vault {shlex.join(arguments)}")
        return subprocess.Popen(
            [PROGRAM, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def script(self, *commands: Sequence[str], program: Sequence[str] = (str(PROGRAM),)) -> str:
        """Run commands one after another, in one program; return what the last one printed."""
        return self.scripted(*commands, program=program)[-1]

    def scripted(
        self, *commands: Sequence[str], program: Sequence[str] = (str(PROGRAM),)
    ) -> tuple[str, ...]:
        """Run commands one after another, in one program; return what each of them printed."""
        lines = "".join(f"{shlex.join(command)}\n" for command in commands)
        done = subprocess.run(
            [*program, "script", "-"],
            # A program of ours that runs them otherwise lies here, wherever the paths begin.
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            input=lines,
            capture_output=True,
            text=True,
            check=False,
        )
        printed: list[str] = []
        for line in done.stdout.splitlines(keepends=True):
            if line.startswith("$ "):
                say(f"{self.prompt}{line.rstrip()}")
                printed.append("")
            elif printed:
                printed[-1] += line
        if done.returncode:
            raise DemoFailedError(f"license-vault script: {done.stderr}")
        return tuple(printed)

    @contextlib.contextmanager
    def serving(self, workers: int = 1) -> Iterator[None]:
        """Serve while the block runs."""
        arguments = ["serve", "--port", str(self._port), "--workers", str(workers)]
        say(f"{self.prompt}$ license-vault {shlex.join(arguments)} &")
        log = (self.home / "serve.log").open("w")
        process = subprocess.Popen(
            [PROGRAM, *arguments], env=self.environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            self._wait(process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)
            log.close()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2)
                return
            time.sleep(0.1)
        raise DemoFailedError(
            f"the service did not start:\n{(self.home / 'serve.log').read_text()}"
        )


def say(line: str) -> None:
    """Print a step as it happens."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
