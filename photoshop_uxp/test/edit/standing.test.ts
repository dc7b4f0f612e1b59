/** What the panel says of an edit, from the events of its job. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hear } from "../../src/words";
import { create } from "@bufbuild/protobuf";
import { EventSchema, type Event } from "../../src/gen/inlay/v1/job_pb";
import { Standing } from "../../src/client/standing";
import { standing } from "../../src/ui/progress";

class Waiting extends Standing {
  readonly jobId = "one";
  readonly name = "Erase";

  hear(event: Event): void {
    this.heard(event);
  }

  place(): void {
    throw new Error("nothing is there to place");
  }

  cancel(): void {
    throw new Error("nobody takes it back");
  }
}

hear({ "state.queued.other": "{count} vorher", "state.hindered": "wartet: {why}" }, { write: () => undefined });

function queued(why: string): Event {
  return create(EventSchema, { happening: { case: "queued", value: { position: 2, why } } });
}

test("an edit that waits says what keeps the server from it, as long as something does", () => {
  const edit = new Waiting(() => Promise.resolve(""));
  edit.hear(queued("the disk is full"));
  assert.equal(standing(edit), "wartet: the disk is full");
  edit.hear(queued(""));
  assert.equal(standing(edit), "2 vorher");
});
