"""What an object's constructor was given describes it: print, store, compare."""

from __future__ import annotations

import inspect

import pytest

import hyalite as hy
from hyalite.config import Configurable


class Base(Configurable):
    def __init__(self, rate: float, *, decay: float = 0.0, name: str | None = None) -> None:
        self.rate, self.decay, self.name = rate, decay, name


class Derived(Base):
    def __init__(self, rate: float = 0.1, power: int = 2, **options) -> None:
        super().__init__(rate, **options)
        self.power = power


def test_what_is_passed_on_is_spelled_out_in_the_signature() -> None:
    parameters = inspect.signature(Derived).parameters
    assert list(parameters) == ["rate", "power", "decay", "name"]
    assert parameters["decay"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["decay"].default == 0.0
    made = Derived(power=3, decay=0.5)
    assert made.get_config() == {"rate": 0.1, "power": 3, "decay": 0.5, "name": None}
    assert repr(made) == "Derived(power=3, decay=0.5)"
    with pytest.raises(TypeError, match="unexpected keyword argument 'decline'"):
        Derived(decline=1)


def test_the_former_name_of_get_config_still_works_and_names_the_new_one() -> None:
    with pytest.warns(DeprecationWarning, match=r"get_config\(\) now"):
        assert hy.ReLU().settings() == hy.ReLU().get_config() == {"name": None}
    with pytest.warns(DeprecationWarning, match=r"Own\.settings is called get_config now"):

        class Own(Base):
            def settings(self):
                return {"rate": 1.0}

    assert repr(Own(2.0)) == "Own(rate=1.0)"
