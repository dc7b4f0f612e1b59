"""Every figure that a server gives to Prometheus (https://prometheus.io/docs/practices/naming/): its name, its labels, its buckets.

No label names a person, a job or a prompt. Lanes, tiers and outcomes are enumerations, devices those of this server; of models,
phases and reasons, which others name, no more than MAX_NAMES are told apart.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

import inlay
from inlay.job import Lane

MAX_NAMES = 64
"""Of models, of phases, of reasons: what comes later is `other`."""

OTHER = "other"

disable_created_metrics()  # a second series for each, which only OpenMetrics' readers know what to do with

_JOB_S = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600)
_LOAD_S = (0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640)
_COMMIT_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Names:
    """Values of a label that others choose: the first `MAX_NAMES` of them, and `other`."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def of(self, name: str) -> str:
        if name not in self._known and len(self._known) >= MAX_NAMES:
            return OTHER
        self._known.add(name)
        return name


class Figures:
    """All of one server. devices: that have a worker. refused: calls by the type of the error, as it is when somebody asks."""

    def __init__(self, devices: tuple[str, ...], refused: Mapping[str, int]) -> None:
        self.registry = CollectorRegistry()
        there: dict[str, Any] = {"registry": self.registry}
        job, painter, engine = ("lane", "tier"), ("device",), ("device", "model")

        def counter(name: str, what: str, labels: tuple[str, ...]) -> Counter:
            return Counter(f"inlay_{name}", what, labels, **there)

        def gauge(name: str, what: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(f"inlay_{name}", what, labels, **there)

        def seconds(name: str, what: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"inlay_{name}_seconds", what, labels, buckets=buckets, **there)

        gauge("info", "The server's version.", ("version",)).labels(inlay.__version__).set(1)
        self.accepted = counter("jobs_accepted", "Jobs that were submitted, or left by a former process.", job)
        self.ended = counter("jobs_ended", "Jobs that ended, as done, failed or cancelled.", (*job, "outcome"))
        self.waiting = gauge("jobs_waiting", "Jobs that wait for a worker.", ("lane",))
        self.running = gauge("jobs_running", "Jobs that a worker has.", painter)
        self.wait = seconds("job_wait", "From submission until a worker had the job.", job, _JOB_S)
        self.work = seconds("job_work", "From then until the job ended.", job, _JOB_S)
        self.painted = counter("variations_painted", "Variations that were finished.", engine)
        self.megapixels = counter("painted_megapixels", "Working pixels of jobs that were done, in millions.", engine)
        self.painting = counter("painting_seconds", "Seconds that workers took for jobs that were done.", engine)
        self.phase = counter(
            "phase_seconds", "Seconds of finished variations, by phase of the edit.", ("device", "phase")
        )
        self.load = seconds(
            "model_load", "From taking a job until its first step, where its model had to be loaded.", engine, _LOAD_S
        )
        self.up = gauge(
            "painter_up",
            "1 once the device has painted since its worker started, something tiny or a job; else 0.",
            painter,
        )
        self.deaths = counter(
            "painter_deaths", "Workers that died under a job, or were killed for doing nothing.", (*painter, "cause")
        )
        self.resident = gauge("memory_resident_bytes", "Main memory of the server and of its workers.", ("process",))
        self.device_used = gauge("device_memory_used_bytes", "The device's own memory, by whoever uses it.", painter)
        self.device_total = gauge("device_memory_bytes", "The device's own memory.", painter)
        self.standstill = gauge("standstill", "Whether something keeps jobs from going on.")
        self.blobs = gauge("blob_bytes", "Bytes in the store of pixels.")
        self.quota = gauge("blob_quota_bytes", "How many there may be.")
        self.commit = seconds(
            "journal_commit", "Writing the journal; synced: until it was on the disk.", ("synced",), _COMMIT_S
        )
        self.registry.register(_Refused(refused))
        for lane in Lane:
            self.waiting.labels(lane)
        for device in devices:
            self.running.labels(device)
            self.up.labels(device).set(0)


class _Refused(Collector):
    """Counted elsewhere, in a place that knows nothing of Prometheus."""

    def __init__(self, refused: Mapping[str, int]) -> None:
        self._refused = refused
        self._names = Names()

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("inlay_calls_refused", "Calls that were refused, by why.", labels=("reason",))
        counted: dict[str, int] = {}
        for reason, times in dict(self._refused).items():
            known = self._names.of(reason)
            counted[known] = counted.get(known, 0) + times
        for reason, times in counted.items():
            family.add_metric((reason,), times)
        yield family
