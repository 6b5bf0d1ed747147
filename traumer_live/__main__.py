"""``python -m traumer_live``: the same as the command ``traumer-live``."""

import sys

from traumer_live.cli import main

sys.exit(main())
