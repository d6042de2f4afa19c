"""A run of several parts: what was asked for, where and when, and what each part found."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from benchmarks import machine
from benchmarks.plan import Plan

Result = dict[str, Any]


def carry_out(
    plan: Plan, command: str, parts: Mapping[str, Callable[[Plan], Result]], path: Path
) -> Result:
    """All parts, one after the other; the JSON at `path` is written after each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    result: Result = {
        "command": command,
        "date": datetime.date.today().isoformat(),
        "quick": plan.quick,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "peers": plan.peers,
        "missing": plan.missing,
        "machine": machine.describe(),
        "versions": machine.versions(plan),
    }
    for name, measure in parts.items():
        result[name] = measure(plan)
        result |= {"failures": plan.failures, "minutes": plan.minutes}
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def typed(context: click.Context) -> str:
    """The command line that led here, without the place of the report."""
    if context.parent is None:
        words = ["python -m benchmarks"]
    else:
        words = [typed(context.parent), str(context.info_name)]
    for key, value in context.params.items():
        given = context.get_parameter_source(key) is click.core.ParameterSource.COMMANDLINE
        if given and key != "out":
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            words.append(f"--{key}" if value is True else f"--{key} {text}")
    return " ".join(words)
