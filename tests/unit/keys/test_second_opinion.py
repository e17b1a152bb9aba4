import json
from pathlib import Path

import pytest

from keys import second_opinion, sm2
from keys.errors import EngineUnusableError

KEYS = json.loads((Path(__file__).parents[2] / "vectors/sm2/keys.json").read_text())


def test_the_second_opinion_passes_its_self_test() -> None:
    second_opinion.self_test()


def test_a_second_opinion_that_always_agrees_or_never_fails_its_self_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for answer in (True, False, 0, None):
        monkeypatch.setattr(second_opinion.CryptSM2, "verify", lambda *_, answer=answer: answer)
        with pytest.raises(EngineUnusableError):
            second_opinion.self_test()


@pytest.mark.parametrize(
    ("first", "scalar"),
    [("04", 11), ("40", 65), ("44", 138), ("0404", 307), ("00", 327), ("4004", 12311),
     ("0000", 17883)],
)  # fmt: skip
def test_keys_whose_digits_gmssl_would_eat_are_judged_rightly(first: str, scalar: int) -> None:
    # lstrip("04") takes every leading 0 and 4 of the hexadecimal text.
    key = sm2.PrivateKey.from_scalar(scalar)
    assert key.public_point[1:].hex().startswith(first)
    signature = key.sign(b"m")
    assert second_opinion.agrees_valid(key.public_point, b"m", signature)
    assert not second_opinion.agrees_valid(key.public_point, b"n", signature)


@pytest.mark.parametrize("vector", KEYS["points"], ids=lambda vector: vector["what"])
def test_a_point_that_is_no_key_never_agrees_and_never_raises(vector: dict) -> None:
    point = bytes.fromhex(vector["point"])
    agreed = second_opinion.agrees_valid(point, sm2.EXAMPLE_MESSAGE, sm2.EXAMPLE_SIGNATURE)
    assert agreed is (point == sm2.EXAMPLE_POINT)


def test_the_second_opinion_has_no_way_to_sign() -> None:
    assert not hasattr(second_opinion, "sign")
    text = Path(second_opinion.__file__).read_text()
    assert ".sign(" not in text
    assert "sign_with_sm3" not in text
