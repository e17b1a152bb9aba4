"""The main job in the open: the commands and requests that issue, seal, keep and verify licenses.

``make demo`` runs it. Everything it makes lies in ``./demo``: the sealed files (each license as
OFD, PDF and JSON, with the manifest that names them), a picture of an OFD page, a partner's empty
folder with nothing but the trust bundle, and the node's own files in ``demo/node``. Nothing here
is special: each step is a ``license-vault`` command or a request that an approval system would
send, and each is printed before it runs.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parent
PROGRAM = Path(sys.executable).parent / "license-vault"
DEMO = Path("demo")
NODE = DEMO / "node"
VALID, ALTERED, NOT_IN_FORCE = 0, 1, 2
START_SECONDS = 60
SEAL = "31011400000001"


class DemoFailedError(Exception):
    """A step did not come out as the demo promises."""


@dataclass(frozen=True)
class Row:
    """A line of the table at the end: what was done, and what came of it."""

    what: str
    outcome: str


class Node:
    """One region's service: its settings, its commands, its HTTP."""

    def __init__(self, home: Path, port: int, environment: Mapping[str, str]) -> None:
        self.home = home
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
        say(f"$ license-vault {shlex.join(arguments)}")
        done = subprocess.run(
            [PROGRAM, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DemoFailedError(f"license-vault {arguments[0]}: {done.stderr or done.stdout}")
        return done.stdout

    def script(self, *commands: Sequence[str]) -> None:
        """Run license-vault commands one after another, in one program."""
        lines = "".join(f"{shlex.join(command)}\n" for command in commands)
        done = subprocess.run(
            [PROGRAM, "script", "-"],
            env=self.environment,
            input=lines,
            capture_output=True,
            text=True,
            check=False,
        )
        for line in done.stdout.splitlines():
            if line.startswith("$ "):
                say(line)
        if done.returncode:
            raise DemoFailedError(f"license-vault script: {done.stderr}")

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Serve while the block runs."""
        say(f"$ license-vault serve --port {self._port} &")
        log = (self.home / "serve.log").open("w")
        process = subprocess.Popen(
            [PROGRAM, "serve", "--port", str(self._port)],
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait(process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)
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


class ApprovalSystem:
    """An authority's case system: it has a client id, a secret, and cases to decide."""

    def __init__(self, node: Node, client_id: str, secret: str) -> None:
        self._node = node
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        }
        answer = self._send("/v1/oauth2/token", urllib.parse.urlencode(form).encode(), {})
        self._token = json.loads(answer)["access_token"]
        # What it reads licenses for: the five elements, its organisation's code being known.
        self._use = {
            "operator": "window-01",
            "item_name": "公共场所卫生许可",
            "item_code": "DEMO-0001",
            "case_number": "DEMO-2026-0001",
            "purpose": "核对本机关制发的证照",
        }

    def issue(self, request: Mapping[str, object]) -> dict[str, str]:
        """Issue a license: one call, safe to repeat with the same Idempotency-Key."""
        case = str(request["case_number"])
        return self._post("/v1/licenses", request, f"case-{case}")

    def cancel(self, identifier: str, body: Mapping[str, object]) -> dict[str, str]:
        """Cancel (注销) a license."""
        path = f"/v1/licenses/{identifier}/cancellation"
        return self._post(path, body, f"cancel-{secrets.token_hex(4)}")

    def download(self, identifier: str, form: str) -> bytes:
        """Fetch a sealed file: the original as OFD, the reading form as PDF, the data as JSON."""
        return self._get(f"/v1/licenses/{identifier}/file?form={form}")

    def manifest(self, identifier: str) -> bytes:
        """Fetch the signed list of a license's files."""
        return self._get(f"/v1/licenses/{identifier}/manifest")

    def _get(self, path: str) -> bytes:
        say(f"> GET {path}")
        use = base64.urlsafe_b64encode(json.dumps(self._use).encode()).decode()
        return self._send(path, None, {**self._bearer(), "License-Use": use})

    def _post(self, path: str, body: Mapping[str, object], key: str) -> dict[str, str]:
        say(f"> POST {path}   Idempotency-Key: {key}")
        headers = {
            **self._bearer(),
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        answer: dict[str, str] = json.loads(self._send(path, json.dumps(body).encode(), headers))
        return answer

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _send(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        request = urllib.request.Request(self._node.url + path, data=body, headers=dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise DemoFailedError(f"{path}: {error.code} {error.read().decode()}") from error


class Partner:
    """Another region's office: a folder with a trust bundle, no database, no key, no settings."""

    def __init__(self, node: Node, folder: Path) -> None:
        self._node = node
        self._folder = folder
        folder.mkdir(parents=True)

    def fetch_bundle(self) -> None:
        """Fetch the anchors, CRLs and the signed status list."""
        say(f"> GET /v1/trust-bundle > {self._folder}/trust-bundle.json")
        with urllib.request.urlopen(f"{self._node.url}/v1/trust-bundle", timeout=30) as answer:
            (self._folder / "trust-bundle.json").write_bytes(answer.read())

    def verify(self, expected: int, *files: Path) -> str:
        """Verify files offline; return the verdict sentence, of several the one about them all."""
        for file in files:
            shutil.copy(file, self._folder / file.name)
        names = [file.name for file in files]
        arguments = ["verify", *names, "--trust", "trust-bundle.json"]
        say(f"$ cd {self._folder} && license-vault {shlex.join(arguments)}")
        path = {"PATH": os.environ["PATH"], "HOME": str(self._folder.resolve())}
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self._folder,
            env=path,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != expected:
            raise DemoFailedError(
                f"{' '.join(names)}: exit {done.returncode}, expected {expected}\n"
                f"{done.stdout}{done.stderr}"
            )
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        # The last two lines about several files say in both languages whether they agree.
        return lines[0] if len(files) == 1 else lines[-2]


def say(line: str) -> None:
    """Print a step as it happens."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def set_up(node: Node) -> tuple[str, str]:
    """Make the hierarchy, the seal, the organisation and a client; return its id and secret."""
    authority = json.loads((EXAMPLES / "authority.json").read_text())
    code, name, region = authority["code"], authority["name"], authority["region"]
    node.script(
        ("migrate",),
        ("ca", "init"),
        ("organisation", "add", code, name, "--region", region),
        *seal_into_use(node, code),
    )
    scopes = ("licenses:issue:*", "licenses:read:*", "licenses:cancel:*")
    printed = node.run(
        *("client", "add", "approval-system", "--organisation", code, "--json"),
        *(part for scope in scopes for part in ("--scope", scope)),
    )
    (node.home / "client.json").write_text(printed)
    client = json.loads(printed)
    return client["client_id"], client["client_secret"]


def seal_into_use(node: Node, owner: str) -> list[tuple[str, ...]]:
    """Take the seal through its life into use; two people manage it, so that none is alone."""
    request, chain = str(node.home / "seal-request.pem"), str(node.home / "seal-chain.pem")
    anna, bert = ("--by", "anna"), ("--by", "bert")
    basis = ("--basis", "启用电子印章")
    asked = ("--owner", owner, "--kind", "special", "--lower", "电子证照专用章", *basis)
    return [
        ("role", "add", "anna", "manage"),
        ("role", "add", "bert", "manage"),
        ("seal", "apply", SEAL, *asked, *anna),
        ("seal", "approve", SEAL, "--basis", "同意", *bert),
        ("seal", "request", SEAL, "--out", request, *anna),
        ("ca", "issue-seal", request, chain),
        ("seal", "make", SEAL, chain, *anna),
        ("seal", "file", SEAL, "--number", "BA-2026-000001", *anna),
        ("seal", "grant", SEAL, "--authority", owner, "--type", "*", *anna),
    ]


@dataclass(frozen=True)
class Issued:
    """A license that was issued: its identifier, its sealed files, and their manifest."""

    identifier: str
    ofd: Path
    pdf: Path
    json: Path
    manifest: Path


def issue_all(system: ApprovalSystem) -> dict[str, Issued]:
    """Issue one license of each type and fetch its files; return them by name."""
    return {
        example.stem: issue(system, example)
        for example in sorted(EXAMPLES.glob("*.json"))
        if example.name != "authority.json"
    }


def issue(system: ApprovalSystem, example: Path) -> Issued:
    """Issue one license and fetch its files."""
    identifier = system.issue(json.loads(example.read_text()))["identifier"]
    files = {form: DEMO / f"{example.stem}.{form}" for form in ("ofd", "pdf", "json")}
    for form, file in files.items():
        file.write_bytes(system.download(identifier, form))
    manifest = DEMO / f"{example.stem}-manifest.json"
    manifest.write_bytes(system.manifest(identifier))
    return Issued(identifier, **files, manifest=manifest)


def forge_pdf(file: Path) -> Path:
    """Write a copy of which one digit differs: the year of expiry in the embedded metadata."""
    data = bytearray(file.read_bytes())
    at = data.index(b"ZZYXQJZRQ")
    digit = next(i for i in range(at, len(data)) if chr(data[i]).isdigit())
    data[digit + 2] = data[digit + 2] ^ 1
    forged = file.with_name(f"{file.stem}-one-digit-changed.pdf")
    forged.write_bytes(data)
    return forged


def forge_ofd(file: Path) -> Path:
    """Write a copy of which one digit on the page differs, packed again as any tool does it."""
    forged = file.with_name(f"{file.stem}-one-digit-changed.ofd")
    with zipfile.ZipFile(file) as sealed, zipfile.ZipFile(forged, "w") as copy:
        for name in sealed.namelist():
            content = sealed.read(name)
            if name.endswith("Page_0/Content.xml"):
                content = content.replace("年".encode(), "月".encode(), 1)
            copy.writestr(name, content)
    return forged


def main_job(node: Node) -> list[Row]:
    """Run the main job; return the table of what happened."""
    client_id, secret = set_up(node)
    rows = []
    with node.serving():
        system = ApprovalSystem(node, client_id, secret)
        partner = Partner(node, DEMO / "partner")
        issued = issue_all(system)
        partner.fetch_bundle()
        for license_ in issued.values():
            sentence = partner.verify(VALID, license_.ofd)
            rows.append(Row(f"{license_.ofd} ({license_.identifier})", sentence))
        rows += beside_the_original(node, partner, issued["business-license"])
        for forged in (
            forge_ofd(issued["business-license"].ofd),
            forge_pdf(issued["medical-institution"].pdf),
        ):
            rows.append(Row(f"{forged}", partner.verify(ALTERED, forged)))
        cancelled = issued["public-place-hygiene"]
        system.cancel(cancelled.identifier, {"basis": "《中华人民共和国行政许可法》第七十条"})
        partner.fetch_bundle()
        sentence = partner.verify(NOT_IN_FORCE, cancelled.ofd)
        rows.append(Row(f"{cancelled.ofd}, cancelled 已注销", sentence))
    say(node.run("fsck").strip())
    return rows


def beside_the_original(node: Node, partner: Partner, issued: Issued) -> list[Row]:
    """Verify the other forms, all together, and the seal by itself; draw the original's page."""
    together = (issued.ofd, issued.pdf, issued.json, issued.manifest)
    seal = DEMO / "seal.esl"
    node.run("seal", "export", SEAL, "--out", str(seal))
    node.run("render", str(issued.ofd), "--out", str(DEMO / "pages"))
    return [
        Row(f"{issued.pdf}", partner.verify(VALID, issued.pdf)),
        Row(" + ".join(file.name for file in together), partner.verify(VALID, *together)),
        Row(f"{seal}", partner.verify(VALID, seal)),
    ]


def environment_of(store: str, stack: contextlib.ExitStack) -> dict[str, str]:
    """Return the settings of the chosen stores, which are started for as long as the stack."""
    if store == "embedded":
        return {}
    from examples import local_servers

    return local_servers.settings(stack)


def table(rows: list[Row]) -> str:
    """Return the table of what happened."""
    lines = ["", "What happened 结果", "=" * 18]
    for row in rows:
        lines += [f"  {row.what}", f"      {row.outcome}"]
    return "\n".join(lines)


def run(store: str, port: int) -> None:
    """Start anew, run the main job, print the table and the next command."""
    shutil.rmtree(DEMO, ignore_errors=True)
    home = NODE if store == "embedded" else DEMO / "node-s3"
    home.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        node = Node(home, port, environment_of(store, stack))
        say(table(main_job(node)))
    say("\nThe sealed files are in ./demo, a page as a picture in ./demo/pages. Next 下一步:")
    if store != "embedded":
        say("  make demo     the same on the embedded default, which stays to be served")
    say(f"  make serve    then open http://127.0.0.1:{port}/verify and drop one of them")


def serve(port: int) -> None:
    """Serve what the demo set up; set it up first where it is missing."""
    if not (NODE / "client.json").exists():
        run("embedded", port)
    node = Node(NODE, port, {})
    say(f"The client for trying the API is in {NODE / 'client.json'}; API: {node.url}/openapi.json")
    os.execve(PROGRAM, [str(PROGRAM), "serve", "--port", str(port)], node.environment)


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("embedded", "s3"), default="embedded")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--serve", action="store_true", help="serve what the demo set up")
    chosen = parser.parse_args()
    try:
        serve(chosen.port) if chosen.serve else run(chosen.store, chosen.port)
    except (DemoFailedError, RuntimeError) as error:
        sys.stderr.write(f"\nThe demo stopped: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
