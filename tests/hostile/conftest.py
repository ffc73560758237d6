"""One child process per worker, kept alive over all hostile inputs."""

import sys
from collections.abc import Iterator

import pytest
from hostile_reader import HostileReader


@pytest.fixture(scope="session")
def reader() -> Iterator[HostileReader]:
    if sys.platform != "linux":
        pytest.skip("the limits of memory and CPU-seconds are those of Linux")
    made = HostileReader()
    yield made
    made.close()
