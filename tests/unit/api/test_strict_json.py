"""What a JSON body may hold: nothing that cannot be written again as UTF-8."""

import pytest

from api.errors import RequestUnreadableError
from api.limits import strict_json
from api.verification_lines import entries_in


@pytest.mark.parametrize("data", [rb'{"a": "\ud800"}', rb'["\udc00x"]', rb'{"\ud800": 1}'])
def test_half_a_surrogate_is_no_text(data: bytes) -> None:
    with pytest.raises(RequestUnreadableError):
        strict_json(data, 10)


def test_a_whole_pair_is_one_character() -> None:
    assert strict_json(rb'{"a": "\ud842\udfb7 \u7247"}', 10) == {"a": "𠮷 片"}


def test_a_line_of_a_batch_with_half_a_surrogate_spoils_none_of_the_others() -> None:
    lines = [rb'{"name": "\ud800", "file_base64": "AAAA"}', b'{"name": "a", "file_base64": "AAAA"}']
    bad, good = entries_in(b"\n".join(lines), 10)
    assert isinstance(bad.fault, RequestUnreadableError)
    assert (good.fault, good.name) == (None, "a")
