"""The processes that read hostile documents: what they cannot do, and what becomes of them."""

import ctypes
import os
import threading
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import example_faces
import pikepdf
import pytest
from mutants.world import World, content, draw

from signing.seal import SealOrder
from verification.errors import ParserUnavailableError, VerifierBusyError
from verification.evidence import ParsedDocument, ReadFailure
from verification.parser_process import ParserLimits, ParserPool
from verification.reading import read_document
from verification.report import Verdict

HOSTILE = "mutants.hostile_readers:obey"
QUICK = ParserLimits(wall_seconds=1.0, cpu_seconds=5, memory_bytes=300 * 1024 * 1024)


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool() as made:
        yield made


@pytest.fixture(scope="module")
def hostile() -> Iterator[ParserPool]:
    with ParserPool(processes=1, limits=QUICK, reader=HOSTILE) as made:
        yield made


def told(pool: ParserPool, what: str) -> str:
    answer = pool.parse(b"%PDF-" + what.encode())
    assert isinstance(answer, ReadFailure)
    return answer.detail


def failure(pool: ParserPool, what: str) -> str:
    answer = pool.parse(b"%PDF-" + what.encode())
    assert isinstance(answer, ReadFailure)
    return answer.code


def test_the_process_reads_as_the_function_does(pool: ParserPool, world: World) -> None:
    assert pool.parse(world.sealed()) == read_document(world.sealed())


def test_the_process_reads_every_form(pool: ParserPool, world: World) -> None:
    for data in (world.sealed_ofd(), world.sealed_json(), world.seal.ses):
        assert pool.parse(data) == read_document(data)
        assert world.report(data, parse=pool.parse) == world.report(data)


def test_a_document_verifies_the_same_through_the_process(pool: ParserPool, world: World) -> None:
    through, within = world.report(parse=pool.parse), world.report()
    assert through == within
    assert through.verdict is Verdict.VALID


def test_a_document_of_several_revisions_is_read_the_same(pool: ParserPool, world: World) -> None:
    """Comparing revisions needs pyHanko and PDFium's pixels, behind all the walls."""
    data = draw(content(seals=2))
    for at, order in enumerate((SealOrder.FIRST, SealOrder.LAST)):
        data = world.put_seal(data, world.seals[at], order, at, places=2)
    assert pool.parse(data) == read_document(data)
    assert world.report(data, parse=pool.parse).verdict is Verdict.VALID


def test_a_document_locked_for_its_owner_only_is_read_the_same(pool: ParserPool) -> None:
    """AES-256 (R 6) without a password to open it: what decrypts it asks for random numbers."""
    output = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(output, encryption=pikepdf.Encryption(owner="owner", user=""))
    read = pool.parse(output.getvalue())
    assert isinstance(read, ParsedDocument)
    assert "encrypted" in read.problems


def test_a_face_of_our_press_is_read_the_same(pool: ParserPool, world: World) -> None:
    drawn = example_faces.press().draw(example_faces.document("business-license"))
    data = world.put_seal(drawn)
    assert pool.parse(data) == read_document(data)


def test_a_large_document_goes_through(pool: ParserPool) -> None:
    answer = pool.parse(b"%PDF-1.7\n" + bytes(20 * 1024 * 1024))
    assert answer == ReadFailure("document-unreadable", "broken-structure")


def test_there_is_a_wall_against_the_network(pool: ParserPool) -> None:
    assert set(pool.walls) & {"namespace", "seccomp"}


def test_a_connection_is_refused(hostile: ParserPool) -> None:
    assert told(hostile, "connect").startswith("refused")


def test_a_listener_on_this_machine_is_not_reached_either(hostile: ParserPool) -> None:
    assert told(hostile, "open_unix_socket").startswith("refused")


def test_no_program_is_run(hostile: ParserPool) -> None:
    assert told(hostile, "run_program").startswith("refused")


def test_no_process_is_killed(hostile: ParserPool) -> None:
    assert told(hostile, "kill_parent").startswith("refused")


def test_no_file_is_written(hostile: ParserPool) -> None:
    assert told(hostile, "write_file").startswith("refused")


@pytest.mark.parametrize("what", ["read_password_file", "read_settings_of_parent"])
def test_no_file_of_others_is_read(hostile: ParserPool, what: str) -> None:
    if ctypes.CDLL(None).syscall(444, None, 0, 1) < 1:
        pytest.skip("this kernel has no Landlock")
    assert told(hostile, what).startswith("refused")


def test_our_environment_is_not_handed_on(
    hostile: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "HOME" not in told(hostile, "read_environment")


@pytest.mark.parametrize("what", ["crash", "leave", "raise_something", "answer_nonsense"])
def test_a_child_that_breaks_down_is_a_named_failure(hostile: ParserPool, what: str) -> None:
    assert failure(hostile, what) == "reader-crashed"


def test_an_answer_without_end_is_cut_off(hostile: ParserPool) -> None:
    assert failure(hostile, "answer_without_end") == "reader-crashed"


@pytest.mark.parametrize("what", ["loop", "sleep"])
def test_a_child_that_does_not_answer_is_killed_in_time(hostile: ParserPool, what: str) -> None:
    began = time.monotonic()
    assert failure(hostile, what) == "reader-timeout"
    assert time.monotonic() - began < 5


def test_a_child_cannot_take_more_memory_than_allowed(hostile: ParserPool) -> None:
    assert failure(hostile, "eat_memory") == "reader-limit"


def test_after_every_breakdown_the_next_document_is_read(hostile: ParserPool) -> None:
    for what in ("crash", "loop", "eat_memory"):
        failure(hostile, what)
        assert isinstance(hostile.parse(b"%PDF-behave"), ParsedDocument)


def test_a_killed_child_is_gone(hostile: ParserPool) -> None:
    process = int(told(hostile, "tell_process"))
    failure(hostile, "loop")
    deadline = time.monotonic() + 5
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{process}").exists()


def test_a_child_is_replaced_after_so_many_documents() -> None:
    limits = ParserLimits(documents_per_child=3)
    with ParserPool(processes=1, limits=limits, reader=HOSTILE) as pool:
        processes = [told(pool, "tell_process") for _ in range(7)]
    assert [processes.count(process) for process in dict.fromkeys(processes)] == [3, 3, 1]


def test_many_threads_share_two_children(pool: ParserPool, world: World) -> None:
    wanted, wrong = read_document(world.sealed()), []

    def work() -> None:
        answers = [pool.parse(world.sealed()) for _ in range(10)]
        wrong.extend(answer for answer in answers if answer != wanted)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_who_waits_too_long_for_a_child_is_told() -> None:
    limits = ParserLimits(wall_seconds=2.0, wait_seconds=0.1)
    with ParserPool(processes=1, limits=limits, reader=HOSTILE) as pool:
        busy = threading.Thread(target=pool.parse, args=(b"%PDF-sleep",))
        busy.start()
        time.sleep(0.3)
        with pytest.raises(VerifierBusyError):
            pool.parse(b"%PDF-behave")
        busy.join()
        assert isinstance(pool.parse(b"%PDF-behave"), ParsedDocument)


def test_a_fork_server_that_was_killed_is_started_again() -> None:
    with ParserPool(processes=1, reader=HOSTILE) as pool:
        assert pool._server is not None
        pool._server.kill()
        pool._server.wait()
        failure(pool, "crash")
        assert isinstance(pool.parse(b"%PDF-behave"), ParsedDocument)


def test_nothing_is_left_behind() -> None:
    before = len(os.listdir("/proc/self/fd"))
    pool = ParserPool(processes=2, reader=HOSTILE)
    assert pool._server is not None
    server = pool._server.pid
    child = told(pool, "tell_process")
    pool.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{child}").exists()
    assert not Path(f"/proc/{server}").exists()
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ParserUnavailableError):
        pool.parse(b"%PDF-behave")


def test_a_reader_that_cannot_be_started_is_named() -> None:
    with pytest.raises(ParserUnavailableError):
        ParserPool(reader="no_such_module:read")


def bomb() -> bytes:
    """A page and an attachment that unpack to 400 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(4 * 1024 * 1024)) for _ in range(100)) + packer.flush()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        stream = pikepdf.Stream(pdf, packed)
        stream.Filter = pikepdf.Name.FlateDecode
        pdf.pages[0].Contents = stream
        files = [pikepdf.String("claims.json"), pikepdf.Dictionary(EF=pikepdf.Dictionary(F=stream))]
        pdf.Root.Names = pikepdf.Dictionary(
            EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array(files))
        )
        output = BytesIO()
        pdf.save(output, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return output.getvalue()


def test_a_bomb_is_a_report(pool: ParserPool, world: World) -> None:
    data = bomb()
    began = time.monotonic()
    report = world.report(data, parse=pool.parse)
    assert report.verdict is Verdict.UNSEALED
    # On a busy machine the wall clock may come before the limit of memory.
    assert report.codes & {"reader-limit", "document-unreadable", "reader-timeout"}
    assert time.monotonic() - began < 6
