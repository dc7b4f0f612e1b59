"""What an hour of a device and a variation of another server cost, as the studio wrote it down."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inlay.errors import InvalidInput
from inlay.report.work import Work

RATES_FILE = "rates.toml"
"""In the data folder."""

FIELD = "rates"
_HOUR_S = 3600.0


@dataclass(frozen=True)
class Rates:
    """Money by device and model."""

    currency: str = ""
    hour: Mapping[str, float] = field(default_factory=dict[str, float])
    """Of a device (`cuda:1`), or of a kind of device (`cuda`)."""
    variation: Mapping[str, float] = field(default_factory=dict[str, float])
    """Of a model whose receipts have no price."""

    def cost_of(self, work: Work) -> Counter[str]:
        """By currency. What has neither price nor rate costs nothing here."""
        money: Counter[str] = Counter()
        for price in work.prices:
            money[price.currency] += price.amount  # pyright: ignore[reportArgumentType]
        own = (work.variations - len(work.prices)) * self.variation.get(work.model, 0.0)
        if not work.is_remote:
            own += work.device_s / _HOUR_S * self._hour_of(work.device)
        if own:
            money[self.currency] += own  # pyright: ignore[reportArgumentType]
        return money

    def _hour_of(self, device: str) -> float:
        return self.hour.get(device, self.hour.get(device.partition(":")[0], 0.0))


def read_rates(path: Path) -> Rates:
    """The rates in a TOML file; none where it is not there. Raises InvalidInput for one that says something else."""
    try:
        plain: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Rates()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InvalidInput(FIELD, path, f"it must be a TOML file that can be read ({error})") from error
    for name in plain:
        if name not in ("currency", "hour", "variation"):
            raise InvalidInput(f"{FIELD}.{name}", plain[name], "only currency, [hour] and [variation] are known")
    currency = plain.get("currency", "")
    rates = Rates(currency, _amounts(plain, "hour"), _amounts(plain, "variation"))
    if not isinstance(currency, str) or ((rates.hour or rates.variation) and not currency):
        raise InvalidInput(f"{FIELD}.currency", repr(currency), 'it must be a name, such as "EUR"')
    return rates


def _amounts(plain: dict[str, Any], name: str) -> dict[str, float]:
    amounts = plain.get(name, {})
    if not isinstance(amounts, dict):
        raise InvalidInput(f"{FIELD}.{name}", repr(amounts), "it must be a table of numbers")
    told: dict[str, Any] = amounts  # pyright: ignore[reportUnknownVariableType]
    for key, amount in told.items():
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < 1e6:
            raise InvalidInput(f"{FIELD}.{name}.{key}", repr(amount), "it must be a number, 0 .. 1000000")
    return {key: float(amount) for key, amount in told.items()}
