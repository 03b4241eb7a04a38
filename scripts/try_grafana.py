"""Try the commands of docs/grafana.md where no Grafana is: run a stand-in for its HTTP interface, or edit a board there.

    python -m scripts.try_grafana [--version 12]
    python -m scripts.try_grafana edit UID TITLE

The first one runs until it is interrupted, and prints what to export; the second one edits as somebody else does.
"""

from __future__ import annotations

import argparse
import threading
from contextlib import suppress

import requests

from services.settings import load_settings
from tests.grafana_server import ADMINISTRATOR, PERSON, TOKEN, VERSIONS, running_grafana

_SOURCE = "LIENCAP_WAREHOUSE_DSN=http://liencap@clickhouse.example:8123"
_USERS = """LIENCAP_WAREHOUSE_USERS='{"dashboards": "x", "dashboards_38": "y", "dashboards_40": "z"}'"""


def main() -> None:
    """Run a stand-in, or edit a board of the one that the settings name."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.try_grafana",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", type=int, choices=sorted(VERSIONS), default=max(VERSIONS), help="as which Grafana"
    )
    parser.add_argument("words", nargs="*", metavar="edit UID TITLE", help="edit a board as somebody else")
    asked = parser.parse_args()
    if asked.words:
        _, uid, title = asked.words
        edit(str(load_settings().grafana_url), uid, title)
    else:
        run(asked.version)


def run(major: int) -> None:
    """Run a stand-in until it is interrupted."""
    with running_grafana(major) as grafana:
        user, password = ADMINISTRATOR
        print(f"export LIENCAP_GRAFANA_URL={grafana.url} LIENCAP_GRAFANA_TOKEN={TOKEN}")
        print(f"export {_SOURCE} {_USERS}")
        print("# in place of the token, as the server's administrator:")
        print(f'# LIENCAP_GRAFANA_USER={user} LIENCAP_GRAFANA_PASSWORD="{password}"', flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


def edit(url: str, uid: str, title: str) -> None:
    """Give a board another title, as a person does in the editor."""
    held = requests.get(f"{url}/api/dashboards/uid/{uid}", auth=PERSON, timeout=10).json()
    body = {"dashboard": {**held["dashboard"], "title": title}, "folderUid": held["meta"]["folderUid"]}
    requests.post(f"{url}/api/dashboards/db", json=body, auth=PERSON, timeout=10).raise_for_status()
    print(f"{PERSON[0]} saved {uid} as “{title}”")


if __name__ == "__main__":
    main()
