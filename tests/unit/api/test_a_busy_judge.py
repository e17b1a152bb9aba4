"""A file is not refused because nobody has time to look at it: the row is done later."""

from typing import cast

import pytest

from api.bulk_grading import judge_by
from license_vault.bulk.errors import JudgeUnavailableError
from license_vault.bulk.working import LATER
from verification.errors import ParserUnavailableError, VerifierBusyError
from verification.verifier import Verifier


@pytest.mark.parametrize("error", [VerifierBusyError(1.0), ParserUnavailableError("closed")])
def test_a_row_whose_file_nobody_can_look_at_now_is_done_later(error: Exception) -> None:
    class Busy:
        def verify(self, data: bytes) -> None:
            raise error

    with pytest.raises(JudgeUnavailableError) as told:
        judge_by(cast("Verifier", Busy()))(b"%PDF-1.7")
    assert isinstance(told.value, LATER)
