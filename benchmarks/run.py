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
    plan: Plan,
    command: str,
    parts: Mapping[str, Callable[[Plan], Result]],
    path: Path,
    *,
    resume: bool = False,
) -> Result:
    """All parts, one after the other; the JSON at `path` is written after each.

    Args:
        plan: how.
        command: as it was typed.
        parts: what measures each.
        path: of the JSON.
        resume: keep the parts that are there, of a run that broke off on the same machine.
    """
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
    before = json.loads(path.read_text(encoding="utf-8")) if resume and path.exists() else {}
    if before.get("machine", {}).get("processor") != result["machine"]["processor"]:
        before = {}
    plan.failures += before.get("failures", [])
    minutes = before.get("minutes", 0)
    for name, measure in parts.items():
        result[name] = before[name] if name in before else measure(plan)
        result |= {"failures": plan.failures, "minutes": minutes + plan.minutes}
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
