"""Augmentation: what the random layers do to samples, held against other code."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

import hyalite as hy
from hyalite.layers.augmentation import normal
from hyalite.random import Clock, lanes
from tests.extras import optional

oracle = optional("tests.oracle", "dev")
RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (12, 6, 7)).astype(np.uint8)


def drawn(layer: hy.Layer, rows: int, step: int = 0) -> np.ndarray:
    """What a layer alone draws for each picture: (rows, 4) in -1..1."""
    return (lanes(Clock(layer.clock.seed, step), 0, rows, 4) + 0.5) / 32768 - 1


@pytest.mark.parametrize("channels", [None, 1, 3, 4])
@pytest.mark.parametrize(
    "layer",
    [
        hy.RandomAffine(),
        hy.RandomAffine(0, 180, fill=1.0),
        hy.RandomAffine(0, 0, 0.9, fill=-2.0),
        hy.RandomAffine(9, 90, 0.5),
        hy.RandomAffine(0, 0, 0),
    ],
    ids=repr,
)
def test_affine_is_its_matrix_and_backward_is_the_transposed_one(layer, channels):
    shape = (6, 7) if channels is None else (6, 7, channels)
    x = RNG.normal(size=(5, *shape))
    layer = fresh(layer).build(shape, seed=3, dtype="float64")
    matrix, added = oracle.affine(layer, drawn(layer, 5), 6, 7)
    y = layer.forward(x, training=True)
    flat = x.reshape(5, 42, -1)
    expected = np.einsum("npq,nqc->npc", matrix, flat) + added[:, :, None]
    np.testing.assert_allclose(y.reshape(flat.shape), expected, atol=1e-12)
    dy = RNG.normal(size=y.shape)
    dx = layer.backward(dy)
    expected = np.einsum("npq,npc->nqc", matrix, dy.reshape(flat.shape))
    np.testing.assert_allclose(dx.reshape(flat.shape), expected, atol=1e-12)
    # <Ax, dy> = <x, Aᵀdy>
    still = layer.fill * (1 - matrix.sum(axis=2)).reshape(5, 6, 7, *[1] * (channels is not None))
    assert np.vdot(y - still, dy) == pytest.approx(np.vdot(x, dx), rel=1e-10)


def test_affine_agrees_with_scipy():
    ndimage = pytest.importorskip("scipy.ndimage", reason="needs the extra 'fast'")
    layer = hy.RandomAffine(2, 25, 0.2, fill=7.0).build((9, 8), seed=1, dtype="float64")
    x = RNG.uniform(0, 255, (6, 9, 8))
    y = layer.forward(x, training=True)
    for picture, made, (turn, size, *shift) in zip(x, y, drawn(layer, 6), strict=True):
        angle, scale = np.radians(25 * turn), 1 + 0.2 * size
        back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / scale
        centre = np.array([4, 3.5])
        offset = centre - back @ (centre + 2 * np.array(shift))
        # a frame, since SciPy takes the edge for a cliff and we for a slope to `fill`
        framed = np.pad(picture, 1, constant_values=7.0)
        moved = offset + 1 - back @ np.ones(2)
        other = ndimage.affine_transform(framed, back, moved, order=1, cval=7.0)
        np.testing.assert_allclose(made, other[1:-1, 1:-1], atol=1e-9)


def test_a_quarter_turn_is_counterclockwise_and_a_shift_goes_right_and_down(monkeypatch):
    x = np.arange(9.0).reshape(1, 3, 3)

    def forward(layer, *numbers):
        fixed = np.array([numbers]) * 32768 + 32767.5
        monkeypatch.setattr("hyalite.layers.augmentation.lanes", lambda *_: fixed)
        return layer.forward(x, training=True)[0]

    turned = forward(hy.RandomAffine(0, 90), 1, 0, 0, 0)
    np.testing.assert_allclose(turned, np.rot90(x[0]), atol=1e-12)
    moved = forward(hy.RandomAffine(2, 0, fill=-1), 0, 0, 0.5, 1)
    np.testing.assert_allclose(moved, [[-1, -1, -1], [-1, -1, 0], [-1, -1, 3]])
    larger = forward(hy.RandomAffine(0, 0, 0.5), 0, 1, 0, 0)
    assert larger[1, 1] == 4
    assert larger[0, 0] == pytest.approx(4 - 4 / 1.5), "the middle is nearer to the edge"


def test_draws_fill_their_ranges_and_differ_by_sample_step_and_place():
    layer = hy.RandomAffine().build((4, 4), seed=5)
    numbers = drawn(layer, 20_000)
    assert np.abs(numbers).max() < 1
    np.testing.assert_allclose(numbers.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(numbers.var(axis=0), 1 / 3, atol=0.01)
    same = np.repeat(RNG.normal(size=(1, 4, 4)), 5, axis=0)
    first, second = (layer.forward(same, training=True) for _ in range(2))
    assert len(np.unique(np.concatenate([first, second]), axis=0)) == 10


@pytest.mark.parametrize(
    "make",
    [
        lambda: hy.RandomAffine(2, 40, 0.2),
        lambda: hy.GaussianNoise(3),
        lambda: hy.RandomFlip("horizontal_and_vertical"),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_row_is_the_same_however_the_batch_is_cut(make, dtype):
    layer = make().build((6, 7), seed=9, dtype=dtype)
    x = PICTURES.astype(dtype)

    def forward(start, stop):
        layer.clock = Clock(9, step=4, row=start)
        return layer.forward(x[start:stop], training=True)

    whole = forward(0, 12)
    for cut in range(1, 12):
        for start, stop in ((0, cut), (cut, 12)):
            assert forward(start, stop).tobytes() == whole[start:stop].tobytes()


@pytest.mark.parametrize("channels", [None, 1, 3])
@pytest.mark.parametrize(
    ("mode", "seen"),
    [("horizontal", {0, 2}), ("vertical", {0, 1}), ("horizontal_and_vertical", {0, 1, 2, 3})],
)
def test_a_flip_mirrors_half_of_the_pictures_along_each_of_its_axes(mode, seen, channels):
    shape = (4, 3) if channels is None else (4, 3, channels)
    picture = RNG.normal(size=shape)
    images = [picture, picture[::-1], picture[:, ::-1], picture[::-1, ::-1]]
    flip = hy.RandomFlip(mode).build(shape, seed=4, dtype="float64")
    x = np.repeat(picture[None], 4000, axis=0)
    y = flip.forward(x, training=True)
    found = np.array([[(one == image).all() for image in images] for one in y])
    assert (found.sum(axis=1) == 1).all()
    shares = found.mean(axis=0)
    assert set(np.flatnonzero(shares)) == seen
    np.testing.assert_allclose(shares[shares > 0], 1 / len(seen), atol=0.03)
    # orthogonal, so the derivative comes back by the same mirrors
    np.testing.assert_array_equal(flip.backward(y), x)
    other = flip.forward(x, training=True)
    assert (other != y).any()


def test_noise_is_normal():
    for dtype in ("float32", "float64"):
        noise = hy.GaussianNoise(2.0).build(500, seed=2, dtype=dtype)
        y = noise.forward(np.full((400, 500), 10.0), training=True)
        assert y.dtype == dtype
        z = (y - 10) / 2
        np.testing.assert_allclose([z.mean(), z.var()], [0, 1], atol=0.01)
        for sigma, share in ((1, 0.6827), (2, 0.9545), (3, 0.9973)):
            assert (np.abs(z) < sigma).mean() == pytest.approx(share, abs=0.003)
        assert np.abs(z).max() < 4.34
    values = normal(np.dtype("float64"))
    assert values.var() == pytest.approx(1, abs=1e-9)
    np.testing.assert_array_equal(values, -values[::-1])


def test_the_table_of_quantiles_is_the_same_on_every_machine():
    for dtype in ("float32", "float64"):
        single = normal(np.dtype(dtype)).astype("<f4")
        digest = hashlib.sha256(single.tobytes()).hexdigest()
        assert digest == "8babbcaf96568f10165a1eab530c0e5c92d04de96761b6dbb3dadfa94baba37f"
        np.testing.assert_array_equal(single, normal(np.dtype(dtype)))


@pytest.mark.parametrize(
    "layer", [hy.RandomAffine(), hy.GaussianNoise(5.0), hy.RandomFlip()], ids=repr
)
def test_prediction_is_left_alone(layer):
    layer = fresh(layer)
    np.testing.assert_array_equal(layer.forward(PICTURES), PICTURES)
    np.testing.assert_array_equal(layer.backward(PICTURES), PICTURES)
    made = hy.Flatten(), hy.Dense(3, "softmax")
    alone, behind = (
        hy.Sequential(made),
        hy.Sequential([fresh(layer), hy.Flatten(), hy.Dense(3, "softmax")]),
    )
    for model in (alone, behind):
        model.engine = "numpy"
        model.build((6, 7), seed=0)
    behind.theta[...] = alone.theta
    assert behind.predict(PICTURES).tobytes() == alone.predict(PICTURES).tobytes()


def fresh(layer: hy.Layer) -> hy.Layer:
    """The same layer, not built."""
    return type(layer)(**layer.get_config())


def network(engine: str) -> hy.Sequential:
    model = hy.Sequential(
        [
            hy.RandomAffine(1, 20, 0.1),
            hy.RandomFlip("horizontal_and_vertical"),
            hy.Flatten(),
            hy.Rescaling(1 / 255),
            hy.GaussianNoise(0.1),
            hy.Dense(8, "relu"),
            hy.Residual([hy.GaussianNoise(0.1), hy.Dense(8), hy.Dropout(0.2)]),
            hy.Dense(3, "softmax"),
        ]
    )
    model.compile("categorical_crossentropy", hy.Adam(0.01), ["accuracy"], engine=engine)
    return model


@pytest.mark.parametrize("engine", ["numpy", pytest.param("compiled", marks=pytest.mark.compiled)])
@pytest.mark.parametrize("shards", [1, 3])
def test_raw_pictures_in_and_a_killed_run_ends_in_the_same_bytes(tmp_path, shards, engine):
    if engine == "compiled":
        pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")
    labels = np.arange(12) % 3
    options = {"batch_size": 5, "shards": shards, "seed": 1, "verbose": 0}
    whole = network(engine)
    whole.fit(PICTURES, labels, epochs=4, **options)

    class Crash(hy.Callback):
        def on_epoch_end(self, model, epoch, figures):
            if epoch == 3:
                raise RuntimeError("the end")

    class Quiet(hy.Callback):
        pass

    Quiet.__qualname__ = Quiet.__name__ = "Crash"
    saved = hy.Checkpoint(tmp_path, every="2 steps", resume=True)
    killed = network(engine)
    with pytest.raises(RuntimeError):
        killed.fit(PICTURES, labels, epochs=4, callbacks=[Crash()], checkpoint=saved, **options)
    again = network(engine)
    again.fit(PICTURES, labels, epochs=4, callbacks=[Quiet()], checkpoint=saved, **options)
    assert again.theta.tobytes() == whole.theta.tobytes()
    whole.save(tmp_path / "m.safetensors")
    loaded = hy.load(tmp_path / "m.safetensors")
    loaded.engine = engine
    assert loaded.predict(PICTURES).tobytes() == whole.predict(PICTURES).tobytes()
    for model in (whole, loaded):
        model.compile("categorical_crossentropy", hy.SGD(0.1), engine=engine)
        model.fit(PICTURES, labels, **options)
    assert loaded.theta.tobytes() == whole.theta.tobytes()


@pytest.mark.parametrize(
    ("shape", "fix"),
    [((42,), r"put it before Flatten\(\)"), ((3, 6, 7), "channels come last"), ((), "Flatten")],
)
def test_what_is_no_picture_is_refused(shape, fix):
    expected = (
        rf"samples of shape \(height, width\).*got input_shape \({', '.join(map(str, shape))}"
    )
    for kind in (hy.RandomAffine, hy.RandomFlip):
        with pytest.raises(ValueError, match=f"{kind.__name__} .*{expected}.*{fix}"):
            kind().forward(np.ones((2, *shape)), training=True)
    if shape:
        model = hy.Sequential([hy.RandomAffine(), hy.Flatten(), hy.Dense(2, "softmax")])
        model.compile("categorical_crossentropy")
        with pytest.raises(ValueError, match=f"layer random_affine_1: .*{fix}"):
            model.fit(np.ones((2, *shape)), [0, 1])
        assert not model.built
