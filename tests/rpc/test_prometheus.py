"""A Prometheus that scrapes a server understands every figure, and answers each query of the dashboard from them.

Runs where `promtool` and `prometheus` are installed (Debian: `prometheus`); everywhere else the library of its makers reads them.
"""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inlay.client import Client
from inlay.v1 import inlay_pb2
from rpc.doors import GrpcDoor, Refused, call
from rpc.process import RunningServer, running_server
from rpc.test_metrics import Day
from support.scraping import ask
from unit.operations.test_dashboard import QUERIES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("prometheus") and shutil.which("promtool")), reason="no Prometheus is here"),
]

NO_CARD = "inlay_device_memory"
"""What only a machine with a card tells."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        data = tmp_path_factory.mktemp("server") / "data"
        operated = {"painter": "support.painters:operate", "holds": "classic", "metrics": "127.0.0.1:0"}
        with running_server(data, **operated) as server:
            yield server


@pytest.fixture(scope="module")
def prometheus(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; it looks at the server each second."""
    folder = tmp_path_factory.mktemp("prometheus")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    scraped = {"job_name": "inlay", "static_configs": [{"targets": [f"127.0.0.1:{server.bound['metrics_port']}"]}]}
    config = folder / "prometheus.yml"  # JSON is YAML
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [scraped]}))
    subprocess.run(["promtool", "check", "config", config], check=True, capture_output=True)
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}",
        f"--web.listen-address={address}",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    yield address
    process.kill()
    process.wait()


def answered(address: str, query: str) -> list[dict[str, Any]]:
    """What it has for a query now; nothing before it listens."""
    asked = query.replace("$instance", ".*").replace("$__rate_interval", "1m")
    url = f"http://{address}/api/v1/query?{urllib.parse.urlencode({'query': asked})}"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]["result"]
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{query}: {error.read().decode()}") from None
    except urllib.error.URLError:
        return []


def told(address: str, query: str) -> bool:
    return any(one["value"][1] not in ("NaN", "+Inf") for one in answered(address, query))


def test_promtool_has_nothing_to_say_of_the_figures(server: RunningServer) -> None:
    text = ask(server.bound["metrics_port"])[1]
    said = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_each_query_of_the_dashboard_is_answered_from_a_servers_figures(server: RunningServer, prometheus: str) -> None:
    queries = [query for query in QUERIES if NO_CARD not in query]
    assert len(queries) == len(QUERIES) - 1
    deadline = time.monotonic() + 240
    with Client(server.address) as client:
        day = Day(server, client)
        while silent := [query for query in queries if not told(prometheus, query)]:
            assert time.monotonic() < deadline, silent
            for prompt in ("paint", "fail with a word", "die"):  # figures that rise between two looks
                day.events(day.submit(prompt))
            door = server.door(GrpcDoor)
            with pytest.raises(Refused):
                call(door, "PollJob", inlay_pb2.PollJobRequest(job_id="none"))
            door.close()
    assert not answered(prometheus, next(query for query in QUERIES if NO_CARD in query)), "there is no card here"
