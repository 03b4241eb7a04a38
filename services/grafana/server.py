"""One organisation of a Grafana server, through `grafana-api`; raw calls of it where it predates the route.

Never by a number: from Grafana 13 boards and data sources are reached by their uid alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import quote, urlsplit

import requests
from grafana_api.grafana_api import (
    GrafanaAPI,
    GrafanaClientError,
    GrafanaException,
    GrafanaServerError,
    GrafanaUnauthorizedError,
)
from grafana_api.grafana_face import GrafanaFace

from services.errors import BadInput, Conflict, Forbidden, NotFound, NotReady, SetupError, Unauthenticated

OLDEST = (12, 0, 1)
"""Grafana 12.0.0 counts versions of boards wrongly."""
Found = Mapping[str, Any]
"""An object of Grafana, as its interface shows it."""

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_HEADER = "X-Grafana-Org-Id"
_BOARDS = "/dashboard.grafana.app"
_SECONDS = 20.0


class Server:
    """A Grafana server as one organisation sees it."""

    def __init__(self, url: str, auth: str | tuple[str, str], organisation: int | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.password:
            raise SetupError("LIENCAP_GRAFANA_URL must be http(s)://host[:port][/path], and hold no password")
        path = parts.path.strip("/")
        self.url = url.rstrip("/")
        self._namespace = "default" if organisation in {None, 1} else f"org-{organisation}"
        self._given = (url, auth)
        self.face = GrafanaFace(
            auth,
            host=parts.hostname,
            port=parts.port,
            url_path_prefix=f"{path}/" if path else "",
            protocol=parts.scheme,
            timeout=_SECONDS,
        )
        self._api: GrafanaAPI = self.face.api
        # The newer interface lies beside the older one; the client knows only the older.
        self._apis = GrafanaAPI(auth, timeout=_SECONDS)
        self._apis.url = self._api.url.removesuffix("/api") + "/apis"
        if organisation is not None:
            for client in (self._api, self._apis):
                client.s.headers[_HEADER] = str(organisation)

    def of_organisation(self, number: int) -> Server:
        """Return the same server as another organisation sees it; nobody is switched to it."""
        return Server(*self._given, organisation=number)

    def version(self) -> str:
        """Return the version of the server, where it is in its answer.

        Raises:
            NotReady: no Grafana answers at the address.
            SetupError: it is older than what the boards need.
        """
        with self.asked("its version"):
            told = str(self._api.GET("/health").get("version") or "")
        found = _VERSION.match(told)
        if found and tuple(int(part) for part in found.groups()) < OLDEST:
            raise SetupError(
                f"Grafana {told} is too old: the boards need {'.'.join(map(str, OLDEST))} or newer"
            )
        return told

    def must_have_plugin(self, name: str) -> None:
        """Check that a plug-in is installed.

        Raises:
            SetupError: it is not.
        """
        if self.get(f"/plugins/{name}/settings") is None:
            raise SetupError(
                f"Grafana at {self.url} lacks the plug-in {name}: install it, "
                "without the Internet from a folder (docs/grafana.md)"
            )

    def get(self, path: str) -> Found | None:
        """Return what lies at a path of `/api`; None where there is nothing."""
        with self.asked(path):
            try:
                return cast("Found", self._api.GET(path))
            except GrafanaClientError as error:
                if error.status_code == requests.codes.not_found:
                    return None
                raise

    def health(self, path: str) -> Found:
        """Return the answer of a check of health, of one that failed (400) too; nothing where there is nothing."""
        try:
            return self.get(path) or {}
        except BadInput as error:
            told = error.__cause__
            return cast("Found", told.response) if isinstance(told, GrafanaClientError) else {}

    def put(self, path: str, body: Found) -> Found:
        """Replace what lies at a path of `/api`."""
        with self.asked(path):
            return cast("Found", self._api.PUT(path, json=body))

    def post(self, path: str, body: object) -> Found:
        """Send something to a path of `/api`."""
        with self.asked(path):
            return cast("Found", self._api.POST(path, json=body))

    def patch(self, path: str, body: object) -> Found:
        """Change something of what lies at a path of `/api`."""
        with self.asked(path):
            return cast("Found", self._api.PATCH(path, json=body))

    def stored_form(self, uid: str) -> str:
        """Return the version of the form in which a board is stored, such as `v1beta1`; empty where it is unknown.

        Only the newer interface knows it: asked by the older one, a board that was edited in the new editor is
        converted on the way, with loss and without a word.
        """
        group = self._get_newer(_BOARDS)
        known = [str(one["version"]) for one in (group or {}).get("versions", ())]
        form = next((one for one in known if one.startswith("v1")), "")
        if not form:
            return ""
        path = f"{_BOARDS}/{form}/namespaces/{self._namespace}/dashboards/{quote(uid, safe='')}"
        status = (self._get_newer(path) or {}).get("status") or {}
        return str((status.get("conversion") or {}).get("storedVersion") or "")

    def _get_newer(self, path: str) -> Found | None:
        with self.asked(path):
            try:
                return cast("Found", self._apis.GET(path))
            except GrafanaClientError as error:
                if error.status_code == requests.codes.not_found:
                    return None
                raise

    @contextmanager
    def asked(self, what: str) -> Iterator[None]:
        """Raise the failure of a request as an error of services.

        Raises:
            Unauthenticated, Forbidden, NotFound, Conflict, BadInput: as Grafana answers.
            NotReady: it cannot be reached, or fails.
        """
        try:
            yield
        except GrafanaUnauthorizedError as error:
            raise Unauthenticated(
                f"Grafana at {self.url} refuses the credentials: look at LIENCAP_GRAFANA_TOKEN, or at "
                "LIENCAP_GRAFANA_USER and LIENCAP_GRAFANA_PASSWORD"
            ) from error
        except GrafanaServerError as error:
            raise NotReady(f"Grafana at {self.url} failed over {what}: {error.message}") from error
        except GrafanaException as error:
            raise _said(error, what) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise NotReady(f"Grafana cannot be reached at {self.url}") from error
        except ValueError as error:
            raise NotReady(f"what answers at {self.url} is no Grafana: {what} gave no JSON") from error


def _said(error: GrafanaException, what: str) -> Exception:
    codes = requests.codes
    if error.status_code == codes.forbidden:
        return Forbidden(
            f"Grafana does not allow {what} to these credentials: boards need the role Admin of the organisation, "
            "organisations the server's administrator"
        )
    if error.status_code == codes.not_found:
        return NotFound(f"Grafana has nothing at {what}")
    if error.status_code == codes.precondition_failed:
        return Conflict(f"somebody changed {what} in the meantime: {error.message}")
    if error.status_code == codes.conflict:
        return Conflict(
            f"Grafana refuses to write {what} (409: {error.message}): somebody changed or made it in the meantime; "
            "where every board answers so, the server's own migration of its database is not whole, which only a "
            "newer Grafana mends"
        )
    return BadInput(f"Grafana refuses {what}: {error.message}")
