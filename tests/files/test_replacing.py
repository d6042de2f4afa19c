"""A write that fails leaves the old file and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import hyalite as hy
import hyalite.loading
from tests.files.helpers import LABELS, X, small


@pytest.fixture
def saved(tmp_path) -> Path:
    small().save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def test_a_file_may_be_replaced_while_its_model_is_in_use(saved):
    model = hy.load(saved)
    model.theta[...] += 1
    model.save(saved)
    again = hy.load(saved)
    assert again.theta.tobytes() == model.theta.tobytes()
    saved.unlink()
    again.fit(X, LABELS, verbose=0)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_the_file_has_the_usual_rights(tmp_path):
    small().save(tmp_path / "model.safetensors")
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "model.safetensors").stat().st_mode == (tmp_path / "plain").stat().st_mode


FULL = OSError(28, "No space left on device")
FAILURES = {
    "making the content": ("safetensors.numpy.save", FULL),
    "interrupted": ("safetensors.numpy.save", KeyboardInterrupt()),
    "halfway through": ("os.write", FULL),
    "interrupted halfway through": ("os.write", KeyboardInterrupt()),
    "reading it back": ("os.read", OSError(5, "Input/output error")),
    "fsync": ("os.fsync", OSError(5, "Input/output error")),
    "replace": ("os.replace", OSError(18, "Invalid cross-device link")),
}


@pytest.mark.parametrize("method", ["save", "save_weights"])
@pytest.mark.parametrize("case", FAILURES)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(case, method, saved, monkeypatch):
    target, error = FAILURES[case]
    model = small()
    model.theta[...] += 1
    before = saved.read_bytes()

    def fail(*args, **options):
        if target == "os.write":
            write(args[0], args[1][: len(args[1]) // 2])
        raise error

    write = os.write

    monkeypatch.setattr(target, fail)
    with pytest.raises(type(error)):
        getattr(model, method)(saved)
    monkeypatch.undo()
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        small().save(tmp_path / "nowhere" / "model.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_saving_over_a_folder_is_an_oserror(tmp_path):
    (tmp_path / "m").mkdir()
    with pytest.raises(OSError, match="m"):
        small().save(tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits as Linux has them")
def test_a_full_disk_is_an_oserror_and_leaves_the_old_file(saved):
    before = saved.read_bytes()
    program = f"""
        import resource, signal
        import numpy as np, hyalite as hy
        model = hy.load({str(saved)!r})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
        try:
            model.save({str(saved)!r})
        except OSError as error:
            print("OSError")
    """
    result = subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.strip() == "OSError", result.stderr
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "data").mkdir()
    real, link = tmp_path / "data" / "real", tmp_path / "link"
    small().save(real)
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("no links here")
    model = small()
    model.theta[...] += 1
    model.save(link)
    assert link.is_symlink()
    assert hy.load(real).theta.tobytes() == model.theta.tobytes()
