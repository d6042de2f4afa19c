# ---
# jupyter:
#   # as a notebook: hyalite lessons 18 --open
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
# # 18 · Convolution and pooling by hand
#
# **In short.** A dense layer knows no neighbours: rearrange the pixels of all images in one way and
# it learns as well as before. A convolution moves one small set of weights over the picture; each
# output is a sum over one window. We compute it with numbers that fit on a page, see all windows as
# a view of the picture and as the rows of the book's `im2col`, derive the backward pass, check it
# against differences, do the same for pooling, and see how "same" padding differs in PyTorch.
#
# **小结。** 全连接层不知道哪些像素相邻：把所有图片的像素按同一种方式重新排列，它照样能学。
# 卷积让一小组权重在图片上移动，每个输出都是一个窗口内的加权和。本课先用一页纸写得下的数字计算卷积，
# 再把全部窗口表示成图片的视图，以及书中 `im2col` 的各行；推导反向传播，并与数值微分对照；
# 对池化也同样做一遍；最后看看“same”填充在 PyTorch 中有什么不同。

# %%
import numpy as np
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import sliding_window_view

import hyalite as hy
from figures import report, show

# %% [markdown]
# ## One window, one sum
#
# The kernel $W$ (in the book: the filter) lies on a window of the picture. Number times number, all
# added up, and a bias. (Mathematics flips the kernel first and calls this a cross-correlation. What
# is learned can be learned flipped.) The book's example, 3 × 3 numbers on 4 × 4 pixels:
#
# $$y_{ij} = \sum_{a,b} x_{i+a,\,j+b}\,W_{ab} + b$$

# %%
x = np.array([[1.0, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
W = np.array([[2.0, 0, 1], [0, 1, 2], [1, 0, 2]])
y = np.array([[(x[i : i + 3, j : j + 3] * W).sum() for j in (0, 1)] for i in (0, 1)])
print("the window at (0, 1), and its product with the kernel:")
print(np.hstack([x[0:3, 1:4], x[0:3, 1:4] * W]))
report("sums, with a bias of 3", (y + 3).astype(int).tolist(), [[18, 19], [9, 18]])

# %% [markdown]
# ## All windows at once: a view, and the book's im2col
#
# Samples $n$, channels $c$ (red, green, blue), filters $f$, windows $s$ pixels apart, the *stride*:
#
# $$y_{nijf} = \sum_{a,b,c} x_{n,\,si+a,\,sj+b,\,c}\,W_{abcf} + b_f$$
#
# All windows are a *view*: the picture's own numbers, reached by other steps in memory. `im2col`
# copies each window into a row of a matrix, so that one product, $X_\text{col} W_\text{col}$, does
# the rest. (Channels come first in the book, hence its `transpose(0, 4, 5, 1, 2, 3)`.)


# %%
def windows(x, size, stride):  # (n, rows, columns, size, size, channels)
    every = sliding_window_view(x, (size, size), axis=(1, 2), writeable=True)
    return np.moveaxis(every[:, ::stride, ::stride], 3, -1)


def convolve(x, W, b, stride):
    return np.tensordot(windows(x, len(W), stride), W, axes=3) + b


def im2col(x, size, stride):
    n, rows, columns, *inner = windows(x, size, stride).shape
    col = np.empty((n, rows, columns, *inner), x.dtype)
    for i, j in np.ndindex(size, size):  # the pixel that is at (i, j) in each window
        down, right = i + stride * rows, j + stride * columns
        col[:, :, :, i, j] = x[:, i:down:stride, j:right:stride]
    return col.reshape(n * rows * columns, -1)


one = convolve(x.reshape(1, 4, 4, 1), W.reshape(3, 3, 1, 1), 3, stride=1)
assert np.array_equal(one.reshape(2, 2), y + 3)
random = np.random.default_rng(0)
x, W, b = (random.normal(size=shape) for shape in ((2, 7, 6, 3), (3, 3, 3, 4), 4))
conv = hy.Conv2D(4, 3, strides=2).build(x.shape[1:], dtype=float)
conv.W[...], conv.b[...] = W, b
rows = im2col(x, 3, 2) @ W.reshape(-1, 4) + b
assert np.allclose(rows, conv.forward(x).reshape(-1, 4))
assert np.allclose(rows, convolve(x, W, b, 2).reshape(-1, 4))
assert np.shares_memory(windows(x, 3, 2), x)
digits = hy.datasets.mnist(flatten=False)[1][0][:100, :, :, np.newaxis]
col = im2col(digits, 5, 1)
report("im2col of 100 digits, 5 × 5: times as many numbers", col.size / digits.size)
report("megabytes", col.nbytes / 1e6, col.size * 8 / 1e6, note="float64 there, always")

# %% [markdown]
# ## Padding and stride
#
# A border of zeros lets windows reach over the edge. With $p_0$ zeros before $L$ pixels and $p_1$
# after them, a kernel of $K$ has $\lfloor (L + p_0 + p_1 - K)/s \rfloor + 1$ windows. "Same" asks
# for $m = \lceil L/s \rceil$; where its border is odd, the larger part comes after:
#
# $$p_0 + p_1 = \max(0,\ (m - 1)\,s + K - L), \qquad p_0 = \lfloor (p_0 + p_1)/2 \rfloor$$
#
# So it is in Keras and ONNX (SAME_UPPER; SAME_LOWER has the larger part before). PyTorch has "same"
# for stride 1 alone; with stride 2 people write `padding=1`: as many windows, in other places.

# %%
picture = np.arange(36.0).reshape(1, 6, 6, 1)  # each pixel's number
middle = np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]).reshape(3, 3, 1, 1)
odd = max(0, (3 - 1) * 2 + 3 - 6)  # 3 windows of 3, 2 pixels apart, on 6 pixels
for padding, border in (("same", (odd // 2, odd - odd // 2)), (1, (1, 1))):
    made = convolve(np.pad(picture, ((0, 0), border, border, (0, 0))), middle, 0, 2)
    layer = hy.Conv2D(1, 3, 2, padding, initializer=lambda *_: middle).build((6, 6, 1))
    assert np.array_equal(made, layer.forward(picture))
    print(f"padding={padding!r}, border {border}; the middles of the windows:")
    print(made[0, :, :, 0].astype(int))

# %% [markdown]
# ## The backward pass
#
# Let $dy = \partial L/\partial y$. By the chain rule a number's gradient is the sum, over all $y$
# that it is in, of $dy$ times what it is multiplied by there. For $W_{abcf}$ that is a pixel of
# each window; for $b_f$ it is 1, so $db_f = \sum_{n,i,j} dy_{nijf}$; for the pixel $(p, q)$ it is
# the weight at $(a, b)$, of each window that has it there:
#
# $$dW_{abcf} = \sum_{n,i,j} x_{n,\,si+a,\,sj+b,\,c}\,dy_{nijf}, \qquad
# dx_{npqc} = \sum_{si+a=p}\ \sum_{sj+b=q}\ \sum_f dy_{nijf}\,W_{abcf}$$


# %%
def backward(x, W, dy, stride):
    dW = np.tensordot(windows(x, len(W), stride), dy, axes=((0, 1, 2), (0, 1, 2)))
    dx = np.zeros_like(x)
    for i, j in np.ndindex(W.shape[:2]):
        windows(dx, len(W), stride)[:, :, :, i, j] += dy @ W[i, j].T
    return dx, dW, dy.sum(axis=(0, 1, 2))


dy, slope = random.normal(size=(2, 3, 2, 4)), hy.gradcheck.numerical_gradient
found, ours = backward(x, W, dy, 2), (conv.backward(dy), conv.dW, conv.db)
measured = (  # of a loss whose derivative by y is dy
    slope(lambda x: (dy * convolve(x, W, b, 2)).sum(), x),
    slope(lambda W: (dy * convolve(x, W, b, 2)).sum(), W),
    slope(lambda b: (dy * convolve(x, W, b, 2)).sum(), b),
)
for name, f, o, m in zip(("dx", "dW", "db"), found, ours, measured, strict=True):
    report(f"{name}: off the numerical gradient by", f"{np.abs(f - m).max():.0e}")
    assert np.abs(f - m).max() < 1e-8
    assert np.allclose(f, o)
ones = (np.ones(shape) for shape in ((1, 4, 4, 1), (3, 3, 1, 1), (1, 2, 2, 1)))
print("dx where dy and W are 1, that is, in how many windows of 3 × 3 each pixel is:")
print(backward(*ones, 1)[0][0, :, :, 0])

# %% [markdown]
# ## Pooling
#
# Of each window the largest number, channel by channel. Nothing else there moves the output, so the
# largest gets all of $dy$; of equal ones the first:
#
# $$y_{nijc} = \max_{a,b}\ x_{n,\,si+a,\,sj+b,\,c}, \qquad
# dx_{npqc} = \sum_{i,j} dy_{nijc}\,[\,y_{nijc}\text{ came from }(p, q)\,]$$


# %%
def pool(x, size, stride):
    view = windows(x, size, stride)
    flat = view.reshape(*view.shape[:3], size * size, -1)
    return flat.max(axis=3), flat.argmax(axis=3)


book = np.array([[1.0, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]])
small = pool(book.reshape(1, 4, 4, 1), 2, 2)[0].reshape(2, 2).astype(int)
report("maxima of 2 × 2", small.tolist(), [[2, 3], [4, 2]])
y, winner = pool(x, 3, 2)
dy, dx = random.normal(size=y.shape), np.zeros_like(x)
for k, (i, j) in enumerate(np.ndindex(3, 3)):
    windows(dx, 3, 2)[:, :, :, i, j] += dy * (winner == k)
layer = hy.MaxPooling2D(3, strides=2).build(x.shape[1:], dtype=float)
assert np.array_equal(layer.forward(x), y)
assert np.allclose(layer.backward(dy), dx)
assert np.allclose(slope(lambda x: (dy * pool(x, 3, 2)[0]).sum(), x), dx)

# two kernels made by hand, for lower and for right edges; then ReLU; then pooling
edge = np.array([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]])
kernels = np.stack([edge, edge.T], axis=2)[:, :, np.newaxis]
maps = np.maximum(0, convolve(digits[:1], kernels, 0, 1))
shown = [digits[:1], *np.split(maps, 2, 3), *np.split(pool(maps, 2, 2)[0], 2, 3)]
panels = Figure(figsize=(10, 2.4), layout="constrained").subplots(1, 5)
for ax, image in zip(panels, shown, strict=True):
    ax.imshow(image[0, :, :, 0], cmap="gray_r")
    ax.set(title=f"{image.shape[1]} × {image.shape[2]}", xticks=[], yticks=[])
show(panels, "18_maps")

# %% [markdown]
# **Try it:** `hy.AveragePooling2D` by hand. Where does its $dy$ go?
