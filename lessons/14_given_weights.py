# ---
# jupyter:
#   # as a notebook: hyalite lessons 14 --open
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 14 · Given weights: reading digits without training
#
# **In short.** Someone else has trained a network of two hidden sigmoid layers and stored its
# weights in a pickle, `sample_weight.pkl`. We read it without running what is in it, put the
# weights into a model, and let it read the 10,000 test images: one by one, and in batches of 100.
# Both give the same accuracy, with the source's file its 0.9352. The batches are faster, and we
# see why.
#
# **小结。** 有人训练好了一个含两个 sigmoid 隐藏层的网络，
# 把权重存成了 `sample_weight.pkl` 这个 pickle 文件。
# 本课在不执行其中任何内容的前提下读出权重，放进模型，让它识别一万张测试图片：
# 先一张一张地识别，再每一百张作为一批来识别。两种方式的准确率相同，用原文的文件时与原文一致，
# 都是 0.9352；而批处理更快，本课也会说明其中的原因。

# %%
import os
import pickle
import tempfile
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import report, show
from hyalite.files.pickles import dense_arrays, import_pickle

# %% [markdown]
# ## Where the file is
#
# It comes with the code of the book *Deep Learning from Scratch*, in the folder `ch03`, and is
# looked for in `$HYALITE_DATA/book`. Without it a network of the same shape is trained here and
# stored in the same form: all but the source's figures can be seen with that, too.

# %%
folder = tempfile.TemporaryDirectory()
path = Path(os.environ.get("HYALITE_DATA", ""), "book", "sample_weight.pkl")
THE_BOOKS = path.is_file()
digits, (x, y) = hy.datasets.mnist()


def network():
    sigmoids = hy.Dense(50, "sigmoid"), hy.Dense(100, "sigmoid")
    model = hy.Sequential([*sigmoids, hy.Dense(10, "softmax")])
    model.compile("categorical_crossentropy", "adam", engine="numpy")
    return model


if not THE_BOOKS:
    print("sample_weight.pkl is not here (copy it from ch03 to $HYALITE_DATA/book).")
    print("Until then the weights are those of three epochs, trained here and now.")
    teacher, path = network(), Path(folder.name, path.name)
    teacher.fit(*digits, batch_size=100, epochs=3, seed=0, verbose=0)
    values = teacher.get_weights().values()
    weights = dict(zip(("W1", "b1", "W2", "b2", "W3", "b3"), values, strict=True))
    path.write_bytes(pickle.dumps(weights))

# %% [markdown]
# ## Reading a pickle without running it
#
# The source calls `pickle.load`, which would do whatever the file says (lesson 13).
# `import_pickle` accepts arrays and nothing else:

# %%
arrays = import_pickle(path)
folder.cleanup()
for name in sorted(arrays):
    print(f"{name}: {arrays[name].shape} {arrays[name].dtype}")

# %% [markdown]
# ## The network
#
# $$z_1 = \sigma(x W_1 + b_1), \qquad z_2 = \sigma(z_1 W_2 + b_2), \qquad
# \hat y = \operatorname{softmax}(z_2 W_3 + b_3)$$
#
# | | $x$ | $W_1$ | $z_1$ | $W_2$ | $z_2$ | $W_3$ | $\hat y$ |
# |---|---|---|---|---|---|---|---|
# | shape | (n, 784) | (784, 50) | (n, 50) | (50, 100) | (n, 100) | (100, 10) | (n, 10) |

# %%
model = network()
model.build(784)
for layer, (W, b) in zip(model.layers, dense_arrays(arrays), strict=True):
    layer.W[...] = W
    layer.b[...] = b
model.summary()

# %% [markdown]
# The command line makes the same model in one go:
# `hyalite convert sample_weight.pkl model.safetensors --activation sigmoid`.
#
# ## The images
#
# Scaled to 0..1, flat. In other scales the weights mean nothing, so the scale is part of a model.

# %%
print(f"x {x.shape}, one image {x[0].shape}, from {x.min():.0f} to {x.max():.0f}")
_, (symmetric, _) = hy.datasets.mnist(normalize="symmetric")
wrong_scale = (model.predict_classes(symmetric) == y).mean()
report("the same images scaled to -1..1: accuracy", wrong_scale)

# %% [markdown]
# One image, by the formulas above and by the model:


# %%
def sigma(a):
    return 1 / (1 + np.exp(-a))  # the brackets matter: 1 / 1 + e^-a is another function


z1 = sigma(x[:1] @ arrays["W1"] + arrays["b1"])
z2 = sigma(z1 @ arrays["W2"] + arrays["b2"])
a3 = z2 @ arrays["W3"] + arrays["b3"]
by_hand = np.exp(a3 - a3.max()) / np.exp(a3 - a3.max()).sum()
assert np.allclose(by_hand, model.predict(x[:1]), atol=1e-6)
print("probabilities:", *(f"{p:.4f}" for p in by_hand[0]))
print("so it is a", by_hand.argmax())

# %% [markdown]
# ## One by one, and in batches of 100
#
# $$\text{accuracy} = \frac1N \sum_n \big[\arg\max_j \hat y_{nj} = y_n\big]$$


# %%
def read(size):
    """Accuracy and seconds when the images come in batches of this size."""
    began, right = time.perf_counter(), 0
    for start in range(0, len(x), size):
        probabilities = model.predict(x[start : start + size])  # (size, 10)
        right += np.sum(probabilities.argmax(axis=1) == y[start : start + size])
    return right / len(x), time.perf_counter() - began


source = 0.9352 if THE_BOOKS else None
(accuracy, alone), (the_same, together) = read(1), read(100)
report("one by one: accuracy", accuracy, source)
report("one by one: seconds", round(alone, 3))
report("batches of 100: accuracy", the_same, source)
faster = f"{alone / together:.0f} times faster"
report("batches of 100: seconds", round(together, 3), note=faster)
assert accuracy == the_same
assert accuracy == 0.9352 if THE_BOOKS else accuracy > 0.9

# %% [markdown]
# The arithmetic is the same: $784\cdot50 + 50\cdot100 + 100\cdot10 = 45{,}200$ multiplications an
# image. What falls away is the going in and out of Python, once a batch instead of once an image;
# and a matrix product reads each weight once for a hundred images. (This model runs its layers'
# NumPy code, as the book does. The compiled engine leaves Python once for all layers, so batches
# gain it much less.) `predict(x, batch_size=...)` does the cutting for you:

# %%
sizes = (1, 3, 10, 30, 100, 300, 1000, 10_000)
taken = []
for size in sizes:
    images = x[:2000] if size < 10 else x
    began = time.perf_counter()
    model.predict(images, batch_size=size)
    taken.append((time.perf_counter() - began) / len(images) * 1e6)
figure = Figure(figsize=(7, 4), layout="constrained")
ax = figure.add_subplot()
ax.loglog(sizes, taken, "o-", color="#0072B2")
ax.set(title="10,000 digits, 784-50-100-10", xlabel="batch size")
ax.set_ylabel("microseconds an image")
ax.grid(True, which="both", color="#DDDDDD", linewidth=0.6)
show(figure, "14_batches")

# %% [markdown]
# ## Where it errs
#
# With the source's weights 648 of the 10,000 are wrong. The surest of the mistakes:

# %%
wrong = int((model.predict_classes(x) != y).sum())
report("mistakes", wrong, 648 if THE_BOOKS else None)
assert wrong == round(10_000 * (1 - accuracy))
show(hy.plots.mistakes(model, x, y, count=12), "14_mistakes")

# %% [markdown]
# **Try it:** shift all images by two pixels (`np.roll`) and measure again. A dense network knows
# places, not shapes.
