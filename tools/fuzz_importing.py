"""Fuzz the readers of foreign files, guided by coverage.

    pip install atheris
    python -m tools.fuzz_importing CORPUS_FOLDER [-max_total_time=600] [-merge=1 ...]

A fresh corpus is seeded with small real files and the hostile ones of the tests. Whatever bytes
come, the readers may only return or raise SafeLoadError; anything else is a crash, and libFuzzer
leaves the input in ``crash-*``. All else on the command line goes to libFuzzer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["traumer_live.importing", "zipfile", "pickletools"]):
    from traumer_live.importing import limits
    from traumer_live.importing.dialects.recognise import convert
    from traumer_live.importing.errors import SafeLoadError
    from traumer_live.importing.reader import read_foreign

LARGEST_SEED = 20_000  # bytes
INSTRUCTIONS = 5000  # a fuzzer finds nothing new in longer programs, only slowness
MEMORY_MB = 1024
SECONDS = 20  # for one input


def main() -> None:
    corpus = Path(sys.argv[1])
    if not corpus.is_dir():
        _seed(corpus)
    limits.INSTRUCTIONS = INSTRUCTIONS
    options = [f"-rss_limit_mb={MEMORY_MB}", f"-timeout={SECONDS}", "-max_len=20000"]
    target = Path(tempfile.mkdtemp(prefix="fuzz-")) / "file"
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:]], lambda data: _try(data, target))
    atheris.Fuzz()


def _try(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    try:
        convert(read_foreign(path))
    except SafeLoadError as error:
        if not str(error).isprintable():
            raise RuntimeError("a sentence that a terminal would obey") from error


def _seed(corpus: Path) -> None:
    from tests.importing import hostile_files as hostile
    from tests.importing.test_attacks import real_file

    corpus.mkdir(parents=True)
    seeds = list(hostile.all_files("x").values())
    with tempfile.TemporaryDirectory() as folder:
        seeds += [real_file(Path(folder), kind) for kind in ("snapshot", "new", "old")]
    for number, content in enumerate(seeds):
        if len(content) <= LARGEST_SEED:
            (corpus / f"seed-{number:03d}").write_bytes(content)


if __name__ == "__main__":
    main()
