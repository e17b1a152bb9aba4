import json
import pickle
import threading
from pathlib import Path

import pytest

from keys import sm2
from keys.errors import EngineUnusableError, InvalidKeyError, InvalidSignatureError
from keys.libcrypto import Libcrypto
from keys.sm3 import sm3

VECTORS = Path(__file__).parents[2] / "vectors/sm2"
PRINTED = json.loads((VECTORS / "printed.json").read_text())["sm2"]
SIGNATURES = json.loads((VECTORS / "signatures.json").read_text())
KEYS = json.loads((VECTORS / "keys.json").read_text())
POINT = bytes.fromhex(SIGNATURES["point"])
MESSAGE = SIGNATURES["message"].encode()


def what(vector: dict) -> str:
    return vector["what"]


def accepts(point: bytes, message: bytes, signature: bytes) -> bool:
    try:
        sm2.verify(point, message, signature)
    except InvalidSignatureError:
        return False
    return True


def test_the_signer_digest_and_e_are_the_printed_ones() -> None:
    z = sm2.signer_digest(POINT)
    assert z.hex() == PRINTED["z"]
    assert sm3(z, MESSAGE).hex() == PRINTED["e"]


def test_the_printed_private_key_has_the_printed_public_point() -> None:
    key = sm2.PrivateKey.from_scalar(int(PRINTED["scalar"], 16))
    assert key.public_point == POINT == sm2.EXAMPLE_POINT


@pytest.mark.parametrize("vector", SIGNATURES["signatures"], ids=what)
def test_exactly_the_valid_signatures_are_accepted(vector: dict) -> None:
    assert accepts(POINT, MESSAGE, bytes.fromhex(vector["der"])) is vector["valid"]


@pytest.mark.parametrize("vector", KEYS["points"], ids=what)
def test_exactly_the_points_of_the_curve_are_public_keys(vector: dict) -> None:
    point = bytes.fromhex(vector["point"])
    if vector["valid"]:
        sm2.check_public_point(point)
        assert not accepts(point, MESSAGE, sm2.EXAMPLE_SIGNATURE) or point == POINT
        return
    with pytest.raises(InvalidKeyError):
        sm2.check_public_point(point)
    with pytest.raises(InvalidKeyError):
        sm2.verify(point, MESSAGE, sm2.EXAMPLE_SIGNATURE)


@pytest.mark.parametrize("vector", KEYS["scalars"], ids=what)
def test_exactly_the_scalars_from_1_to_n_minus_2_are_private_keys(vector: dict) -> None:
    scalar = int(vector["scalar"], 16)
    pkcs8 = _pkcs8(bytes.fromhex(vector["scalar"]))
    if vector["valid"]:
        key = sm2.PrivateKey.from_pkcs8(pkcs8)
        assert accepts(key.public_point, MESSAGE, key.sign(MESSAGE))
        assert sm2.PrivateKey.from_scalar(scalar).public_point == key.public_point
        return
    with pytest.raises(InvalidKeyError):
        sm2.PrivateKey.from_pkcs8(pkcs8)
    with pytest.raises(InvalidKeyError):
        sm2.PrivateKey.from_scalar(scalar)


def _pkcs8(scalar: bytes) -> bytes:
    # PKCS#8 without the public point, 0x41 octets inside.
    sec1 = bytes.fromhex("30250201010420") + scalar
    return bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d0427") + sec1


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 64, 5000, 1 << 20])
def test_messages_of_every_size_are_signed(size: int) -> None:
    key = sm2.PrivateKey.generate()
    message = bytes(size)
    signature = key.sign(message)
    assert accepts(key.public_point, message, signature)
    assert not accepts(key.public_point, message + b"\0", signature)
    assert not accepts(sm2.PrivateKey.generate().public_point, message, signature)


def test_many_keys_fit_through_one_thread() -> None:
    # More than the contexts a thread keeps, so the oldest are made again.
    keys = [sm2.PrivateKey.generate() for _ in range(300)]
    signed = [(key.public_point, key.sign(MESSAGE)) for key in keys]
    assert all(accepts(point, MESSAGE, signature) for point, signature in signed + signed[:50])


def test_one_key_signs_and_verifies_in_many_threads_at_once() -> None:
    key = sm2.PrivateKey.generate()
    held: list[bool] = []

    def work(number: int) -> None:
        for count in range(25):
            message = b"%d %d" % (number, count)
            signature = key.sign(message)
            held.append(accepts(key.public_point, message, signature))
            held.append(not accepts(key.public_point, b"", signature))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [True] * 400


def test_a_private_key_survives_pkcs8() -> None:
    key = sm2.PrivateKey.generate()
    again = sm2.PrivateKey.from_pkcs8(key.to_pkcs8())
    assert again.public_point == key.public_point
    assert again.to_pkcs8() == key.to_pkcs8()
    assert accepts(key.public_point, MESSAGE, again.sign(MESSAGE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("06082a811ccf5501822d", "06082a8648ce3d030107"),  # P-256
        ("06072a8648ce3d0201", "06072a8648ce3d0401"),  # ECDSA instead of a key
        ("020100301306", "020101301306"),  # PKCS#8 version 1
        ("306b0201010420", "306b0201020420"),  # ECPrivateKey version 2
        ("da9ad13", "da9ad14"),  # the point is not the scalar's
        ("3945208f", "3945208e"),  # nor the scalar the point's
        ("a144034200", "a144034201"),  # unused bits in the point
        ("308187", "30820087"),  # length not minimal
        (
            "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420",
            "308188020100301306072a8648ce3d020106082a811ccf5501822d046e306c020101042100",
        ),  # 33 octets
    ],
)
def test_a_private_key_of_another_kind_or_form_is_refused(old: str, new: str) -> None:
    good = sm2.PrivateKey.from_scalar(int(PRINTED["scalar"], 16)).to_pkcs8().hex()
    assert good.count(old) == 1
    with pytest.raises(InvalidKeyError):
        sm2.PrivateKey.from_pkcs8(bytes.fromhex(good.replace(old, new)))


def test_a_cut_or_lengthened_private_key_is_refused() -> None:
    good = sm2.PrivateKey.generate().to_pkcs8()
    for bad in (*(good[:size] for size in range(len(good))), good + b"\0"):
        with pytest.raises(InvalidKeyError):
            sm2.PrivateKey.from_pkcs8(bad)


def test_a_private_key_does_not_show_itself() -> None:
    key = sm2.PrivateKey.from_scalar(int(PRINTED["scalar"], 16))
    assert PRINTED["scalar"] not in repr(key).lower()
    with pytest.raises(InvalidKeyError):
        pickle.dumps(key)


def test_a_signer_id_of_up_to_8191_bytes_has_a_digest() -> None:
    assert sm2.signer_digest(POINT, bytes(8191)) != sm2.signer_digest(POINT, bytes(8190))
    with pytest.raises(InvalidKeyError):
        sm2.signer_digest(POINT, bytes(8192))


def test_the_engine_passes_its_self_test_and_says_what_it_is() -> None:
    sm2.self_test()
    assert "OpenSSL" in sm2.engine_description()


def test_an_engine_that_always_says_yes_or_no_fails_its_self_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for answer in (True, False):
        monkeypatch.setattr(Libcrypto, "verify", lambda *_, answer=answer: answer)
        with pytest.raises(EngineUnusableError):
            sm2.self_test()


def test_an_engine_that_signs_something_else_fails_its_self_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What an ECDSA signer on the same curve would do: well-formed, and never SM2.
    monkeypatch.setattr(Libcrypto, "sign", lambda *_: sm2.EXAMPLE_SIGNATURE)
    with pytest.raises(EngineUnusableError):
        sm2.self_test()

    def refuse(*_: object) -> bytes:
        raise InvalidKeyError("refused")

    monkeypatch.setattr(Libcrypto, "sign", refuse)
    with pytest.raises(EngineUnusableError):
        sm2.self_test()


def test_the_vectors_know_their_origin_and_include_wrong_ones() -> None:
    assert SIGNATURES["origin"]
    assert KEYS["origin"]
    assert sum(not vector["valid"] for vector in SIGNATURES["signatures"]) >= 24
