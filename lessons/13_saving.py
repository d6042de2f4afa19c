# ---
# jupyter:
#   # as a notebook: hyalite lessons 13 --open
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
# # 13 · Saving and loading
#
# **In short.** Training takes time, so its result belongs in a file. We save the parameters alone,
# which need the same model to go back into, and then the whole model, which needs nothing. After
# loading, every prediction is the same to the last bit, and training goes on. The files are
# safetensors: numbers and a description. A pickle, which the source uses, is a program instead, and
# we watch one run.
#
# **小结。** 训练要花时间，所以训练的结果应当存成文件。本课先只保存参数，
# 读取时需要一个结构相同的模型来接收；再保存整个模型，读取时什么都不需要。读回来之后，
# 每个预测值都一位不差，训练也可以继续。文件采用 safetensors 格式，里面只有数值和说明；
# 而原文使用的 pickle 其实是一段程序，本课会让大家看到它是怎样被执行的。

# %%
import json
import pickle
import tempfile
from pathlib import Path

import numpy as np

import hyalite as hy
from figures import epochs, report, say
from hyalite.files.pickles import import_pickle

# %% [markdown]
# ## A trained model
# The network of lesson 12, here on the handwritten digits.


# %%
def network():
    model = hy.Sequential([hy.Dense(64, "relu", l2=5e-4, bias_l2=5e-4)])
    model.add(hy.Dense(64, "relu"))
    model.add(hy.Dense(10, "softmax"))
    model.compile("categorical_crossentropy", hy.Adam(decay=5e-7), metrics=["accuracy"])
    return model


(x, y), test = hy.datasets.mnist(normalize="symmetric")
rows = epochs(12_000, 60_000)
model = network()
model.fit(x[:rows], y[:rows], batch_size=100, epochs=epochs(2, 5), seed=0, verbose=0)
before = model.evaluate(*test)
prediction = model.predict(test[0])
report("test accuracy before saving", before["accuracy"])
folder = tempfile.TemporaryDirectory()
root = Path(folder.name)

# %% [markdown]
# ## Parameters
#
# $\theta = (W_1, b_1, W_2, b_2, W_3, b_3)$ is all that training found. `get_weights` copies it out
# by name, `set_weights` writes it into another model of the same shape:

# %%
weights = model.get_weights()
say({name: array.shape for name, array in weights.items()})
fresh = network()
fresh.build(784, seed=1)  # another start
assert fresh.evaluate(*test)["accuracy"] < 0.3
fresh.set_weights(weights)
assert np.array_equal(fresh.predict(test[0]), prediction)
again = fresh.evaluate(*test)
assert again == before
report("test accuracy, weights handed over", again["accuracy"], "the same")

# %% [markdown]
# `get_weights` gives copies, and `set_weights` writes *into* the arrays. (The source hands the very
# arrays over, and its optimizers change them in place: training one model then changes the other.)
# An array cannot be replaced, since the optimizer would go on with the old one:

# %%
try:
    fresh.layers[0].W = np.zeros((784, 64))
except AttributeError as error:
    say(f"AttributeError: {error}")

# %% [markdown]
# The same through a file:

# %%
model.save_weights(root / "weights.safetensors")
second = network()
second.build(784)
second.load_weights(root / "weights.safetensors")
again = second.evaluate(*test)
assert again == before
report("test accuracy, weights from a file", again["accuracy"], "the same")

# %% [markdown]
# A file that does not fit is refused as a whole; the error names the first array that differs:

# %%
other = hy.Sequential([hy.Dense(32, "relu"), hy.Dense(10, "softmax")])
other.build(784)
kept = other.theta.copy()
try:
    other.load_weights(root / "weights.safetensors")
except hy.FileFormatError as error:
    say(f"FileFormatError: {error}".replace(str(root), "..."))
assert np.array_equal(other.theta, kept)

# %% [markdown]
# ## The whole model
#
# Layers, loss, optimizer settings, metrics, and whatever you put into `metadata`. To load it, no
# line of the code that made it is needed:

# %%
model.metadata["classes"] = list(hy.datasets.MNIST_CLASSES)
model.save(root / "model.safetensors")
loaded = hy.load(root / "model.safetensors")
loaded.summary()
assert np.array_equal(loaded.predict(test[0]), prediction)
again = loaded.evaluate(*test)
assert again == before
report("test accuracy, whole model from a file", again["accuracy"], "the same")

# %% [markdown]
# Training goes on from there. (Adam's running averages are not in this file and start anew.)

# %%
loaded.fit(x[:rows], y[:rows], batch_size=100, epochs=1, seed=1, verbose=0)
assert np.shares_memory(loaded.layers[0].W, loaded.theta)
assert not np.array_equal(loaded.predict(test[0]), prediction)
report("test accuracy after one more epoch", loaded.evaluate(*test)["accuracy"])

# %% [markdown]
# ## What is in the file
#
# Eight bytes with a length, a header of that length in JSON, then the numbers, one array after the
# other:
#
# $$\text{size} = 8 + \text{header} + 4 \cdot \text{number of parameters}\ \text{(float32)}$$

# %%
content = (root / "model.safetensors").read_bytes()
length = int.from_bytes(content[:8], "little")
header = json.loads(content[8 : 8 + length])
assert len(content) == 8 + length + 4 * model.theta.size
print(f"{len(content):,} bytes = 8 + {length:,} + 4 · {model.theta.size:,}")
print("dense_1.W:", header["dense_1.W"])
print("settings: ", header["__metadata__"]["hyalite"][:70], "...")

first, last = header["dense_1.W"]["data_offsets"]
W = np.frombuffer(content[8 + length :][first:last], np.float32).reshape(784, 64)
assert np.array_equal(W, model.layers[0].W)  # a reader in three lines, in any language

# %% [markdown]
# A file appears under its name only when it is complete: it is written beside it first. So a crash
# while saving leaves the old file, never half a new one.
#
# ## Why not pickle
#
# The source saves models with `pickle.dump`. Loading such a file *runs* what it asks for. Here is a
# "model" that calls a function of its maker's choice. This one only prints; it could as well have
# deleted your files:


# %%
class Trojan:
    def __reduce__(self):
        return print, (">>> this line was printed by opening a file",)


(root / "model.pkl").write_bytes(pickle.dumps(Trojan()))
pickle.loads((root / "model.pkl").read_bytes())

# %% [markdown]
# Neither of this library's readers does it. `hy.load` knows only safetensors, and the reader for
# the book's pickles (lesson 14) knows only arrays:

# %%
for reader in (hy.load, import_pickle):
    try:
        reader(root / "model.pkl")
    except hy.FileFormatError as error:
        say(f"{reader.__name__} refuses: {error}".replace(str(root), "..."))
folder.cleanup()

# %% [markdown]
# And a pickle remembers classes by name: rename one, and last year's models cannot be read.
#
# **Try it:** change one byte in the middle of the header and load the file.
