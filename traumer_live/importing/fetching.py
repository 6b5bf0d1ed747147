"""Downloads that go on where they stopped, and are believed only by their hash.

In: an address and, better, the sha256 that the file must have.  Out: a path, for as long as the
block lasts; a part of it stays in the cache when the line breaks.  Thread: any; waits.

A file may change between two tries. Beside the part stands which version it is of (the server's
ETag, or its date), and the server is asked to go on only with that one; where it names none, only
a sha256 can tell, so that without one the download begins again.
"""

from __future__ import annotations

import hashlib
import string
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
NOTHING_LEFT = 416


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
    try:
        part, whole = Part(folder / "part"), folder / _file_name(url)
    except ValueError as error:
        raise ModelError(f"{url} is no address ({error}); copy it once more.") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download_and_check(url, part, wanted, progress or _silent)
        part.path.replace(whole)
        part.forget()
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise ModelError(
            f"{url} cannot be fetched ({_reason(error)}); try again, it goes on where it stopped."
        ) from error
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to ({error.strerror}); make room there or allow writing."
        ) from error
    try:
        yield whole
    finally:
        whole.unlink(missing_ok=True)


@dataclass(frozen=True)
class Part:
    """What is here of a file, and of which version of it."""

    path: Path

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> str:
        """What the server called the version that these bytes are of; empty: nothing."""
        return self._note.read_text(encoding="latin-1") if self._note.exists() else ""

    def begin(self, version: str) -> None:
        """Nothing is here yet, of this version."""
        self.path.write_bytes(b"")
        self._note.write_text(version, encoding="latin-1")

    def forget(self) -> None:
        """Start from nothing the next time."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        return self.path.with_suffix(".version")


def _download_and_check(url: str, part: Part, wanted: str | None, progress: Progress) -> None:
    """The whole file in ``part``; a second time when a part of old was of something else."""
    continued = _download(url, part, progress, certain=wanted is not None)
    if wanted is None or hash_file(part.path) == wanted:
        return
    part.forget()
    if continued:
        _download(url, part, progress, certain=True)
        if hash_file(part.path) == wanted:
            return
        part.forget()
    raise ModelError(f"{url} is not the file with that sha256; check both.")


def _download(url: str, part: Part, progress: Progress, *, certain: bool) -> bool:
    """Bring what is missing of ``url``; whether an earlier part was continued.

    ``certain``: a hash will tell in the end, so that a part of an unnamed version may be continued.
    """
    here = part.size if part.version or certain else 0
    try:
        answer = urllib.request.urlopen(_request(url, here, part.version), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != NOTHING_LEFT or not here:
            raise
        if error.headers.get("Content-Range") in (None, f"bytes */{here}"):
            return True
        part.forget()  # longer than the file is now
        return _download(url, part, progress, certain=certain)
    with answer:
        if here and answer.status == PARTIAL and not _continues(answer, here, part.version):
            part.forget()  # the server went on with another version than it was asked for
            return _download(url, part, progress, certain=certain)
        if answer.status != PARTIAL or not here:
            here = 0
            part.begin(_version(answer))
        _append(answer, part.path, here, progress)
    return here > 0


def _request(url: str, here: int, version: str) -> urllib.request.Request:
    headers = {"Range": f"bytes={here}-"} if here else {}
    if here and version:
        headers["If-Range"] = version
    plain = urllib.parse.quote(url, safe=string.punctuation)  # letters with accents, as browsers do
    return urllib.request.Request(plain, headers=headers)


def _version(answer: HTTPResponse) -> str:
    """The server's name for this very content; a weak ETag may stand for several."""
    etag = answer.headers.get("ETag") or ""
    version = etag if etag.startswith('"') else answer.headers.get("Last-Modified") or ""
    return version if version.isascii() and version.isprintable() else ""


def _continues(answer: HTTPResponse, here: int, version: str) -> bool:
    """Whether a partial answer is the rest of what is here."""
    said = answer.headers.get("Content-Range") or f"bytes {here}-"
    named = _version(answer)
    return said.startswith(f"bytes {here}-") and (not version or not named or named == version)


def _append(answer: HTTPResponse, part: Path, here: int, progress: Progress) -> None:
    total = here + int(answer.headers.get("Content-Length") or 0)
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
