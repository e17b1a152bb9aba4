"""How much a test does: what fits a few minutes, or (``make test-long``) all that was meant."""

import os

# Not by our own prefix: the service refuses a variable of that prefix which is no setting.
LONG = os.environ.get("TEST_EFFORT") == "long"


def examples(all_of_them: int) -> int:
    """How many examples Hypothesis draws: a quarter of them in ``make test``, at least twenty."""
    return all_of_them if LONG else max(min(all_of_them, 20), all_of_them // 4)
