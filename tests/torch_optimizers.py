"""Ten steps of each optimizer, with every option, by PyTorch.

Run as a program it records them: ``python tests/torch_optimizers.py`` writes
``tests/recorded/optimizers.json``, which the tests use where PyTorch is not installed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

RECORD = Path(__file__).parent / "recorded" / "optimizers.json"
STEPS, SIZE = 10, 7

# name -> (our class, our arguments, PyTorch's class, PyTorch's arguments)
CASES: dict[str, tuple[str, dict, str, dict]] = {
    "sgd": ("SGD", {"learning_rate": 0.1}, "SGD", {"lr": 0.1}),
    "momentum": (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9},
        "SGD",
        {"lr": 0.1, "momentum": 0.9},
    ),
    "nesterov": (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True},
        "SGD",
        {"lr": 0.1, "momentum": 0.8, "nesterov": True},
    ),
    "adagrad": (
        "Adagrad",
        {"learning_rate": 0.2, "epsilon": 1e-5},
        "Adagrad",
        {"lr": 0.2, "eps": 1e-5},
    ),
    "rmsprop": (
        "RMSprop",
        {"learning_rate": 0.02, "rho": 0.8, "epsilon": 1e-5},
        "RMSprop",
        {"lr": 0.02, "alpha": 0.8, "eps": 1e-5},
    ),
    "adam": ("Adam", {"learning_rate": 0.05}, "Adam", {"lr": 0.05, "eps": 1e-7}),
    "adam with all options": (
        "Adam",
        {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.95, "epsilon": 1e-4},
        "Adam",
        {"lr": 0.05, "betas": (0.7, 0.95), "eps": 1e-4},
    ),
    "adamw": (
        "AdamW",
        {"learning_rate": 0.05, "weight_decay": 0.2, "beta_1": 0.8, "beta_2": 0.9},
        "AdamW",
        {"lr": 0.05, "weight_decay": 0.2, "betas": (0.8, 0.9), "eps": 1e-7},
    ),
}
# options that every optimizer has -> how the same is said around PyTorch's step
OPTIONS: dict[str, dict] = {
    "": {},
    "decay": {"decay": 0.3},
    "clip_norm": {"clip_norm": 0.5},
    "clip_value": {"clip_value": 0.2},
    "both clips and decay": {"decay": 0.1, "clip_norm": 0.4, "clip_value": 0.3},
    "exponential": {"schedule": ("ExponentialDecay", {"rate": 0.5, "steps": 4})},
    "step": {"schedule": ("StepDecay", {"factor": 0.3, "steps": 3})},
    "cosine": {"schedule": ("CosineDecay", {"steps": 8, "warmup": 3, "final": 0.01})},
}


def gradients() -> np.ndarray:
    """The gradients of all steps, (STEPS, SIZE); with zeros, large and small ones."""
    rng = np.random.default_rng(0)
    grads = rng.normal(size=(STEPS, SIZE)) * 10.0 ** np.arange(-3, 4)[:SIZE] / 10
    grads[3, 2] = 0
    return grads


def start() -> np.ndarray:
    """The parameters before the first step, (SIZE,)."""
    return np.linspace(-1, 1, SIZE)


def factor(option: dict, peak: float, step: int) -> float:
    """What the learning rate is multiplied by, after PyTorch's own schedulers' definitions."""
    if "decay" in option:
        return 1 / (1 + option["decay"] * step)
    if "schedule" not in option:
        return 1.0
    name, given = option["schedule"]
    if name == "ExponentialDecay":
        return given["rate"] ** (step / given["steps"])
    if name == "StepDecay":
        return given["factor"] ** (step // given["steps"])
    if step < given["warmup"]:
        return (step + 1) / given["warmup"]
    share = min(1.0, (step - given["warmup"]) / (given["steps"] - given["warmup"]))
    low = given["final"] / peak
    return low + (1 - low) * (1 + math.cos(math.pi * share)) / 2


def torch_steps(case: str, option: str) -> list[list[float]]:
    """The parameters after each of PyTorch's steps, float64."""
    import torch

    _, _, name, arguments = CASES[case]
    chosen = OPTIONS[option]
    theta = torch.tensor(start(), requires_grad=True)
    optimizer = getattr(torch.optim, name)([theta], **arguments)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: factor(chosen, arguments["lr"], step)
    )
    result = []
    for grad in gradients():
        theta.grad = torch.tensor(grad)
        if "clip_value" in chosen:
            torch.nn.utils.clip_grad_value_([theta], chosen["clip_value"])
        if "clip_norm" in chosen:
            # clip_grad_norm_ divides by norm + 1e-6; without that, the definition
            norm = torch.linalg.vector_norm(theta.grad)
            theta.grad *= torch.clamp(chosen["clip_norm"] / norm, max=1.0)
        optimizer.step()
        scheduler.step()
        result.append(theta.detach().tolist())
    return result


if __name__ == "__main__":
    import torch

    record = {
        "torch": torch.__version__,
        "steps": {f"{c}|{o}": torch_steps(c, o) for c in CASES for o in OPTIONS},
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record) + "\n")
    print(f"{len(record['steps'])} runs recorded with PyTorch {torch.__version__} in {RECORD}")
