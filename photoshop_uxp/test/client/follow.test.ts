/** Following jobs on the real server: whatever happens to the line, each event is heard once, and nobody else has to wait. */

import { Stop } from "../../src/client/pause";
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { CALL_MS } from "../../src/client/connect";
import { takeBack } from "../../src/client/follow";
import { Cancelled } from "../../src/client/trouble";
import { PollJobRequestSchema } from "../../src/gen/inlay/v1/inlay_pb";
import { type Event, JobState } from "../../src/gen/inlay/v1/job_pb";
import { noise } from "./edits";
import { Inlay } from "./inlay";
import { all, kinds, lineTo, numbers, submitted, until } from "./lines";

const LIMIT = { timeout: 120_000 };

let server: Inlay;

before(async () => {
  server = await Inlay.start({ painter: "painters:invert" });
});
after(() => server.end());

/** That none of these is missing before the last one, and none comes twice. */
function expectWhole(heard: readonly Event[], count: number): void {
  assert.equal(kinds(heard).at(-1), "done");
  const rising = numbers(heard);
  assert.deepEqual(rising, Array.from(new Set(rising)).sort((one, other) => one - other));
  const variations = heard.flatMap(({ happening: event }) => (event.case === "variation" ? [event.value.variation?.index] : []));
  assert.deepEqual(variations, Array.from({ length: count }, (_, index) => index));
}

test("a job's events are heard while it runs, and again later from any number on", LIMIT, async () => {
  const line = lineTo(server.url);
  const jobId = await submitted(line);
  const heard: Event[] = [];
  const states: (JobState | undefined)[] = [];
  for await (const event of line.events(jobId, 0)) {
    heard.push(event);
    if (event.happening.case === "step" && states.length === 0) {
      states.push((await line.list("a document")).find((job) => job.jobId === jobId)?.state);
    }
  }

  expectWhole(heard, 2);
  assert.equal(kinds(heard)[0], "queued");
  assert.deepEqual(states, [JobState.RUNNING]);
  const last = numbers(heard).at(-1) ?? 0;
  assert.deepEqual(numbers(await all(line.events(jobId, last - 1))), [last]);
  assert.deepEqual(await all(line.events(jobId, last)), []);
});

test("no event is lost or told twice when answers get lost and the server is killed and started again", LIMIT, async () => {
  let polls = 0;
  const told: string[] = [];
  const line = lineTo(server.url, async (method, send) => {
    const answer = await send();
    if (method === "PollJob" && ++polls % 3 === 0) {
      await answer.arrayBuffer();
      throw new TypeError("Network request failed");
    }
    return answer;
  });
  const jobId = await submitted(line, "", 6);
  const heard: Event[] = [];
  let isKilled = false;
  let again: Promise<void> | null = null;
  const lost = (reason: string): void => {
    told.push(reason);
    again ??= isKilled ? server.start() : null;
  };

  for await (const event of line.events(jobId, 0, undefined, lost)) {
    heard.push(event);
    if (event.happening.case === "variation" && !isKilled) {
      await server.stop("SIGKILL");
      isKilled = true;
    }
  }

  assert.notEqual(again, null, "it was lost and found");
  expectWhole(heard, 6);
  assert.ok(told.every((reason) => reason === `Nobody answers at ${server.url}.`), told.join());
});

test("a server that is frozen is noticed, and its job is gone on with once it thaws", LIMIT, async (context) => {
  const line = lineTo(server.url);
  const jobId = await submitted(line, "", 6);
  const { setTimeout } = globalThis;
  const sooner = (work: () => void, ms?: number, ...rest: []): unknown => setTimeout(work, ms === CALL_MS ? 4_000 : ms, ...rest);
  context.mock.method(globalThis, "setTimeout", sooner as typeof setTimeout); // A call's time is up soon; the rest is as it is.
  const heard: Event[] = [];
  const told: string[] = [];
  let isFrozen = false;
  const lost = (reason: string): void => {
    told.push(reason);
    server.thaw();
  };

  for await (const event of line.events(jobId, 0, undefined, lost)) {
    heard.push(event);
    if (event.happening.case === "step" && !isFrozen) {
      isFrozen = true;
      server.freeze();
    }
  }

  assert.equal(told[0], `${server.url} does not answer in time.`);
  expectWhole(heard, 6);
});

test("giving up ends a waiting poll at once, here and at the server", LIMIT, async () => {
  const line = lineTo(server.url);
  const busy = await submitted(line, "slow", 16);
  const behind = await submitted(line);
  const controller = new Stop();
  const before = server.notes("PollJob", "cancelled");

  await assert.rejects(async () => {
    for await (const { happening: event } of line.events(behind, 0, controller)) {
      assert.equal(event.case, "queued");
      const began = server.notes("PollJob", "began");
      void until("the next poll waits", () => server.notes("PollJob", "began") > began).then(() => controller.abort());
    }
  }, Cancelled);

  await until("the server hears that nobody waits", () => server.notes("PollJob", "cancelled") > before);
  assert.equal((await line.list("a document")).find(({ jobId }) => jobId === busy)?.state, JobState.RUNNING);
  await Promise.all([takeBack(line.calls, behind), takeBack(line.calls, busy)]);
  assert.equal(kinds(await all(line.events(busy, 0))).at(-1), "cancelled");
  assert.equal(kinds(await all(line.events(behind, 0))).at(-1), "cancelled");
});

test("with six connections to a server, as a system may allow, edits that wait hold nobody else up", LIMIT, async () => {
  const queue: (() => void)[] = [];
  let [free, held, ended] = [6, 0, 0];
  const line = lineTo(server.url, async (method, send, init) => {
    const isHeld = method === "PollJob" && fromBinary(PollJobRequestSchema, init?.body as Uint8Array).waitMs > 0;
    if (free === 0) {
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      free -= 1;
    }
    held += isHeld ? 1 : 0;
    try {
      const answer = await send();
      const body = await answer.arrayBuffer();
      return new Response(body, { status: answer.status, headers: answer.headers });
    } finally {
      held -= isHeld ? 1 : 0;
      ended += isHeld ? 1 : 0;
      (queue.shift() ?? (() => (free += 1)))();
    }
  });
  const busy = await submitted(line, "slow", 16);
  const jobs: string[] = [];
  while (jobs.length < 9) {
    jobs.push(await submitted(line, "", 1));
  }
  let heard = 0;
  const followed = jobs.map(async (jobId) => {
    for await (const { happening: event } of line.events(jobId, 0)) {
      heard += event.case === "queued" ? 1 : 0;
    }
  });
  try {
    await until("all are followed", () => heard >= jobs.length && held > 0);
    const before = ended;
    const [name = ""] = await line.put([noise(3_000_000, 31)]);
    await line.get(name);
    await line.list("a document");
    assert.equal(ended, before, "no poll had to end for that");
    assert.ok(held > 0);
  } finally {
    await takeBack(line.calls, busy);
    await Promise.all(followed);
  }
});

test("a proxy that hands answers over whole does no harm: progress comes while the job runs, and pixels come back", LIMIT, async () => {
  const proxy = await collectingProxy(server.url);
  try {
    const line = lineTo(proxy.url);
    const jobId = await submitted(line, "", 3);
    const states = new Set<JobState | undefined>();
    const heard: Event[] = [];
    for await (const event of line.events(jobId, 0)) {
      heard.push(event);
      if (event.happening.case === "step") {
        states.add((await line.list("a document")).find((job) => job.jobId === jobId)?.state);
      }
    }
    expectWhole(heard, 3);
    assert.ok(states.has(JobState.RUNNING));
    const bytes = noise(2_500_000, 41);
    const [name = ""] = await line.put([bytes]);
    assert.equal(Buffer.compare(await line.get(name), bytes), 0);
  } finally {
    proxy.close();
  }
});

/** A proxy that reads a request to its end, asks, and answers once it has the answer to its end, as virus scanners do. */
async function collectingProxy(target: string): Promise<{ readonly url: string; close(): void }> {
  const proxy: Server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) {
        parts.push(part as Buffer);
      }
      const headers = Object.fromEntries(
        ["content-type", "connect-protocol-version"].map((name) => [name, String(request.headers[name])]),
      );
      const answer = await fetch(`${target}${request.url ?? ""}`, { method: "POST", headers, body: Buffer.concat(parts) });
      const body = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" }).end(body);
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}
