"""A merged folder -> its review page over HTTP, for this machine only; what is decided there goes to a file at once.

Every address begins with a random token, so that only who was told it can ask. Requests that name another host
(DNS rebinding) or come from another page (a foreign origin) are refused. All errors are told as JSON:
`{"error", "hint"}`.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from dedup.decisions import decision_of, decision_row
from dedup.errors import DedupError, UsageError
from dedup.review.again import merge_again
from dedup.review.ledger import Change, Ledger
from dedup.review.page import page

PORT = 8765
"""The port that is tried first: what a browser keeps for a page, it keeps by its port."""

_LARGEST = 32 << 20  # bytes of a request
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Refusal(Exception):  # noqa: N818  (it is an answer)
    def __init__(self, status: HTTPStatus, what: str, hint: str | None = None):
        super().__init__(what)
        self.status, self.what, self.hint = status, what, hint


class ReviewServer(ThreadingHTTPServer):
    """Serves the folder `out`, its decisions kept in `decisions`. Raises what `Ledger` raises, and `OSError`.

    `port`: 0 for any; where none is named, `PORT` if it is free.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, out: Path, decisions: Path, *, port: int | None = None, jobs: int = 1):
        self.out, self.jobs = out, jobs
        self.ledger = Ledger(decisions)
        self.token = secrets.token_urlsafe(24)
        self.whole = Lock()  # held by who reads or writes the folder
        try:
            super().__init__(("127.0.0.1", PORT if port is None else port), _Answer)
        except OSError:
            if port is not None:
                raise
            super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"


class _Answer(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "dedup", ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer({"": self._page})

    def do_POST(self) -> None:
        self._answer({"decisions": self._decisions, "merge": self._merge})

    def _answer(self, routes: dict[str, Callable[[], None]]) -> None:
        try:
            what = self._admitted()
            if what not in routes:
                known = what in ("", "decisions", "merge")
                status = HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND
                raise _Refusal(status, f"{self.command} {what or 'the page'} is not served here")
            routes[what]()
        except _Refusal as refusal:
            self._say(refusal.status, {"error": refusal.what, "hint": refusal.hint})
        except DedupError as error:
            self._say(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error), "hint": error.hint})
        except (BrokenPipeError, ConnectionError, TimeoutError):  # who asked is gone
            self.close_connection = True
        except Exception as error:
            hint = "the decisions that were sent before are safe; look at the terminal in which the server runs"
            self.log_error("%s: %s", type(error).__name__, error)
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": f"{type(error).__name__}: {error}", "hint": hint})

    def _admitted(self) -> str:
        """What is asked for, by one who may ask."""
        here = {f"{name}:{self.server.server_port}" for name in ("127.0.0.1", "localhost")}
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        if host not in here:
            raise _Refusal(HTTPStatus.MISDIRECTED_REQUEST, "this server is not that host")
        foreign = origin is not None and origin != f"http://{host}"
        if foreign or self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise _Refusal(HTTPStatus.FORBIDDEN, "another page may not ask", "open the address that was printed")
        _, token, *what = self.path.partition("?")[0].split("/")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()) or len(what) != 1:
            raise _Refusal(HTTPStatus.FORBIDDEN, "the token is wrong", "open the address that was printed")
        return what[0]

    def _page(self) -> None:
        with self.server.whole:
            text = page(self.server.out, self.server.ledger.decisions(), served=True)
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", text.encode())

    def _decisions(self) -> None:
        asked = self._asked()
        since, rows = asked.get("since", 0), asked.get("changes", [])
        if not isinstance(since, int) or not isinstance(rows, list):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "`since` is a number and `changes` a list")
        try:
            changes = [_change(row) for row in rows]
        except UsageError as error:
            raise _Refusal(HTTPStatus.BAD_REQUEST, str(error), error.hint) from None
        heard, news = self.server.ledger.take(changes, since)
        self._say(HTTPStatus.OK, {"heard": heard, "changes": [_row(change) for change in news]})

    def _merge(self) -> None:
        self._asked()
        if not self.server.whole.acquire(blocking=False):
            raise _Refusal(HTTPStatus.CONFLICT, "the folder is in use", "try again in a moment")
        try:
            merged = merge_again(self.server.out, self.server.ledger.decisions(), jobs=self.server.jobs)
        finally:
            self.server.whole.release()
        self._say(HTTPStatus.OK, {"clusters": len(merged.clusters), "removals": len(merged.removals)})

    def _asked(self) -> dict[str, Any]:
        """The JSON object that came with the request."""
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise _Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only JSON is understood")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise _Refusal(HTTPStatus.LENGTH_REQUIRED, "how long is it?")
        if int(length) > _LARGEST:
            raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "that is too much at once")
        try:
            asked = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise _Refusal(HTTPStatus.BAD_REQUEST, "no JSON") from None
        if not isinstance(asked, dict):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "no JSON object")
        return asked

    def _say(self, status: HTTPStatus, said: dict[str, Any]) -> None:
        self.close_connection = self.close_connection or status >= HTTPStatus.BAD_REQUEST  # what is unread stays so
        self._send(status, "application/json", json.dumps(said).encode())

    def _send(self, status: HTTPStatus, kind: str, data: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionError, TimeoutError):
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say as JSON what the standard library says as a page."""
        self._say(HTTPStatus(code), {"error": message or HTTPStatus(code).phrase, "hint": explain})

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the token is in every address."""


def _change(row: object) -> Change:
    if isinstance(row, dict) and "verdict" in row and row["verdict"] is None:
        cluster, variant = row.get("cluster"), row.get("variant") or ""
        if not isinstance(cluster, str) or not isinstance(variant, str):
            raise UsageError("what is decided no more needs its names")
        return (cluster, variant), None
    decision = decision_of(row)
    return decision.key, decision


def _row(change: Change) -> dict[str, Any]:
    (cluster, variant), decision = change
    if decision is not None:
        return decision_row(decision)
    return {"cluster": cluster, **({"variant": variant} if variant else {}), "verdict": None}
