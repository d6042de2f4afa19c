"""Downloads from a local server: what is right is kept, all else is refused with its reason."""

from __future__ import annotations

import gc
import gzip
import hashlib
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from hyalite.data import datasets
from hyalite.data.fetch import FASHION_MNIST_FILES, DownloadError, PinnedFile, cache_folder, fetch
from hyalite.errors import MissingExtra

pytest.importorskip("pooch", reason="the extra 'data' is not installed")

SHARED = Path(__file__).resolve().parents[3] / "shared"
CONTENT = {"a.gz": b"first file" * 100, "b.gz": b"second file" * 100}
PINNED = {
    name: PinnedFile(len(content), hashlib.sha256(content).hexdigest())
    for name, content in CONTENT.items()
}


class Server:
    """Serves `content` on the loopback and notes what was asked for."""

    def __init__(self, content: dict[str, bytes]) -> None:
        server = self
        self.content = content
        self.asked: list[str] = []
        self.sent = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/")
                server.asked.append(name)
                if name not in server.content:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.end_headers()
                body = server.content[name]
                try:
                    for start in range(0, len(body), 1 << 16):
                        self.wfile.write(body[start : start + (1 << 16)])
                        server.sent += 1 << 16
                except ConnectionError:
                    pass  # the client hung up, as it should on too long a file

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = False  # so that closing waits for the handlers
        self.address = f"http://127.0.0.1:{self._http.server_port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def serve(monkeypatch):
    """Start servers; they are shut down after the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(content: dict[str, bytes]) -> Server:
        servers.append(Server(content))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    gc.collect()  # a socket left open would warn here, and warnings are errors


@pytest.fixture
def dead():
    """An address where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}/"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_right_files_arrive_in_a_new_folder(serve, tmp_path):
    folder = fetch("toys", PINNED, tmp_path / "cache" / "toys", [serve(CONTENT).address])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT


def test_a_second_call_downloads_nothing(serve, tmp_path):
    server = serve(CONTENT)
    fetch("toys", PINNED, tmp_path, [server.address])
    assert server.asked == ["a.gz", "b.gz"]
    fetch("toys", PINNED, tmp_path, [server.address])
    assert server.asked == ["a.gz", "b.gz"]


def test_a_damaged_file_in_the_cache_is_downloaded_again(serve, tmp_path):
    server = serve(CONTENT)
    fetch("toys", PINNED, tmp_path, [server.address])
    (tmp_path / "b.gz").write_bytes(b"damaged")
    fetch("toys", PINNED, tmp_path, [server.address])
    assert server.asked == ["a.gz", "b.gz", "b.gz"]
    assert (tmp_path / "b.gz").read_bytes() == CONTENT["b.gz"]


def test_a_file_with_another_hash_is_refused_and_not_kept(serve, tmp_path):
    wrong = {**CONTENT, "a.gz": b"x" * len(CONTENT["a.gz"])}
    with pytest.raises(DownloadError, match="SHA256 hash of downloaded file"):
        fetch("toys", PINNED, tmp_path, [serve(wrong).address])
    assert names(tmp_path) == []


def test_a_shorter_file_is_refused(serve, tmp_path):
    with pytest.raises(DownloadError, match="SHA256 hash of downloaded file"):
        fetch("toys", PINNED, tmp_path, [serve({"a.gz": CONTENT["a.gz"][:-1]}).address])


def test_too_long_a_stream_is_cut_off(serve, tmp_path):
    server = serve({"a.gz": CONTENT["a.gz"] + bytes(1 << 26)})
    with pytest.raises(DownloadError, match="sent more than the expected 1000 bytes"):
        fetch("toys", PINNED, tmp_path, [server.address])
    assert names(tmp_path) == []
    server.close()
    assert server.sent < 1 << 25  # what socket buffers take, far from all


def test_one_byte_too_many_is_refused(serve, tmp_path):
    with pytest.raises(DownloadError, match="sent more than the expected 1000 bytes"):
        fetch("toys", PINNED, tmp_path, [serve({"a.gz": CONTENT["a.gz"] + b"x"}).address])


def test_the_next_mirror_continues_where_the_first_stopped(serve, dead, tmp_path):
    half = serve({"a.gz": CONTENT["a.gz"]})
    whole = serve(CONTENT)
    fetch("toys", PINNED, tmp_path, [dead, half.address, whole.address])
    assert half.asked == ["a.gz", "b.gz"]
    assert whole.asked == ["b.gz"]
    assert names(tmp_path) == ["a.gz", "b.gz"]


def test_the_error_lists_every_mirror_with_its_reason_and_the_way_by_hand(serve, dead, tmp_path):
    empty = serve({})
    wrong = serve({"a.gz": b"wrong"})
    with pytest.raises(DownloadError) as error:
        fetch("toys", PINNED, tmp_path, [dead, empty.address, wrong.address])
    head, *reasons, hand = str(error.value).splitlines()
    assert head == "toys could not be downloaded. Tried:"
    text = "\n".join(reasons)
    assert f"{dead}a.gz: " in text
    assert "refused" in text
    assert f"{empty.address}a.gz: 404 Client Error" in text
    assert f"{wrong.address}a.gz: SHA256 hash" in text
    assert hand == (
        "To place the files by hand, put a.gz, b.gz into a folder 'toys' and set the "
        "environment variable HYALITE_DATA to the folder above it."
    )
    assert isinstance(error.value, OSError)


def test_without_pooch_the_error_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingExtra, match=r"downloading toys needs pooch: pip install 'hyalite\["):
        fetch("toys", PINNED, tmp_path, [])


@pytest.fixture(scope="module")
def published():
    """Zalando's archives, made again from local ones whose gzip headers lost name and time."""
    folder = SHARED / "data" / "fashion-mnist"
    if not folder.is_dir():
        pytest.skip("needs shared/data/fashion-mnist beside the checkout")
    packed = {"train": 1504176606, "t10k": 1504176627}  # 31 August 2017
    archives = {}
    for name in FASHION_MNIST_FILES:
        local = (folder / name).read_bytes()
        assert local[3] == 0, "expected a gzip header without a name"
        time = struct.pack("<I", packed[name.partition("-")[0]])
        original = name.removesuffix(".gz").encode() + b"\0"
        archives[name] = b"\x1f\x8b\x08\x08" + time + local[8:10] + original + local[10:]
    return archives


def test_the_pins_are_those_of_the_published_archives(published):
    found = {
        name: PinnedFile(len(archive), hashlib.sha256(archive).hexdigest())
        for name, archive in published.items()
    }
    assert found == FASHION_MNIST_FILES


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A user with an empty cache folder and no local data sets."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("HYALITE_DATA", raising=False)
    monkeypatch.setattr(datasets, "_SYSTEM_FOLDER", tmp_path / "none")
    folder = cache_folder("fashion-mnist")
    if tmp_path not in folder.parents:
        pytest.skip("the cache folder cannot be moved on this system")
    return folder


def test_fashion_mnist_is_downloaded_once_into_the_user_s_cache(
    published, serve, nowhere, monkeypatch
):
    server = serve(published)
    monkeypatch.setattr(datasets.fetch, "FASHION_MNIST_MIRRORS", (server.address,))
    for _ in range(2):
        (_, y), (x_test, y_test) = datasets.fashion_mnist(normalize=False)
        assert x_test.shape == (10000, 784)
        assert np.bincount(y).tolist() == [6000] * 10
        assert y_test[:3].tolist() == [9, 2, 1]
    assert sorted(server.asked) == sorted(published)
    assert names(nowhere) == sorted(published)


def test_a_mirror_that_gives_mnist_instead_is_refused(serve, nowhere, monkeypatch):
    labels = gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 1, 7]))
    server = serve(dict.fromkeys(FASHION_MNIST_FILES, labels))
    monkeypatch.setattr(datasets.fetch, "FASHION_MNIST_MIRRORS", (server.address,))
    with pytest.raises(DownloadError, match="fashion-mnist could not be downloaded"):
        datasets.fashion_mnist()
