"""A region's license vault in the open: what its approval systems, holders and partners do.

``make demo`` runs it. Everything it makes lies in ``./demo``: the sealed files (each license as
OFD, PDF and JSON, with the manifest that names them), a picture of an OFD page, a partner's empty
folder with nothing but the trust bundle, and the node's own files in ``demo/node``. Nothing here
is special: each step is a ``license-vault`` command or a request that a real system would send,
and each is printed before it runs. The table at the end says what came of it; a line that comes
out otherwise than promised stops the demo.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from examples import (
    bulk,
    case,
    directory_server,
    holder,
    life,
    main_job,
    mix_over_http,
    page_data,
    several,
    told,
)
from examples.demo_people import demo_people
from examples.directory_server import Directory
from examples.http_caller import HttpCaller
from examples.login_provider import LoginProvider
from examples.node import DEMO, NODE, PROGRAM, DemoFailedError, Node, say
from examples.people import IdentityProvider, OfficerKey
from examples.requests_to_issue import REPRESENTATIVE
from examples.setting_up import SEAL, authority, set_up
from examples.systems import ApprovalSystem, Partner
from examples.table import Table

LARGE = 0.5


@dataclass(frozen=True)
class Chosen:
    """How much is shown: where things are kept, the share of the mix, the rows of the stock.

    ``settings`` are of the node, besides those that the demo needs.
    """

    store: str
    port: int
    mix: float
    rows: int
    settings: dict[str, str]


@dataclass(frozen=True)
class Around:
    """What is around the node: who says who people are, and who is told of licenses."""

    provider: IdentityProvider
    directory: Directory
    settings: dict[str, str]


@contextlib.contextmanager
def surroundings(store: str) -> Iterator[Around]:
    """Start what is around the node, and the stores that were chosen, while the block runs."""
    with contextlib.ExitStack() as stack:
        provider, directory = IdentityProvider(), Directory()
        issuer = stack.enter_context(provider.serving())
        settings = {**environment_of(store, stack), **settings_around(issuer, directory, stack)}
        yield Around(provider, directory, settings)


def settings_around(
    issuer: str, directory: Directory, stack: contextlib.ExitStack
) -> dict[str, str]:
    """Start the upper directory for as long as the stack; return the settings of what is around."""
    above = directory_server.serve(directory)
    stack.callback(above.server_close)
    stack.callback(above.shutdown)
    return {
        "LICENSE_VAULT_OIDC__ISSUER": issuer,
        "LICENSE_VAULT_DIRECTORY__URL": f"http://127.0.0.1:{above.server_port}/batches",
        "LICENSE_VAULT_WEBHOOKS__NETWORKS": '["127.0.0.0/8"]',
    }


def environment_of(store: str, stack: contextlib.ExitStack) -> dict[str, str]:
    """Return the settings of the chosen stores, which are started for as long as the stack."""
    if store == "embedded":
        return {}
    from examples import local_servers

    return local_servers.settings(stack)


def show(node: Node, around: Around, chosen: Chosen) -> Table:
    """Do every step; return the table of what happened."""
    table, officer = Table(), OfficerKey("shen")
    certificate = node.home / "shen.pem"
    officer.write_certificate(certificate)
    words = ("officer", "add", "shen", "--org", authority()["code"])
    taken_in = (*words, "--certificate", str(certificate))
    exported = ("seal", "export", SEAL, "--out", str(DEMO / "seal.esl"))
    client = set_up(node, [taken_in, exported])
    bulk.run(node, chosen.rows, table)
    workers = 2 if chosen.mix > LARGE else 1
    with node.serving(workers):
        system = ApprovalSystem(node, *client)
        partner = Partner(node, DEMO / "partner")
        issued = main_job.run(node, system, partner, table)
        life.run(node, system, partner, table)
        several.run(node, system, issued, table)
        made = case.run(system, officer, issued, table)
        vault = holder.Vault(node, system, around.provider, table)
        holder.run(vault, issued["business-license"], made, partner)
        told.run(system, around.directory, table)
        mix_over_http.run(lambda: ApprovalSystem(node, *client, quiet=True), chosen.mix, table)
        page_data.run(beside(node, around, system, officer), issued, table)
    table.step("9 核对 rows, files, journals and the audit chain")
    table.check("fsck", node.run("fsck").strip().splitlines()[-1], "Everything agrees.")
    return table


def beside(
    node: Node, around: Around, system: ApprovalSystem, officer: OfficerKey
) -> page_data.Makers:
    """Return who makes the data of the pages; the representative logs in anew."""
    person = holder.Holder(node, around.provider.holder(REPRESENTATIVE))
    acting = person.http.get("/v1/mandates").json()["items"][0]["principal"]
    said = {**person.http.said, "Acting-For": acting}
    return page_data.Makers(node, system, officer, HttpCaller(node.url, said), acting)


def run(chosen: Chosen) -> None:
    """Start anew, do everything, print the table and the next command."""
    shutil.rmtree(DEMO, ignore_errors=True)
    home = NODE if chosen.store == "embedded" else DEMO / "node-s3"
    home.mkdir(parents=True)
    with surroundings(chosen.store) as around:
        node = Node(home, chosen.port, around.settings | chosen.settings)
        say(str(show(node, around, chosen)))
    say("\nThe sealed files are in ./demo, a page as a picture in ./demo/pages. Next 下一步:")
    if chosen.store != "embedded":
        say("  make demo     the same on the embedded default, which stays to be served")
    say(f"  make serve    then open http://127.0.0.1:{chosen.port}/ and try them")


def serve(chosen: Chosen) -> None:
    """Serve what the demo set up, with people to log in as; set it up first where it is missing."""
    if not (NODE / "client.json").exists():
        run(chosen)
    url = f"http://127.0.0.1:{chosen.port}"
    provider = LoginProvider(demo_people(), f"{url}/login/callback")
    with contextlib.ExitStack() as stack:
        issuer = stack.enter_context(provider.serving(chosen.port + 1))
        settings = settings_around(issuer, Directory(), stack)
        if page_data.START_PAGE.exists():
            settings["LICENSE_VAULT_DEMONSTRATION"] = str(page_data.SAMPLES.resolve())
        node = Node(NODE, chosen.port, settings | chosen.settings)
        say(f"The client for trying the API is in {NODE / 'client.json'}; API: {node.url}/docs")
        say(f"Open {node.url}/ ; people log in at {issuer}. Ctrl-C stops both.")
        _serve_until_stopped(node, chosen.port)


def _serve_until_stopped(node: Node, port: int) -> None:
    """Run the node until it ends or we are told to; then it is stopped too."""
    process = subprocess.Popen([str(PROGRAM), "serve", "--port", str(port)], env=node.environment)
    for told_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told_to_stop, lambda *_: sys.exit(0))
    try:
        process.wait()
    finally:
        process.terminate()
        process.wait(timeout=60)


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("embedded", "s3"), default="embedded")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--mix", type=float, default=1.0, help="share of the real mix")
    parser.add_argument("--rows", type=int, default=bulk.ROWS, help="rows of the stock")
    parser.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE", help="of the node"
    )
    parser.add_argument("--serve", action="store_true", help="serve what the demo set up")
    given = parser.parse_args()
    settings = dict(one.split("=", 1) for one in given.setting)
    chosen = Chosen(given.store, given.port, given.mix, given.rows, settings)
    try:
        serve(chosen) if given.serve else run(chosen)
    except (DemoFailedError, RuntimeError) as error:
        sys.stderr.write(f"\nThe demo stopped: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
