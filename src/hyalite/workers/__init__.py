"""Workers that train one model together, to the same bytes whatever their number.

`mpi` are the processes that ``mpiexec`` or ``srun`` has started, `threads` those of a test, `alone`
is a group of one. What passes between them is told in `group`, what is added in which order in
`shards`.
"""

from __future__ import annotations

from hyalite.workers import threads
from hyalite.workers.group import Alone, Group
from hyalite.workers.mpi_ranks import mpi

__all__ = ["Group", "alone", "mpi", "threads"]

alone = Alone
