"""Work for several items: in order, none left behind, errors raised."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from license_vault.issuing.side_by_side import Doing, SideBySide, one_by_one

EITHER = pytest.mark.parametrize("doing", [one_by_one, SideBySide(3)], ids=["one-by-one", "side"])


class PowerCutError(BaseException):
    pass


@EITHER
def test_results_come_in_the_order_of_the_items(doing: Doing) -> None:
    def slow(number: int) -> int:
        time.sleep((3 - number) / 100)
        return number * 10

    assert list(doing(slow, (0, 1, 2))) == [0, 10, 20]
    assert list(doing(slow, ())) == []


@EITHER
@pytest.mark.parametrize("wrong", [0, 1, 2])
@pytest.mark.parametrize("error", [ValueError, PowerCutError])
def test_what_an_item_raises_is_raised(
    doing: Doing, wrong: int, error: type[BaseException]
) -> None:
    def work(number: int) -> int:
        if number == wrong:
            raise error
        return number

    with pytest.raises(error):
        doing(work, (0, 1, 2))


def test_items_wait_at_the_same_time() -> None:
    all_there = threading.Barrier(3)
    assert list(SideBySide(2)(lambda _: all_there.wait(timeout=10), "abc")) != []


@pytest.mark.parametrize("wrong", [0, 2])
def test_nothing_goes_on_after_an_error(wrong: int) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        if number == wrong:
            raise ValueError
        time.sleep(0.05)
        done.append(number)

    with pytest.raises(ValueError):  # noqa: PT011 - ours, without a text
        SideBySide(3)(work, (0, 1, 2))
    assert sorted(done) == [number for number in range(3) if number != wrong]


def test_callers_that_share_the_threads_all_get_their_own_results() -> None:
    doing = SideBySide(2)

    def ask(number: int) -> Sequence[int]:
        return doing(lambda item: item * number, (1, 2, 3))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(50)))
    assert [list(answer) for answer in answers] == [[n, 2 * n, 3 * n] for n in range(50)]
