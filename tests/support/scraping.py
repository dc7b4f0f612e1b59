"""What a server tells Prometheus, as Prometheus' own library reads it."""

import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scraped:
    """The samples of one scrape. text: as it came."""

    text: str

    @property
    def samples(self) -> Iterator[tuple[str, Mapping[str, str], float]]:
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                if not sample.name.endswith("_created"):
                    yield sample.name, sample.labels, sample.value

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of all samples of that name that have these labels."""
        return sum(value for known, has, value in self.samples if known == name and labels.items() <= has.items())

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """What is not zero, by the values of some labels."""
        found: dict[tuple[str, ...], float] = {}
        for known, has, value in self.samples:
            if known == name and value:
                key = tuple(has[label] for label in labels)
                found[key] = found.get(key, 0.0) + value
        return found


def ask(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def scrape(port: int) -> Scraped:
    status, text = ask(port)
    assert status == 200, text
    return Scraped(text)
