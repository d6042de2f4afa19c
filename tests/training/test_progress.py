"""What a fit shows of itself: nothing, lines, or a bar."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import textwrap

import pytest

from tests.training.helpers import Script, fit, mixed


def test_verbose_0_is_silent(capfd):
    fit(mixed(), epochs=3, verbose=0, validation_split=0.2)
    assert capfd.readouterr() == ("", "")


def test_verbose_2_is_a_line_an_epoch(capfd):
    history = fit(mixed(), epochs=60, verbose=2)
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert len(lines) == 60
    for epoch, line in enumerate(lines, 1):
        assert line.startswith(f"epoch {epoch}/60 ")
        assert f"loss {history['loss'][epoch - 1]:.4f}" in line
        assert f"accuracy {history['accuracy'][epoch - 1]:.4f}" in line
        assert line.endswith(" s")
    fit_again = mixed()
    fit(fit_again, epochs=2, verbose=0)
    fit(fit_again, epochs=2, verbose=2)
    assert [line.split()[1] for line in capfd.readouterr().out.splitlines()] == ["3/4", "4/4"]


@pytest.mark.parametrize("epochs", [1, 5, 39, 40, 41, 100, 250])
def test_verbose_auto_is_some_lines_where_nobody_watches(epochs, capfd):
    fit(mixed(), epochs=epochs, verbose="auto")
    out, err = capfd.readouterr()
    shown = [int(line.split()[1].split("/")[0]) for line in out.splitlines()]
    assert err == ""
    assert shown[0] == 1
    assert shown[-1] == epochs
    assert shown == sorted(set(shown))
    assert len(shown) == epochs if epochs <= 40 else 18 <= len(shown) <= 60


def test_a_run_that_was_stopped_early_shows_its_last_epoch(capfd):
    def stop(model):
        model.stop_training = True

    fit(mixed(), epochs=400, verbose="auto", callbacks=[Script(do={33: stop})])
    assert capfd.readouterr().out.splitlines()[-1].startswith("epoch 33/")


def test_verbose_1_is_a_bar_on_stderr(capfd):
    fit(mixed(), epochs=2, verbose=1, batch_size=8)
    out, err = capfd.readouterr()
    assert out == ""
    assert "epoch 1/2" in err
    assert "epoch 2/2" in err
    assert "100%" in err
    assert "loss" in err
    fit(mixed(), epochs=50, verbose=1)
    assert "epochs" in capfd.readouterr().err


def test_a_bar_is_closed_where_training_is_interrupted(monkeypatch):
    def interrupt(model):
        raise KeyboardInterrupt

    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(KeyboardInterrupt):
        fit(mixed(), epochs=5, verbose=1, callbacks=[Script(do={2: interrupt})])
    assert stream.getvalue().endswith("\n")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_verbose_auto_is_a_bar_on_a_terminal():
    program = """
        import numpy as np, hyalite as hy
        model = hy.Sequential([hy.Dense(2)])
        model.compile("mse", "sgd")
        model.fit(np.ones((9, 2)), np.ones((9, 2)), epochs=2, seed=0)
    """
    import fcntl
    import termios

    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=slave
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(master)
    assert process.communicate()[0] == b""
    assert process.returncode == 0, seen.decode()
    assert "epoch 2/2" in seen.decode()
    assert "100%" in seen.decode()
