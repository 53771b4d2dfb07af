"""What happens when a real part (the wiki, Chromium) cannot be had: skipped on a desk, a failure in CI."""

import os
from typing import NoReturn

import pytest


def are_required() -> bool:
    """Whether a missing part is a failure: CI=true, or COMPAGNON_TEST_REQUIRE=1."""
    return os.environ.get("CI") == "true" or os.environ.get("COMPAGNON_TEST_REQUIRE") == "1"


def give_up(part: str, reason: object) -> NoReturn:
    """Skip the test, or fail it where the parts are required, with the reason."""
    message = f"{part} cannot be had here: {reason}"
    if are_required():
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
