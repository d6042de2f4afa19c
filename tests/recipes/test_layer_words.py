"""Hidden layers in words."""

from __future__ import annotations

import random

import pytest

from hyalite.recipes.layer_words import (
    Convolution,
    GlobalAverage,
    HiddenLayers,
    OfPictures,
    Pooling,
    parse,
)


@pytest.mark.parametrize(
    ("word", "layer"),
    [
        ("conv32", Convolution(32)),
        ("conv16x5", Convolution(16, kernel=5)),
        ("conv16x5s2", Convolution(16, kernel=5, strides=2)),
        ("conv16s2", Convolution(16, strides=2)),
        ("conv16same", Convolution(16, padding="same")),
        ("conv16s2same", Convolution(16, strides=2, padding="same")),
        ("conv16x1s3same", Convolution(16, 1, 3, "same")),
        ("pool", Pooling()),
        ("pool3", Pooling(3)),
        ("pool3s2", Pooling(3, strides=2)),
        ("pools1", Pooling(strides=1)),
        ("poolsame", Pooling(padding="same")),
        ("pool3s2same", Pooling(3, 2, "same")),
        ("gap", GlobalAverage()),
    ],
)
def test_words_of_pictures(word: str, layer: OfPictures) -> None:
    (found,) = parse(word).pictures
    assert found == layer
    assert str(layer) == word
    assert type(found) is type(layer)


def test_the_defaults_are_kernels_of_3_and_windows_of_2() -> None:
    assert Convolution(8) == (8, 3, 1, "valid")
    assert Pooling() == (2, None, "valid")


def test_dense_layers_stand_behind() -> None:
    words = "conv32, pool ,conv64,pool,128,10"
    layers = parse(words)
    assert layers == HiddenLayers(
        (Convolution(32), Pooling(), Convolution(64), Pooling()), (128, 10)
    )
    assert not layers.averaged
    assert parse(["conv32", "pool", "conv64", "pool", 128, "10"]) == layers
    assert parse("conv8,gap,16").averaged
    assert parse("64,64") == parse((64, 64)) == HiddenLayers((), (64, 64))
    assert parse("none") == parse(" none ") == parse(()) == parse([]) == HiddenLayers((), ())
    assert parse("999999").units == (999_999,)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("", "a part is empty; write units of a dense layer as 128"),
        ("conv32,,64", "a part is empty"),
        ("conv32,pool,", "a part is empty"),
        ("conv", "'conv' is no layer; write units of a dense layer as 128; filters of a conv"),
        ("conv32x", "'conv32x' is no layer"),
        ("conv32samex5", "'conv32samex5' is no layer"),
        ("64,none", "'none' is no layer; write .*, or none alone"),
        ("conv٣", "'conv٣' is no layer"),
        ("6 4", "'6 4' is no layer"),
        ("-5", "'-5' is no layer"),
        ("x" * 99, f"'{'x' * 40}…' is no layer"),
        ("conv0", "filters of 'conv0' must be a whole number from 1 to 999,999"),
        ("conv8x0", "the kernel of 'conv8x0' must be a whole number"),
        ("conv8x100same", "the kernel of 'conv8x100same' must be a whole number from 1 to 99"),
        ("pool999999s2same", "the window of 'pool999999s2same' must be .* from 1 to 99"),
        ("conv8s0", "strides of 'conv8s0' must be"),
        ("pool0", "the window of 'pool0' must be"),
        ("pools0", "strides of 'pools0' must be"),
        ("1000000", "units of '1000000' must be"),
        ("9" * 9999, f"units of '{'9' * 40}…' must be"),
        ("conv8,128,conv16", "'conv16' takes pictures, and behind '128' there are none; put it"),
        ("gap,gap", "'gap' takes pictures, and behind 'gap' there are none"),
        ("128,pool,64", "'pool' takes pictures, and behind '128'"),
        ((0,), "units of '0' must be"),
        ((64, "pool"), "'pool' takes pictures, and behind 64 there"),
        ((64, 2.5), "2.5 is no layer"),
        ((True,), "True is no layer"),
        (64, r"got 64; write layers=\(64, 64\)"),
        (None, "must be the units of each hidden layer, got None"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(layers, message: str) -> None:
    with pytest.raises(ValueError, match=f"^layers:? .*{message}"):
        parse(layers)


def test_any_text_is_read_or_refused_in_words() -> None:
    """20,000 texts: pieces of the grammar in any order, some with a character of any kind."""
    pieces = ["conv", "pool", "gap", "same", "none", "x", "s", ",", ",", "0", "3", "32", " ", "-"]
    draw = random.Random(0)
    read, refusals = 0, []
    for _ in range(20_000):
        text = "".join(draw.choices(pieces, k=draw.randint(0, 8)))
        if draw.random() < 0.3:
            place = draw.randint(0, len(text))
            text = text[:place] + chr(draw.randrange(0x110000)) + text[place:]
        try:
            layers = parse(text)
        except ValueError as error:
            refusals.append(str(error))
        else:
            read += 1
            assert all(number > 0 for number in layers.units)
            assert parse(str(layers)) == layers
    assert 500 < read < 15_000
    assert all(text.startswith("layers: ") and len(text) < 400 for text in refusals)
