"""Downloads that go on where they stopped, and are believed only by their hash.

In: an address and, better, the sha256 that the file must have.  Out: a path, for as long as the
block lasts; a part of it stays in the cache when the line breaks.  Thread: any; waits.
"""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.files import hash_file
from traumer_live.core.paths import cache_dir
from traumer_live.importing.limits import LARGEST_FILE

Progress = Callable[[int, int], None]  # bytes that are here, bytes in all (0: unknown)
BLOCK = 1 << 20
TIMEOUT_S = 30.0
SCHEMES = ("http", "https")
PARTIAL = 206


@contextmanager
def fetched(
    url: str, *, sha256: str | None = None, progress: Progress | None = None
) -> Iterator[Path]:
    """The file at ``url``, downloaded and checked; it is deleted after the block.

    Raises:
        ModelError: the address is none, nobody answers, or the file is not the expected one.
        OutputError: the cache cannot be written to.
    """
    wanted = _checked_hash(sha256)
    folder = cache_dir() / "fetch" / hashlib.sha256(url.encode()).hexdigest()[:16]
    part, whole = folder / "part", folder / _file_name(url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(url, part, progress or _silent)
        if wanted and hash_file(part) != wanted:
            part.unlink()
            raise ModelError(f"{url} is not the file with that sha256; check both.")
        part.replace(whole)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise ModelError(
            f"{url} cannot be fetched ({_reason(error)}); try again, it goes on where it stopped."
        ) from error
    except OSError as error:
        raise OutputError(f"{folder} cannot be written to ({error.strerror}).") from error
    try:
        yield whole
    finally:
        whole.unlink(missing_ok=True)


def _download(url: str, part: Path, progress: Progress) -> None:
    """Append what is missing of ``url`` to ``part``."""
    here = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == 416 and here:  # nothing is missing
            return
        raise
    with answer:
        here = here if answer.status == PARTIAL else 0
        total = here + int(answer.headers.get("Content-Length") or 0)
        _append(answer, part, here, total, progress)


def _append(answer: HTTPResponse, part: Path, here: int, total: int, progress: Progress) -> None:
    with part.open("ab") as file:
        file.truncate(here)
        while block := answer.read(BLOCK):
            file.write(block)
            here += len(block)
            progress(here, total)
            if here > LARGEST_FILE:
                raise ModelError("It is larger than any model; it was not fetched.")
    if here < total:
        raise ConnectionError("the line broke")


def _checked_hash(sha256: str | None) -> str | None:
    if sha256 is None:
        return None
    wanted = sha256.strip().lower()
    if len(wanted) != 64 or not set(wanted) <= set("0123456789abcdef"):
        raise ModelError(f"{sha256!r} is no sha256, which has 64 hexadecimal digits.")
    return wanted


def _file_name(url: str) -> str:
    """The last part of the address, without anything that could lead elsewhere."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise ModelError(f"{url!r} is no address such as https://example.org/model.pkl.")
    name = Path(urllib.parse.unquote(parts.path)).name
    plain = "".join(c if c.isalnum() or c in "._-+" else "-" for c in name).strip(".")
    return plain[-100:] or "model"


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error))[:120]


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
