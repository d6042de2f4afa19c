"""What the page of the plan says around its figures."""

from __future__ import annotations

START = """\
Where more machines help, by how much, and what they cost: a model in closed form, a simulation,
and beside them what was measured on one machine. **No run on more than one host stands behind
this page**; the machines and links are assumptions, which are stated, and `python -m benchmarks
scaling --speed FLOPS --memory BYTES --latency SECONDS --bandwidth BYTES` prints the plan for your
own."""

SHORT = """\
## In short

- **Tables below some ten million rows want a search over machines, not a fit over machines**: ten
  epochs of ten million rows take a machine of 16 cores {alone}, and {fits} such fits on
  {together} machines take {search}, without a network between them and without another batch.
- A second machine pays from batches of {ten} rows at 10 Gbit/s and {hundred} at 100 Gbit/s; eight
  do half of what eight could from {half_ten} and {half_hundred} (1 million parameters, 16 cores
  each).
- So large a batch must also help to learn. On MNIST and Fashion-MNIST it does up to {noise} rows,
  as measured below; then no number of machines at 10 Gbit/s has a network of 0.1 million
  parameters trained more than {gain} times as soon as one.
- To some 32 workers the exchange is as good as any. At 4,096 its messages take {direct} at 10
  Gbit/s; recursive halving would take {halving}, to the same bytes.
- A checkpoint every five minutes suits jobs of up to some hundred machines; see the table for
  others."""

MODEL = """\
All workers hold all n parameters; each has B/P rows of a batch of B. A step is then

| part | seconds | what |
| --- | --- | --- |
| rows | 6nB / (P·F) | three products: forward, by W, by the inputs |
| passes | 40n / M | weights read twice, gradient written, Adam's vectors |
| overhead | c | whatever rows and parameters are |
| latency | 2(P − 1)·α, or 2⌈log₂P⌉·α | messages one after the other |
| wire | 2(P − 1)/P · 4n / W | slices to everybody, and their sums back |
| adding | (P − 1)/P · 12n / M | the gradients of P workers, in the fixed tree |

F operations, M bytes of memory and W bytes of network a second, α seconds a message. Nothing
overlaps, which costs at most a factor of two; a network that cannot carry all pairs at once is
worse than this. The order of the sum costs nothing: with or without it the same bytes travel."""

MESSAGES = """\
As it is, each worker sends a slice to every other, and gets one of each sum: 2(P − 1) messages.
With recursive halving and doubling it is 2⌈log₂P⌉, of the same bytes in all; and where P is a
power of two and neighbours are added first, the partial sums are those of the fixed binary tree,
so no digit would change. It is not built: up to some 32 workers it gains little. Milliseconds an
exchange:"""

TARGET = """\
A larger batch does not learn more from a row. Steps to a loss are S·(1 + N/B), where N, the
gradient noise scale, is a property of data, network and progress (McCandlish et al. 2018). More
workers help only as far as B may grow beyond N. Below, each number of workers has the batch that
is best for it; the table has the number of workers that is best of all."""

NOTHING = """\
**Tables below some ten million rows want a search over machines, not a fit over machines.** A
network for tables has some 100,000 parameters. {epochs} epochs take, on machines of {large} at
{slow}:"""

ALONE = """\
Alone a batch has {small:,} rows. A fit over {together} machines with that batch takes longer than
alone, and with eight times the rows it has an eighth of the steps, which learn as much only where
the noise scale allows it. A search with one fit a machine needs neither a network nor another
batch, and each of its fits is byte for byte the one at home."""

REST = """\
- A **second machine for the same batch** of one or two thousand rows at 10 Gbit/s: see the
  break-even batches. The whole saving goes over the wire.
- **Many workers for a small network**: with {few} parameters a step is latency from some dozens
  of workers on TCP on.
- **Dask for steps of a millisecond**: its messages take a millisecond or so. It pays from batches
  some {dask} times as large as MPI wants ({few} parameters, 8 workers), and for data that lies in
  partitions, and where workers come and go.
- **More ranks than cores.** Ranks that wait spin, and take the core from those that compute.
- **A larger batch for its own sake**: beyond the noise scale more rows a step only cost."""

MEASURED = """\
Written by `{command}` on {date}; raw numbers in [{name}.json]({name}.json). Ranks of MPI, one
thread each, share {cores} cores ({machine[processor]}) and their memory; they train
784-512-512-10, {parameters:,} parameters, in {shards} shards. Taken from the measurements are a
line through two ranks' exchanges by their size ({latency} µs, {bandwidth} GB/s, adding within)
and one through the steps of one rank by their rows ({speed} GFLOP/s; {passes} GB/s of passes).
All else is predicted. With more ranks than cores computing is taken to last as many times as
long; that an exchange waits for ranks which have no core, the model does not know. Three ranks of
eight shards send two partial sums where they have shards of two branches of the tree."""

STRAGGLERS = """\
A step lasts until its slowest worker is there. Where each worker's step takes {jitter:.0%} longer
on average, at random (exponentially), P of them take Hₚ = 1 + 1/2 + ... + 1/P times as much
longer; where one step in {rare:,.0f} takes three times as long (a page of memory, another
program), some worker has such a step with probability 1 − (1 − 1/{rare:,.0f})ᴾ, nearly always
from a few thousand workers on. Steps, in steps without any wait; drawn are the means of
{steps:,}:"""

FAILURES = """\
One worker that fails ends an MPI job, and the job begins again at its last checkpoint, with any
number of workers, to the same bytes. Failures come at constant rate, M seconds apart for the
whole job. A checkpoint takes C = {sync} s + 12n / ({disk:.1f} GB/s), a restart R = {restart:.0f}
s, more where a queue has to be waited for. How often to save:

- Young (1974): τ = √(2CM) seconds of training;
- Daly (2006): τ = √(2CM)·(1 + ⅓·√(C/2M) + C/(18M)) − C;
- exactly: the τ at which M·e^(R/M)·(e^((τ + C)/M) − 1)/τ, seconds by seconds of training, is
  least.

The simulation draws failures one by one, in checkpoints and restarts too, for trainings that meet
{failures} of them, from {seeds} seeds. `–` where a training would take more than {long:g} times
as long."""

AFTER = """\
So `hy.Checkpoint(folder, every="{often}")` is right for jobs of up to some hundred machines, and
twice or half of it costs little: the valley is wide, as the picture shows. Every epoch (the
default) is too seldom only where an epoch takes hours. Where machines may be taken away at any
moment, a job of hundreds of MPI ranks is the wrong tool. The last column is a group whose others
go on, as with Dask: a loss costs the step that it was in and {regroup:.0f} s."""

LEFT_OUT = """\
## What the model leaves out

Reading data (each worker reads its own rows, so it scales as they do), validation and its
exchange, networks that share a switch, processors that slow down when all of their cores work,
workers of several speeds, convolutions (more operations a parameter, so they pay sooner), and
overlapping. Mixed failures (a switch with all its machines) come in groups, which is kinder than
what is drawn here. An `n` of 100 million parameters needs 1.6 GB a worker for weights, gradient
and Adam."""
