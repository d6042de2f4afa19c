# ---
# jupyter:
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
# # 12 · Fashion-MNIST from a folder of pictures
#
# **In short.** Real data often lie in folders: one sub-folder a class, one PNG a picture. We write
# Fashion-MNIST (60,000 pieces of clothing to train, 10,000 to test) in this form, read it back,
# scale it, train the source's network for five epochs, and look at what it says about ten pictures.
# The source's recipe falls short of 0.87 on the test pictures; a rate that falls reaches it.
#
# **小结。** 现实中的图片数据常常放在文件夹里：
# 每个类别一个子文件夹，每张图片一个 PNG 文件。
# 本课把 Fashion-MNIST（训练图片六万张，测试图片一万张）
# 写成这种形式，再读回来，做归一化，
# 用原文的网络训练五轮，然后看看它怎样判断十张图片。
# 按原文的设置，测试准确率达不到 0.87；
# 让学习率逐步下降，就能达到。

# %%
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import hyalite as hy
from figures import FULL, report, show

# %% [markdown]
# ## The pictures
#
# Where Fashion-MNIST is not found and cannot be downloaded, this lesson says so and goes on with
# MNIST's digits, which have the same form; the figures below are then theirs.

# %%
try:
    (x, y), (x_test, y_test) = hy.datasets.fashion_mnist(flatten=False, normalize=False)
    classes, data = hy.datasets.FASHION_MNIST_CLASSES, "Fashion-MNIST"
except (OSError, hy.MissingExtra):
    print(
        "Fashion-MNIST is not here: put the four .gz files of github.com/zalandoresearch/"
        "fashion-mnist into $HYALITE_DATA/fashion-mnist. Until then these are MNIST's digits."
    )
    (x, y), (x_test, y_test) = hy.datasets.mnist(flatten=False, normalize=False)
    classes, data = hy.datasets.MNIST_CLASSES, "MNIST, NOT Fashion-MNIST"
print(f"{data}: x {x.shape} {x.dtype}, from {x.min()} to {x.max()}; y {y.shape}")

# %% [markdown]
# ## Writing them as the book's archive has them
#
# `train/7/0002.png` is the third sneaker. The full form writes all 70,000 files, the short form
# 600 + 100 of each class.

# %%
folder = tempfile.TemporaryDirectory()
root = Path(folder.name)


def write(part, pictures, labels, count):
    for label in range(10):
        place = root / part / str(label)
        place.mkdir(parents=True)
        for number, picture in enumerate(pictures[labels == label][:count]):
            Image.fromarray(picture).save(place / f"{number:04}.png")


write("train", x, y, 6000 if FULL else 600)
write("test", x_test, y_test, 1000 if FULL else 100)
print("files written:", sum(1 for _ in root.rglob("*.png")))

# %% [markdown]
# ## Reading
#
# `image_folder` sorts folders and files by name. (The source takes them as `os.listdir` gives them,
# an order that differs from computer to computer.) The scaling is the source's, to -1..1:
#
# $$x = \frac{p - 127.5}{127.5}, \qquad p \in \{0, \dots, 255\}$$
#
# and each picture of 28 × 28 becomes a row of 784.

# %%
train = hy.datasets.image_folder(root / "train", normalize="symmetric")
test = hy.datasets.image_folder(root / "test", normalize="symmetric")
assert train.classes == test.classes == tuple("0123456789")
print(f"train {train.x.shape}, {train.x.dtype}, {train.x.min():.0f} to {train.x.max():.0f}")
assert np.allclose(test.x[0], (x_test[y_test == 0][0].ravel() - 127.5) / 127.5, atol=1e-6)
folder.cleanup()

# %% [markdown]
# The rows now come class by class, and a batch of a hundred T-shirts would teach the network that
# all is T-shirt. So they must be shuffled. The source does it once, by hand; `fit` draws a new
# order in every epoch by itself. What happens without:


# %%
def network(optimizer, initializer="glorot_uniform"):
    model = hy.Sequential(
        [
            hy.Dense(64, "relu", initializer=initializer, l2=5e-4, bias_l2=5e-4),
            hy.Dense(64, "relu", initializer=initializer),
            hy.Dense(10, "softmax", initializer=initializer),
        ]
    )
    model.compile("categorical_crossentropy", optimizer, metrics=["accuracy"])
    model.metadata["classes"] = list(classes)  # goes into the file when the model is saved
    return model


unshuffled = network(hy.Adam())
unshuffled.fit(*train[:2], batch_size=100, shuffle=False, seed=0, verbose=0)
report("one epoch, not shuffled: test accuracy", unshuffled.evaluate(*test[:2])["accuracy"])

# %% [markdown]
# ## Five epochs by the source's recipe
#
# 784-64-64-10, ReLU, softmax; L2 of $5\cdot10^{-4}$ on weights and biases of the first layer;
# first weights $0.01\cdot\mathcal N(0,1)$; Adam, $lr = 0.001/(1 + 5\cdot10^{-7}t)$; batches of 100.
# A decay that small is none: after 3,000 steps the rate is $0.9985$ of what it was.

# %%
settings = {"batch_size": 100, "epochs": 5, "validation_data": test[:2], "seed": 0, "verbose": 2}
source = network(hy.Adam(decay=5e-7), "scaled_normal")
source.fit(*train[:2], **settings)
name = "the source's recipe: test accuracy"
report(name, source.evaluate(*test[:2])["accuracy"], "very good", note=data)

# %% [markdown]
# ## The same network with a rate that falls
#
# At a constant rate the last steps still shake the weights. Warm up over $t_w$ steps, then let the
# rate fall along half a cosine to zero at the last of $T$ steps:
#
# $$lr_t = \frac{lr}{2}\Big(1 + \cos \pi\,\frac{t - t_w}{T - t_w}\Big), \qquad t \ge t_w$$
#
# The start is Glorot's, the top rate 0.002; layers, penalty, batches and epochs stay.

# %%
steps = 5 * len(train.x) // 100
schedule = hy.CosineDecay(0.002, steps, warmup=steps // 30)
model = network(hy.Adam(schedule))
model.fit(*train[:2], **settings)
figures = model.evaluate(*test[:2])
report("falling rate: test accuracy", figures["accuracy"], at_least=0.87, note=data)
t = steps // 2
u = (t - schedule.warmup) / (steps - schedule.warmup)
assert np.isclose(schedule(t), 0.002 / 2 * (1 + np.cos(np.pi * u)))

figure = Figure(figsize=(7, 4), layout="constrained")
ax = figure.add_subplot()
for one, label, style, color in (
    (source, "source's recipe", "o--", "#D55E00"),
    (model, "falling rate", "s-", "#0072B2"),
):
    ax.plot(one.history.epochs, one.history["val_accuracy"], style, color=color, label=label)
ax.set(xlabel="epoch", ylabel="test accuracy", title=data, xticks=range(1, 6))
ax.legend(frameon=False, loc="lower right")
show(figure, "12_curves")

# %% [markdown]
# ## Asking it
#
# The source predicts `X_test[95:105]`. In a sorted folder these are neighbours (all T-shirts in the
# full form), so the second row takes the 95th of each class in turn.

# %%
answers = model.predict(test.x[95:105])
print(f"predict: {answers.shape}, each row sums to {answers.sum(axis=1).mean():.4f}")
print("said:  ", [classes[label] for label in answers.argmax(axis=1)])
print("truth: ", [classes[label] for label in test.y[95:105]])
each = np.arange(10) * (len(test.x) // 10) + 95
figure = Figure(figsize=(13, 3.3), layout="constrained")
for axes, rows in zip(figure.subplots(2, 10), (np.arange(95, 105), each), strict=True):
    for ax, row, shares in zip(axes, rows, model.predict(test.x[rows]), strict=True):
        said, truth = shares.argmax(), test.y[row]
        ax.imshow(test.x[row].reshape(28, 28), cmap="gray_r")
        mark = "right" if said == truth else f"is {classes[truth]}"
        ax.set_title(f"{classes[said]}\n{100 * shares.max():.0f} %, {mark}", fontsize=8)
        ax.set_axis_off()
show(figure, "12_predictions")

# %% [markdown]
# **Try it:** `hy.plots.mistakes(model, *test[:2], classes)`, and a photograph of your own shoe with
# `hy.datasets.read_image(path, size=(28, 28), color="gray")`. (Mind that here the ground is black.)
