"""Tries at one region, one after the other, as the journal has them. Functions on its connection."""

import json
import sqlite3
from collections.abc import Sequence

from inlay.edit.verbs import LOOKS, ROLLED_AGAIN
from inlay.job import Lane, Rating
from inlay.recipe import DRAFT
from inlay.region import Rect, Selected, Size, regions_of

MOST_LOOKED_AT = 200
"""So many of a document's newest jobs are looked through."""


def tries_at(connection: sqlite3.Connection, number: int) -> Sequence[int]:
    """The jobs at the region of job `number` that brought something, itself the last, since something of it was approved.

    None where that job is no such try, or where its document has no name.
    """
    rows = connection.execute(
        "SELECT number, job_id, parent, recipe, variations_done, lane, EXISTS (SELECT 1 FROM ratings "
        "WHERE ratings.number = jobs.number AND rating = :kept) AS kept FROM jobs WHERE number <= :number AND label <> '' "
        "AND (label, person) = (SELECT label, person FROM jobs WHERE number = :number) ORDER BY number DESC LIMIT :most",
        {"number": number, "kept": Rating.KEPT, "most": MOST_LOOKED_AT},
    ).fetchall()[::-1]
    numbers = {job_id: at for at, job_id, *_ in rows}
    recipes = {row[0]: json.loads(row[3]) for row in rows}
    regions = regions_of(
        Selected(
            at,
            "",
            Size(*recipes[at]["canvas"]["document"]),
            Rect(*recipes[at]["where"]["region"]),
            numbers.get(parent, 0),
            lane == Lane.BATCH,
        )
        for at, _, parent, _, _, lane, _ in rows
        if recipes[at]["verb"] not in LOOKS
    )
    tries: list[int] = []
    for at, _, _, _, brought, _, is_kept in rows:
        if regions.get(at) != regions.get(number, 0):
            continue
        finishes = any(one["role"] == DRAFT for one in recipes[at].get("inputs", ()))
        if finishes or is_kept:
            tries = []
        elif recipes[at]["verb"] in ROLLED_AGAIN and (brought or at == number):
            tries.append(at)
    return tries if tries[-1:] == [number] else ()
