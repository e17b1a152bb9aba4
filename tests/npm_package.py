"""Programs of the npm registry that give opinions on our work, installed by their pinned locks."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[1] / ".venv"


def installed(pinned: Path, name: str) -> Path:
    """The folder with a package, installed now if it is not there; one process at a time.

    Skips with the reason where it cannot be had.
    """
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = _BESIDE / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (pinned / "package-lock.json").read_bytes()
        done = folder / "done"
        if not done.exists() or done.read_bytes() != wanted:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(pinned / file, folder)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=300)
            if ended.returncode:
                pytest.skip(f"npm ci: {ended.stderr.decode(errors='replace')[-300:]}")
            done.write_bytes(wanted)
    return folder
