"""Fixtures that every room's tests share."""

from pathlib import Path

import pytest

from layers.compilation import keep_compiled

keep_compiled()  # before the first kernel is imported, so that the workers share one compilation
_SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real inputs, or skip where this machine lacks it."""
    if not _SHARED.is_dir():
        pytest.skip("the real inputs (shared/data beside the project) are not on this machine")
    return _SHARED
