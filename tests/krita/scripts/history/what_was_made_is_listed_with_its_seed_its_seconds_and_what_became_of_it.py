"""What was made is listed with its seed its seconds and what became of it."""

from inlay_bridge import result
from inlay_bridge.scene import history

result["said"] = [history.list.item(row).text() for row in range(history.list.count())]
sizes = [history.list.item(row).icon().availableSizes()[0] for row in range(history.list.count())]
result["pictures"] = [[size.width(), size.height()] for size in sizes]
