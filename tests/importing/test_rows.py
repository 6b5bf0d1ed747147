"""The table of rows and tests names only tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(\w+/test_\w+\.py)(?:::(\w+))?`", TABLE)


def test_there_are_rows() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_a_row_names_is_there(file: str, test: str) -> None:
    assert f"def {test}(" in (TESTS / file).read_text() if test else (TESTS / file).is_file()
