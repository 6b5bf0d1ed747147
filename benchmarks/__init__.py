"""Measurements that run alone: ``python -m benchmarks.NAME``. See docs/performance.md.

Set here, before numpy is imported: its matrix products use one thread, as they do in the show's
small ones. A second thread spins while others measure, and 1 ms becomes 37.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
