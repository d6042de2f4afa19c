"""Checkpoints: a run that ends anywhere and goes on has the bytes of one that nothing ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.training import checkpoint as module
from hyalite.training.checkpoint import Checkpoint, Saver

RNG = np.random.default_rng(0)
X = RNG.standard_normal((203, 6), np.float32)
LABELS = RNG.integers(0, 3, 203)
NUMBERS = RNG.standard_normal((203, 2))
ENGINES = ["numpy", "compiled"]
if find_spec("numba") is None:  # the test says so, and goes on with the other
    ENGINES[1] = pytest.param("compiled", marks=pytest.mark.skip(reason="needs the extra 'fast'"))


def model(engine: str, kind: str = "classes", dtype: str = "float32") -> hy.Sequential:
    made = hy.Sequential(
        [
            hy.Dense(16, "relu", l2=1e-3),
            hy.BatchNormalization(),
            hy.Dropout(0.3),
            hy.Dense(3, "softmax") if kind == "classes" else hy.Dense(2),
        ],
        dtype=dtype,
    )
    loss = "categorical_crossentropy" if kind == "classes" else "huber"
    metrics = ["accuracy", "f1", "top_2"] if kind == "classes" else ["accuracy", "r2"]
    metrics = [hy.metrics.TopKAccuracy(2) if name == "top_2" else name for name in metrics]
    made.compile(loss, hy.Adam(0.01, decay=1e-3), metrics, engine=engine)
    return made


def outcome(trained: hy.Sequential) -> tuple[object, ...]:
    """All that must be equal byte for byte."""
    slots = {name: slot.tobytes() for name, slot in trained.optimizer.slots.items()}
    counts = trained.optimizer.steps, trained.network.clock.step, trained.network.epochs
    history = trained.history
    figures = repr(history.history), history.epochs, history.best_epoch, history.seed
    return trained.theta.tobytes(), trained.state.tobytes(), slots, counts, figures


class Crash(Exception):
    """The end of a process, but that the test goes on."""


def crashing(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Let the run end right after it has saved so many checkpoints."""
    save, count = Saver.save, 0

    def save_and_die(self: Saver, *arguments: object) -> None:
        nonlocal count
        save(self, *arguments)
        count += 1
        if count == at:
            raise Crash

    monkeypatch.setattr(Saver, "save", save_and_die)


def fit(trained: hy.Sequential, kind: str = "classes", **options: object) -> hy.Sequential:
    y = LABELS if kind == "classes" else NUMBERS
    settings = {"epochs": 6, "batch_size": 20, "seed": 5, "verbose": 0} | options
    trained.fit(X, y, **settings)
    return trained


@pytest.mark.parametrize("every", ["epoch", 1, 4, 11, 50, 1e-9])
@pytest.mark.parametrize("kind", ["classes", "numbers"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_crashes_at_every_checkpoint_ends_in_the_same_bytes(
    engine, kind, every, tmp_path, monkeypatch
):
    expected = outcome(fit(model(engine, kind), kind))
    for _ in range(200):
        crashing(monkeypatch, 3)
        saved = Checkpoint(tmp_path / "run", every, resume=True)
        try:
            # nobody gives the seed again: the checkpoint has it
            seed = None if saved.files() else 5
            trained = fit(model(engine, kind), kind, checkpoint=saved, seed=seed)
        except Crash:
            continue
        finally:
            monkeypatch.undo()
        break
    assert outcome(trained) == expected
    assert len(saved.files()) <= 3
    # and once more: there is nothing left to do
    assert outcome(fit(model(engine, kind), kind, checkpoint=saved)) == expected


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("full", [False, True])
def test_early_stopping_and_validation_go_on(engine, full, tmp_path, monkeypatch):
    options = {
        "epochs": 40,
        "batch_size": None if full else 20,
        "validation_split": 0.2,
        "sample_weight": np.linspace(0, 2, len(X)),
        "shards": 3,
    }

    def early() -> hy.EarlyStopping:
        return hy.EarlyStopping("val_loss", patience=3)

    stopping = early()
    plain = fit(model(engine), callbacks=[stopping], **options)
    assert stopping.stopped_epoch is not None  # else this would show nothing
    for after in (2, 3, 1000):
        crashing(monkeypatch, after)
        again, saved = early(), Checkpoint(tmp_path, "epoch", resume=True)
        with suppress(Crash):
            trained = fit(model(engine), callbacks=[again], checkpoint=saved, **options)
        monkeypatch.undo()
    assert outcome(trained) == outcome(plain)
    assert (again.best, again.best_epoch) == (stopping.best, stopping.best_epoch)
    assert again.stopped_epoch == stopping.stopped_epoch


@pytest.mark.parametrize("engine", ENGINES)
def test_saving_changes_nothing(engine, tmp_path):
    expected = outcome(fit(model(engine)))
    for number, every in enumerate(("epoch", 1, 7, 1e-9)):
        saved = Checkpoint(tmp_path / str(number), every)
        assert outcome(fit(model(engine), checkpoint=saved)) == expected


def test_more_epochs_go_on_where_a_run_was_complete(tmp_path):
    expected = outcome(fit(model("numpy"), epochs=9))
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path))
    longer = fit(model("numpy"), epochs=9, checkpoint=Checkpoint(tmp_path, resume=True))
    assert outcome(longer) == expected


def test_a_second_fit_of_a_model_is_counted_from_its_own_start(tmp_path, monkeypatch):
    expected = outcome(fit(fit(model("numpy"), epochs=2), epochs=3))
    first = fit(model("numpy"), epochs=2)
    crashing(monkeypatch, 2)
    with pytest.raises(Crash):
        fit(first, epochs=3, checkpoint=Checkpoint(tmp_path))
    monkeypatch.undo()
    second = fit(model("numpy"), epochs=3, checkpoint=Checkpoint(tmp_path, resume=True))
    assert outcome(second) == expected


def test_a_learning_rate_that_a_callback_changed_is_kept(tmp_path, monkeypatch):
    class Halve(hy.Callback):
        def on_epoch_end(self, model, epoch, figures):
            model.optimizer.learning_rate = model.optimizer.learning_rate / 2

    expected = outcome(fit(model("numpy"), callbacks=[Halve()]))
    crashing(monkeypatch, 3)
    with pytest.raises(Crash):
        fit(model("numpy"), callbacks=[Halve()], checkpoint=Checkpoint(tmp_path))
    monkeypatch.undo()
    saved = Checkpoint(tmp_path, resume=True)
    assert outcome(fit(model("numpy"), callbacks=[Halve()], checkpoint=saved)) == expected


# The folder ---------------------------------------------------------------------------------------


def test_the_newest_are_kept_and_nothing_else(tmp_path):
    (tmp_path / ".step-000000007.safetensors.1234abcd.tmp").write_bytes(b"of a process that died")
    (tmp_path / "notes.txt").write_text("the user's own")
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path, 10, keep=2))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["notes.txt", "step-000000060.safetensors", "step-000000066.safetensors"]


def test_a_folder_with_an_earlier_run_is_not_overwritten(tmp_path):
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match="holds checkpoints of an earlier run"):
        fit(model("numpy"), checkpoint=Checkpoint(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_damaged_newest_is_named_and_the_one_before_is_taken(tmp_path, caplog):
    expected = outcome(fit(model("numpy")))
    saved = Checkpoint(tmp_path, resume=True)
    fit(model("numpy"), checkpoint=saved)
    newest, second, _ = saved.files()
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    second.write_bytes(second.read_bytes()[:-1])
    assert outcome(fit(model("numpy"), checkpoint=saved)) == expected
    said = caplog.text
    assert newest.name in said
    assert second.name in said
    for path in saved.files():
        path.write_bytes(b"")
    with pytest.raises(hy.FileFormatError, match="none of its 3 checkpoints is whole"):
        fit(model("numpy"), checkpoint=saved)


@pytest.mark.parametrize(
    ("name", "change"),
    {
        "batch_size": {"batch_size": 30},
        "shuffle": {"shuffle": False},
        "shards": {"shards": 2},
        "data.rows": {"validation_split": 0.5},
        "seed": {"seed": 6},
        "callbacks": {"callbacks": [hy.EarlyStopping("loss")]},
    }.items(),
)
def test_another_run_is_refused_by_what_differs(name, change, tmp_path):
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path), epochs=2)
    other = model("numpy")
    with pytest.raises(ValueError, match=name):
        fit(other, checkpoint=Checkpoint(tmp_path, resume=True), **change)


def test_other_models_and_data_are_refused(tmp_path):
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path), epochs=2)
    saved = Checkpoint(tmp_path, resume=True)
    with pytest.raises(ValueError, match="dtype is 'float32', not 'float64'"):
        fit(model("numpy", dtype="float64"), checkpoint=saved)
    other = model("numpy")
    other.optimizer.beta_1 = 0.8
    with pytest.raises(ValueError, match=r"training.optimizer.beta_1 is 0.9, not 0.8"):
        fit(other, checkpoint=saved)
    with pytest.raises(ValueError, match=r"data\.content"):
        model("numpy").fit(X + 1, LABELS, epochs=6, batch_size=20, checkpoint=saved, verbose=0)


def test_another_machine_is_said_and_goes_on(tmp_path, caplog, monkeypatch):
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path), epochs=2)
    monkeypatch.setattr("hyalite.training.fingerprint.np.__version__", "1.0.0")
    fit(model("numpy"), checkpoint=Checkpoint(tmp_path, resume=True))
    assert "NumPy was" in caplog.text


@pytest.mark.parametrize("name", ["os.fsync", "os.replace", "os.write", "os.read"])
def test_a_failed_save_raises_and_leaves_the_older_ones(name, tmp_path, monkeypatch):
    saved = Checkpoint(tmp_path, resume=True)
    fit(model("numpy"), checkpoint=saved, epochs=2)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(name, fail)
    with pytest.raises(OSError, match="No space left"):
        fit(model("numpy"), checkpoint=saved)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("every", ["often", "0 s", "5 years", "1.5 steps", 0, -1, -0.5, None, True])
def test_what_every_may_be(every):
    with pytest.raises((ValueError, TypeError), match="every"):
        Checkpoint("run", every)


def test_times_and_steps_as_texts():
    assert Checkpoint("run", "5 min").seconds == 300
    assert Checkpoint("run", "0.5 h").seconds == 1800
    assert Checkpoint("run", 2.5).seconds == 2.5
    assert Checkpoint("run", "500 steps").steps == Checkpoint("run", 500).steps == 500


def test_a_callback_with_what_cannot_be_stored_is_named(tmp_path):
    class Odd(hy.Callback):
        def get_state(self):
            return {"thing": object()}

    with pytest.raises(TypeError, match=r"callbacks\.0\.state\.thing"):
        fit(model("numpy"), callbacks=[Odd()], checkpoint=Checkpoint(tmp_path))


# Signals ------------------------------------------------------------------------------------------

PROGRAM = """
    import sys
    import numpy as np
    import hyalite as hy
    folder, engine, epochs, every = sys.argv[1:5]
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2000, 20), np.float32), rng.integers(0, 4, 2000)
    model = hy.Sequential([hy.Dense(32, "relu"), hy.Dropout(0.1), hy.Dense(4, "softmax")])
    model.compile("categorical_crossentropy", "adam", ["accuracy", "f1"], engine=engine)
    saved = hy.Checkpoint(folder, int(every) if every.isdigit() else every, resume=True)
    class Ready(hy.Callback):
        def on_epoch_end(self, model, epoch, figures):
            if epoch == 3:
                print("ready", flush=True)
    model.fit(x, y, epochs=int(epochs), batch_size=40, seed=1, checkpoint=saved, verbose=0,
              callbacks=[Ready()])
    import hashlib
    digest = hashlib.sha256(model.theta.tobytes())
    for name, slot in sorted(model.optimizer.slots.items()):
        digest.update(slot.tobytes())
    digest.update(repr(model.history.history).encode())
    print("end", digest.hexdigest(), flush=True)
"""


def start(folder: Path, engine: str, epochs: int, every: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), engine, str(epochs), every],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def digest_of(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out.split()[-1]


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
@pytest.mark.parametrize("engine", ENGINES)
def test_a_signal_after_the_question_whether_to_save_takes_effect_after_a_save(
    engine, tmp_path, monkeypatch
):
    is_due = module.Saver.is_due

    def signalled(saver, step, ends_epoch):
        os.kill(os.getpid(), signal.SIGTERM)  # the first; a second would not wait
        monkeypatch.setattr(module.Saver, "is_due", is_due)
        return False

    monkeypatch.setattr(module.Saver, "is_due", signalled)
    trained = model(engine)
    with pytest.raises(SystemExit):
        fit(trained, epochs=50, checkpoint=Checkpoint(tmp_path, "1 h"))
    (file,) = Checkpoint(tmp_path).files()
    assert module.read(file).step == trained.network.clock.step


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_signal_saves_says_where_and_ends_with_its_code(engine, number, tmp_path):
    process = start(tmp_path / "run", engine, 1_000_000, "1 h")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    # an uncaught KeyboardInterrupt ends Python by the signal itself, which a shell calls 130
    assert process.returncode == (-2 if number == signal.SIGINT else 143)
    assert "all of it is saved in" in err
    (file,) = Checkpoint(tmp_path / "run").files()
    snapshot = module.read(file)
    assert snapshot.step > 0
    epochs = snapshot.step // 50 + 2
    resumed = digest_of(start(tmp_path / "run", engine, epochs, "1 h"))
    assert resumed == digest_of(start(tmp_path / "other", engine, epochs, "1 h"))
