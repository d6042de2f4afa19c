"""Trainings here are short."""

from __future__ import annotations

import pytest

from tests.recipes.tabular.helpers import few_epochs


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    few_epochs(monkeypatch)
