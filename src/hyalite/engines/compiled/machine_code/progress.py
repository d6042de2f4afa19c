"""Whether this process has kernels compiled just now; whoever makes people wait may say so."""

from __future__ import annotations

import threading

compiling = threading.Event()
