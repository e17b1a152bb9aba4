from collections.abc import Iterator

import pytest
from api_node import Node, build_node
from meeting_world import Meeting


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = build_node(tmp_path_factory.mktemp("node") / "home")
    # One executor of jobs a process, and these tests leave it to others: test_bulk_jobs, the pages.
    node.services.jobs.tend = lambda: 0
    with node.client:
        yield node


@pytest.fixture(scope="session")
def issued(node: Node) -> dict:
    """One license that everybody may look at and nobody changes."""
    answer = node.issue(body=node.body())
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="session")
def meeting(node: Node) -> Meeting:
    """An enterprise whose licenses several parts of the service come together over."""
    return Meeting(node)
