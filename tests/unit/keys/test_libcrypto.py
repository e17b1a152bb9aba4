import ctypes
import gc
import importlib.util
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from keys import libcrypto, sm2
from keys.errors import EngineUnusableError, InvalidKeyError
from keys.sm3 import sm3


def bundled() -> str:
    found = importlib.util.find_spec("psycopg_binary")
    assert found is not None
    assert found.origin is not None
    site = Path(found.origin).parents[1]
    return str(next(iter(sorted(site.glob("psycopg_binary.libs/libcrypto*.so*")))))


def test_the_library_inside_psycopgs_wheel_is_a_candidate_after_the_systems() -> None:
    paths = list(libcrypto.candidates())
    assert paths.index("libcrypto.so.3") < paths.index(bundled())


def test_the_library_inside_psycopgs_wheel_agrees_with_the_printed_example() -> None:
    library = libcrypto.first_usable(["libcrypto-absent.so", bundled()])
    assert library.path == bundled()
    digest = sm3(sm2.signer_digest(sm2.EXAMPLE_POINT), sm2.EXAMPLE_MESSAGE)
    key = library.read_public_key(sm2.write_spki(sm2.EXAMPLE_POINT))
    context = library.verifying_context(key)
    assert library.verify(context, digest, sm2.EXAMPLE_SIGNATURE)
    assert not library.verify(context, bytes(32), sm2.EXAMPLE_SIGNATURE)


def test_what_the_library_inside_psycopgs_wheel_signs_the_engine_verifies() -> None:
    library = libcrypto.Libcrypto(bundled())
    key = library.generate()
    point = library.public_point(key)
    digest = sm3(sm2.signer_digest(point), b"m")
    sm2.verify(point, b"m", library.sign(library.signing_context(key), digest))


@pytest.mark.parametrize("paths", [[], ["no-such-library.so"], ["libc.so.6"]])
def test_without_a_library_that_has_sm2_we_refuse_to_start(paths: list[str]) -> None:
    with pytest.raises(EngineUnusableError) as refused:
        libcrypto.first_usable(paths)
    assert all(path in str(refused.value) for path in paths)


def test_a_library_whose_sm2_group_is_compiled_out_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Some distributions ship a libcrypto that has every function but not the group.
    def without_group(self: libcrypto.Libcrypto) -> libcrypto.Handle:
        return self._own_key(None)

    monkeypatch.setattr(libcrypto.Libcrypto, "generate", without_group)
    with pytest.raises(EngineUnusableError, match="no SM2 group"):
        libcrypto.Libcrypto("libcrypto.so.3")


def test_a_key_on_the_curve_that_would_sign_ecdsa_is_refused() -> None:
    library = libcrypto.libcrypto()
    c = library._c
    c.EVP_PKEY_Q_keygen.restype = ctypes.c_void_p
    group = ctypes.c_char_p(b"P-256")
    ecdsa = c.EVP_PKEY_Q_keygen(None, None, ctypes.c_char_p(b"EC"), group)
    assert ecdsa
    with pytest.raises(InvalidKeyError):
        library._own_key(ecdsa)


def test_no_error_is_left_in_the_queue_for_others() -> None:
    library = libcrypto.libcrypto()
    key = sm2.PrivateKey.generate()
    context = library.verifying_context(library.read_public_key(sm2.write_spki(key.public_point)))
    assert not library.verify(context, bytes(32), b"\x30\x06\x02\x01\x01\x02\x01\x01")
    assert not library.verify(context, bytes(32), b"no signature")
    assert not library.verify(context, bytes(31), key.sign(b"m"))
    for refuse in (library.read_private_key, library.read_public_key):
        with pytest.raises(InvalidKeyError):
            refuse(b"no key")
    assert library._c.ERR_peek_error() == 0


def resident_kilobytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise AssertionError


def churn(count: int) -> None:
    for _ in range(count):
        key = sm2.PrivateKey.generate()
        key.sign(b"m")
        sm2.PrivateKey.from_pkcs8(key.to_pkcs8())
    gc.collect()


def growth_over_400_rounds() -> int:
    churn(100)
    before = resident_kilobytes()
    churn(400)
    return resident_kilobytes() - before


def test_making_and_dropping_keys_leaks_no_memory() -> None:
    # A process of its own: in one that ran other tests, their memory comes and goes too.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        growth = pool.submit(growth_over_400_rounds).result()
    # A leaked key or context is over a kilobyte: 800 of each would be over a thousand.
    assert growth < 800
