# ---
# jupyter:
#   # as a notebook: hyalite lessons 11 --open
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
# # 11 · Evaluation in batches
#
# **In short.** Large data are measured batch by batch. The result must not depend on how they were
# cut, and it does not if we add up over *samples* and divide once, at the end. An average of the
# batches' averages is something else as soon as the last batch is shorter. We build the running
# sums, show with numbers what the average gets wrong, and which figures need more than a sum.
#
# **小结。** 数据量大时，评估要分批进行。结果不应当取决于怎样分批；只要对*样本*求和，
# 最后只除一次，就能做到这一点。如果先求每一批的平均、再对这些平均值求平均，那么一旦最后一批不满，
# 结果就会有偏差。本课写出累加的过程，用数字说明这种偏差有多大，并指出哪些指标只靠求和还不够。

# %%
import numpy as np
from matplotlib.figure import Figure

import hyalite as hy
from figures import epochs, report, show

# %% [markdown]
# ## A model to measure
#
# Handwritten digits; the ten thousand test images are sorted by digit, so that the batches differ.

# %%
(x, y), (x_test, y_test) = hy.datasets.mnist()
order = np.argsort(y_test, kind="stable")
x_test, y_test = x_test[order], y_test[order]
model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(10, "softmax")])
model.compile("categorical_crossentropy", hy.Adam(), metrics=["accuracy"])
rows = epochs(12_000, 60_000)
model.fit(x[:rows], y[:rows], batch_size=100, epochs=epochs(2, 5), seed=0, verbose=0)
prediction = model.predict(x_test)
print(f"x_test {x_test.shape}, prediction {prediction.shape}")

# %% [markdown]
# ## Running sums
#
# With the batches $B_1, \dots, B_K$ the mean loss over all samples is
#
# $$L = \frac{\sum_k \sum_{n \in B_k} l_n}{\sum_k |B_k|}$$
#
# One sum above, one count below, nothing else is kept:

# %%
loss = model.loss


def running(size):
    """Mean loss and accuracy from sums over batches of `size`."""
    loss_sum, right, count = 0.0, 0, 0
    for start in range(0, len(x_test), size):
        batch = slice(start, start + size)  # a slice may reach beyond the end
        loss_sum += loss.values(prediction[batch], y_test[batch]).sum(dtype=np.float64)
        right += np.sum(prediction[batch].argmax(axis=1) == y_test[batch])
        count += len(y_test[batch])
    return loss_sum / count, right / count


print(f"batches of 3,000: loss {running(3000)[0]:.7f}, accuracy {running(3000)[1]:.4f}")

# %% [markdown]
# `evaluate` does the same, and for any batch size says the same:

# %%
sizes = (7, 100, 1024, 3000, 9999, 10_000)
found = [model.evaluate(x_test, y_test, batch_size=size) for size in sizes]
for size, figures in zip(sizes, found, strict=True):
    mean, share = figures["loss"], figures["accuracy"]
    print(f"batch size {size:>6,}: loss {mean:.7f}, accuracy {share:.4f}")
    assert np.allclose(running(size), (mean, share), rtol=1e-5)
assert len({figures["accuracy"] for figures in found}) == 1
assert np.ptp([figures["loss"] for figures in found]) < 1e-6

# %% [markdown]
# ## The average of averages
#
# $$\tilde L = \frac1K \sum_k \frac{1}{|B_k|} \sum_{n \in B_k} l_n$$
#
# gives each *batch* the same weight. With 9,999 + 1 samples the last image counts as much as all
# the others together:

# %%
right = prediction.argmax(axis=1) == y_test
truth = right.mean()


def averaged(right, size):
    starts = range(0, len(right), size)
    return np.mean([right[start : start + size].mean() for start in starts])


report("accuracy by running sums", truth)
for size in (100, 3000, 9999):
    wrong, last = averaged(right, size), len(right) % size or size
    off = f"{round(wrong - truth, 4) + 0.0:+.4f}"
    report(f"average of averages, batches of {size}, last {last}", wrong, note=off)
    assert (last == size) == np.isclose(wrong, truth, atol=1e-12)

# %% [markdown]
# A batch size that divides 10,000 shows nothing: test such code with one that leaves a rest. How
# far and which way it errs depends on what lies in the last batch; in sorted data, nines only.

# %%
sizes = np.arange(50, 10_000, 50)
shuffled = np.random.default_rng(0).permutation(right)
figure = Figure(figsize=(9, 4.4), layout="constrained")
ax = figure.add_subplot()
for values, label, color, marker in (
    (right, "average of averages, sorted by digit", "#D55E00", "o"),
    (shuffled, "average of averages, shuffled", "#0072B2", "^"),
):
    off = [100 * (averaged(values, size) - truth) for size in sizes]
    ax.plot(sizes, off, marker, color=color, label=label, markersize=4)
ax.axhline(0, color="#009E73", linewidth=2, label="running sums, either order")
ax.set(title="10,000 test images", xlabel="batch size", ylabel="percentage points off")
ax.legend(frameon=False)
show(figure, "11_averages")

# %% [markdown]
# ## Metrics as running sums
#
# A metric here has `begin`, `update` batch by batch, and `result`:

# %%
accuracy = hy.metrics.CategoricalAccuracy()
accuracy.begin("classes", outputs=10)
for start in range(0, len(x_test), 3000):
    accuracy.update(prediction[start : start + 3000], y_test[start : start + 3000])
assert accuracy.result() == truth
print(f"{accuracy.total:.0f} of {accuracy.weight} right: {accuracy.result():.4f}")

# %% [markdown]
# Precision, recall and F1 are quotients of counts, so their sums have to be kept *before* dividing:
#
# $$F_1 = \frac{2\sum_k h_k}{\sum_k (p_k + a_k)}, \qquad
# \text{hits } h,\ \text{predicted } p,\ \text{actual } a$$

# %%
f1 = hy.metrics.F1()
f1.begin("classes", outputs=10)
by_batch = []
for start in range(0, len(x_test), 1000):
    part = prediction[start : start + 1000], y_test[start : start + 1000]
    f1.update(*part)
    by_batch.append(hy.metrics.F1()(*part))
report("F1 from summed counts", f1.result())
report("mean of the batches' F1", np.mean(by_batch), note="most classes are absent")
assert np.isclose(f1.result(), hy.metrics.F1()(prediction, y_test))

# %% [markdown]
# And the accuracy of a regression (lesson 9) needs its band beforehand, from the whole target. The
# source takes it from the first batch it sees. The sine's first 50 points nearly form a line:

# %%
target = hy.datasets.sine()[1]
report("band from all 1,000 points", target.std() / 250)
report("band from the first 50", target[:50].std() / 250, note="an eighth: too strict")

# %% [markdown]
# ## What the source's version does
#
# It first takes the batch's mean loss, then asks for `len()` of that number, which is a TypeError;
# and the method that should return the mean over all batches returns nothing, so the caller cannot
# unpack two values from it.

# %%
try:
    len(np.mean(loss.values(prediction[:100], y_test[:100])))
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# ## Two figures with one name
#
# The training figures of an epoch are running sums, too, but the weights move meanwhile: its first
# batches met a worse model than its last. `evaluate` afterwards measures the final one.

# %%
model.fit(x[:rows], y[:rows], batch_size=100, epochs=1, verbose=0)
report("during the epoch: accuracy", model.history["accuracy"][-1])
report("the same images afterwards", model.evaluate(x[:rows], y[:rows])["accuracy"])

# %% [markdown]
# **Try it:** `evaluate(..., sample_weight=...)` with weight 2 for half of the images.
