"""What the modules of scenario clients share."""

from collections.abc import Iterator

import pytest
from client_process import ClientProcess, running_client


@pytest.fixture(scope="module")
def scenario_client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClientProcess]:
    """Run the client whose folder the module lies in, beside a broker of its own."""
    name = request.path.parent.name
    with running_client(name, tmp_path_factory.mktemp("client")) as running:
        yield running
