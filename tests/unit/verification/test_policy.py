import pytest

from verification.errors import PolicyInvalidError
from verification.policy import (
    AsOfDemand,
    ListAgeDemand,
    StatusDemand,
    TimestampDemand,
    load_policy,
    read_policy,
)

TEXT = """
name = "x"
status = "required"
timestamp = "wanted"
as_of = "optional"
list_age = "asked"
status_list_max_age_hours = 1
crl_grace_hours = 0
clock_tolerance_seconds = 1
chain_depth = 6
candidates = 20
"""


@pytest.mark.parametrize("name", ["default", "final_check", "historical", "strict"])
def test_shipped_policies_are_named_as_their_files(name: str) -> None:
    assert load_policy(name).name == name


def test_only_the_final_check_skips_the_status() -> None:
    assert load_policy("final_check").status is StatusDemand.SKIPPED
    assert load_policy("default").status is StatusDemand.REQUIRED
    assert load_policy("strict").status is StatusDemand.REQUIRED


def test_the_final_check_and_the_strict_policy_demand_a_proven_time() -> None:
    assert load_policy("final_check").timestamp is TimestampDemand.REQUIRED
    assert load_policy("strict").timestamp is TimestampDemand.REQUIRED


def test_an_unknown_policy_is_named() -> None:
    with pytest.raises(PolicyInvalidError, match="default"):
        load_policy("lenient")


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        TEXT + 'extra = "1"',
        TEXT.replace('name = "x"', ""),
        TEXT.replace('"required"', '"sometimes"'),
        TEXT.replace('"optional"', '"never"'),
        TEXT.replace('"asked"', '"sometimes"'),
        TEXT.replace("chain_depth = 6", "chain_depth = -1"),
        TEXT.replace("chain_depth = 6", "chain_depth = true"),
        TEXT.replace("chain_depth = 6", 'chain_depth = "6"'),
    ],
)
def test_a_policy_that_says_too_much_too_little_or_nonsense_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalidError):
        read_policy("x", text)


def test_only_the_historical_policy_demands_a_time_and_takes_old_lists() -> None:
    historical = load_policy("historical")
    assert historical.as_of is AsOfDemand.REQUIRED
    assert historical.list_age is ListAgeDemand.NOT_ASKED
    for name in ("default", "strict", "final_check"):
        assert load_policy(name).as_of is AsOfDemand.OPTIONAL
        assert load_policy(name).list_age is ListAgeDemand.ASKED
