"""Bulk jobs from outside: over HTTP and by command, in one node that does nothing by itself."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_node import JIADING, Node, build_node
from documents import drawn_pdf, sealed_pdf
from sqlalchemy import text

from api.cli.bulk_progress import Pace, line_of
from api.cli.main import main
from api.settings import VerificationSettings
from license_vault.clock import CIVIL_ZONE

TYPE = "11310000MBDEM00076003"
TABLE_HEAD = (
    "number,holders.0.kind,holders.0.name,holders.0.document_type,holders.0.document_number"
)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose background does not run: jobs wait until somebody tends them."""
    home = tmp_path_factory.mktemp("bulk") / "home"
    node = build_node(home, verification=VerificationSettings(parser_processes=1))
    yield node
    node.services.close()


def send(node: Node, rows: str | list[dict], key: str = "", who: str = "jiading", **form: str):
    text_ = rows if isinstance(rows, str) else "".join(json.dumps(one) + "\n" for one in rows)
    return node.client.post(
        "/v1/jobs",
        files={"file": ("rows", text_.encode(), "application/octet-stream")},
        data=form,
        headers={**node.auth(who), "Idempotency-Key": key or secrets.token_hex(8)},
    )


def post(node: Node, path: str, key: str = ""):
    headers = {**node.auth("jiading"), "Idempotency-Key": key or secrets.token_hex(8)}
    return node.client.post(path, headers=headers)


def get(node: Node, path: str, who: str = "jiading"):
    return node.client.get(path, headers=node.auth(who))


def tend_until(node: Node, job: str, state: str = "finished") -> dict:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        node.services.jobs.tend()
        found = get(node, f"/v1/jobs/{job}").json()
        if found["state"] == state:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def stock(node: Node, **changes: object) -> dict:
    body = node.body()
    del body["case_number"], body["basis"]
    return {**body, **changes}


def test_rows_sent_are_worked_through_and_told(quiet: Node) -> None:
    good = stock(quiet, issued_on="2020-01-02")
    rows = [good, good, stock(quiet, authority_code="x"), {"a": "b"}]
    sent = send(quiet, rows, "one", basis="存量证照电子化")
    assert sent.status_code == 202, sent.text
    job = sent.json()
    assert sent.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert (job["state"], job["rows"], job["left"]) == ("waiting", 4, 4)

    done = tend_until(quiet, job["id"])
    quiet.services.jobs.close()
    assert done["counts"] == {"done": 1, "existing": 1, "bad": 2}
    assert done["left"] == 0

    errors = [json.loads(line) for line in get(quiet, done["errors"]).text.splitlines()]
    assert [(error["row"], error["code"]) for error in errors] == [
        (3, "field-invalid"),
        (4, "field-invalid"),
    ]
    assert errors[0]["problems"][0]["pointer"] == "/authority_code"
    outcomes = get(quiet, f"/v1/jobs/{job['id']}/rows").text.splitlines()
    identifier = json.loads(outcomes[0])["identifier"]
    assert json.loads(outcomes[1])["identifier"] == identifier
    told = get(quiet, done["events"])
    assert told.headers["content-type"].startswith("text/event-stream")
    assert told.text.startswith("event: end\ndata: {")

    again = send(quiet, rows, "one", basis="存量证照电子化")
    assert (again.status_code, again.json()["id"]) == (200, job["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert send(quiet, rows[:1], "one").json()["code"] == "idempotency-key-reused"
    assert send(quiet, rows, basis="存量证照电子化").json()["id"] == job["id"]
    _told_on_the_license(quiet, identifier)


def _told_on_the_license(node: Node, identifier: str) -> None:
    from license_vault.registry.license_record import LicenseOpener
    from license_vault.registry.registry import Registry
    from license_vault.vault import PDF

    with node.services.database.reading() as session:
        registry = Registry(session)
        record, kept = registry.get(identifier), registry.kept(identifier)
    opener = LicenseOpener(node.services.vault)
    assert opener.secrets(kept).content.making == "存量补制"
    report = node.services.verifier.verify(opener.file(kept, record.form(PDF)))
    assert report.verdict == "valid", report.to_json()


def test_only_who_may_issue_there_sees_a_job(quiet: Node) -> None:
    job = send(quiet, [{"x": "1"}]).json()["id"]
    for who, status in (("city", 200), ("fengxian", 404), ("street", 404), ("reader", 403)):
        for path in ("", "/errors", "/rows", "/events"):
            if status != 200 or path != "/events":
                assert get(quiet, f"/v1/jobs/{job}{path}", who).status_code == status, who
    assert [one["id"] for one in get(quiet, "/v1/jobs?limit=1").json()["items"]] == [job]
    assert get(quiet, "/v1/jobs", "fengxian").json()["items"] == []
    assert send(quiet, [{}], who="reader").status_code == 403
    assert get(quiet, "/v1/jobs/nothing").json()["code"] == "job-not-found"


@pytest.mark.parametrize(
    ("rows", "form"),
    [("", {}), ("a,a\n1,2\n", {"layout": "csv"})],
)
def test_what_is_no_rows_is_refused(quiet: Node, rows: str, form: dict[str, str]) -> None:
    answer = send(quiet, rows, **form)
    assert (answer.status_code, answer.json()["code"]) == (422, "rows-unreadable")


def test_a_job_is_paused_and_goes_on(quiet: Node) -> None:
    job = send(quiet, [stock(quiet, basis="存量")]).json()["id"]
    assert post(quiet, f"/v1/jobs/{job}/pause", "p").json()["state"] == "paused"
    assert post(quiet, f"/v1/jobs/{job}/pause", "p").headers["Idempotent-Replayed"] == "true"
    refused = post(quiet, f"/v1/jobs/{job}/pause")
    assert (refused.status_code, refused.json()["state"]) == (409, "paused")
    quiet.services.jobs.tend()
    assert get(quiet, f"/v1/jobs/{job}").json()["state"] == "paused"
    assert post(quiet, f"/v1/jobs/{job}/resumption").json()["state"] == "waiting"
    assert tend_until(quiet, job)["counts"]["done"] == 1
    quiet.services.jobs.close()
    assert post(quiet, f"/v1/jobs/{job}/resumption").status_code == 409


@pytest.fixture
def command(quiet: Node, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Commands run in the node's home; returns an empty folder for rows and files."""
    quiet.services.jobs.close()
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(quiet.settings.home))
    monkeypatch.setenv("LICENSE_VAULT_VERIFICATION__PARSER_PROCESSES", "1")
    return tmp_path


def test_a_folder_is_imported_and_its_files_are_graded(
    quiet: Node, command: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (command / "plain.pdf").write_bytes(drawn_pdf())
    (command / "foreign.pdf").write_bytes(sealed_pdf())
    (command / "cut.pdf").write_bytes(b"no pdf")
    rows = [
        stock(quiet, basis="存量", file="plain.pdf"),
        stock(quiet, basis="存量", file="foreign.pdf"),
        stock(quiet, basis="存量", file="cut.pdf"),
    ]
    (command / "rows.ndjson").write_text("".join(json.dumps(one) + "\n" for one in rows))
    line = ["import", str(command), "--org", JIADING]

    assert main(line) == 1
    told = capsys.readouterr()
    assert "2 done, 0 there already, 1 refused, 3 rows in all" in told.out
    (error,) = (command / "rows.errors.ndjson").read_text().splitlines()
    assert (json.loads(error)["row"], json.loads(error)["code"]) == (3, "file-unreadable")
    assert (command / "rows.errors.ndjson").stat().st_mode & 0o077 == 0
    with quiet.services.database.reading() as session:
        levels = session.execute(text("SELECT trust_level FROM adopted_file ORDER BY 1"))
        assert [row.trust_level for row in levels] == ["C", "D"]

    _tells_the_grade_and_the_state_of(quiet, (command / "foreign.pdf").read_bytes())

    # Again: the same job, nothing is done.
    assert main(line) == 1
    assert "2 done, 0 there already, 1 refused" in capsys.readouterr().out
    assert main(["job", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    name = listed[1].split("\t")[0]
    assert listed[1].split("\t")[1:7] == ["import", "finished", "3", "2", "0", "1"]
    assert main(["job", "show", name]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["bad"] == 1
    assert main(["job", "pause", name]) == 1


def _tells_the_grade_and_the_state_of(node: Node, adopted: bytes) -> None:
    """By our register, for the file itself says nothing that could be believed."""
    items = get(node, "/v1/licenses").json()["items"]
    graded = [one for one in items if one["files"][0]["trust_level"] == "C"]
    (identifier,) = (one["identifier"] for one in graded)

    def verified(data: bytes = adopted) -> dict:
        files = {"file": ("x.pdf", data)}
        return node.client.post("/v1/verifications", files=files).json()

    codes = [line["code"] for line in verified()["checks"]]
    assert "in-force" in codes
    assert "status-not-judged" not in codes
    until = {"basis": "依据", "until": "2099-12-31"}
    done = node.client.post(
        f"/v1/licenses/{identifier}/suspension",
        json=until,
        headers={**node.auth("jiading"), "Idempotency-Key": "suspend-adopted"},
    )
    assert done.status_code == 200, done.text
    told = verified()
    assert (told["verdict"], told["state"]) == ("untrusted", "suspended")
    assert "suspended-until" in [line["code"] for line in told["checks"]]
    # Another byte, and it is no file of ours.
    other = verified(adopted + b"\n")
    assert other["state"] is None


def test_a_table_is_checked_and_imported(
    quiet: Node, command: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = command / "stock.csv"
    head = ",".join(("number", "type_code", "copy.kind", "copy.ordinal", "copy.of"))
    table.write_text(f"{head}\n1,2,副本,1,2\n")
    assert main(["import", str(table), "--org", JIADING, "--dry-run"]) == 1
    assert "0 rows can be imported, 1 are wrong" in capsys.readouterr().out
    (error,) = (command / "stock.errors.ndjson").read_text().splitlines()
    pointers = {problem["pointer"] for problem in json.loads(error)["problems"]}
    assert {"/type_code", "/holders", "/valid_from"} <= pointers
    assert main(["import", str(command), "--org", JIADING]) == 1
    assert "exactly one of" in capsys.readouterr().err


def test_the_pace_tells_when_the_last_row_will_have_ended(quiet: Node) -> None:
    now = quiet.services.clock()
    pace = Pace(ended=500, rows=2000, ended_here=300, seconds=10.0)
    finish = pace.finish(now)
    assert pace.rate == 30.0
    assert finish is not None
    assert (finish - now).total_seconds() == 50.0
    shown = finish.astimezone(CIVIL_ZONE).strftime("%H:%M:%S")
    line = line_of(pace, 7, now)
    assert "500/2000 (25.0%)" in line
    assert shown in line
    assert line.endswith("bad 7")
    assert "finish -" in line_of(Pace(0, 10, 0, 1.0), 0, now)
