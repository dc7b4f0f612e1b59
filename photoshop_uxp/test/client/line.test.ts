/** The line to the real server: blobs, jobs and their events. */

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Calls } from "../../src/client/calls";
import type { Line } from "../../src/client/line";
import { doesStream } from "../../src/client/probe";
import { ServerLine } from "../../src/client/server_line";
import { Cancelled, Trouble } from "../../src/client/trouble";
import { type JobEvent, JobState } from "../../src/gen/inlay/v1/job_pb";
import { mask, noise, pixels, recipeOf } from "./edits";
import { Inlay } from "./inlay";

let server: Inlay;

before(async () => {
  server = await Inlay.start({ painter: "painters:invert" });
});
after(() => server.end());

/** A line on which every request can be watched, changed or refused. */
function lineTo(
  intercept: (path: string, send: () => Promise<Response>, init: RequestInit | undefined) => Promise<Response> = (_, send) => send(),
  streams = true,
): ServerLine {
  const native: typeof fetch = (input, init) =>
    intercept((input as string).split("/").pop() ?? "", () => fetch(input, init), init);
  const line = new ServerLine(new Calls(server.url, "", native), () => undefined);
  line.flow.streams = streams;
  return line;
}

async function submitted(line: Line, prompt = "", count = 2): Promise<string> {
  const [source = "", selection = ""] = await line.put([pixels(), mask()]);
  const jobId = randomUUID();
  await line.submit(jobId, recipeOf(source, selection, prompt, count), "a document");
  return jobId;
}

async function all(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const heard: JobEvent[] = [];
  for await (const event of events) {
    heard.push(event);
  }
  return heard;
}

function kinds(events: readonly JobEvent[]): (string | undefined)[] {
  return events.map(({ event }) => event.case);
}

function numbers(events: readonly JobEvent[]): number[] {
  return events.map(({ seq }) => Number(seq));
}

test("an edit's bytes go up, its events come, and its pixels come back under their own name", async () => {
  const line = lineTo();
  const jobId = await submitted(line);

  const events = await all(line.events(jobId, 0));

  assert.equal(kinds(events)[0], "queued");
  assert.equal(kinds(events).at(-1), "done");
  const variations = events.flatMap(({ event }) => (event.case === "variation" && event.value.variation ? [event.value.variation] : []));
  assert.deepEqual(variations.map(({ index, seed }) => [index, seed]), [[0, 7], [1, 8]]);
  for (const { patch } of variations) {
    const blob = patch?.pixels?.blob ?? "";
    const bytes = await line.get(blob);
    assert.equal(bytes.length, 96 * 64 * 6);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), blob);
  }
  const [job] = await line.list("a document");
  assert.equal(job?.jobId, jobId);
  assert.equal(job.state, JobState.DONE);
  assert.equal(job.fetched, true);
});

test("what the server has is not sent again", async () => {
  const sent: string[] = [];
  const line = lineTo((path, send) => {
    sent.push(path);
    return send();
  });
  const big = noise(3_500_000, 5);
  const seen: [number, number][] = [];

  const names = await line.put([big, noise(10, 6)], undefined, (done, total) => seen.push([done, total]));
  assert.deepEqual(sent.filter((path) => path === "PutBlob").length, 5);
  assert.equal(names[0], createHash("sha256").update(big).digest("hex"));
  assert.deepEqual(seen.at(-1), [3_500_010, 3_500_010]);

  sent.length = 0;
  assert.deepEqual(await line.put([big, noise(10, 6)]), names);
  assert.deepEqual(sent, ["HasBlobs"]);
  assert.deepEqual(await line.missing([...names, "0".repeat(64)]), new Set(["0".repeat(64)]));
});

test("an upload goes on where it broke off, whether the chunk or only its answer was lost", async () => {
  let chunks = 0;
  const line = lineTo(async (path, send) => {
    if (path !== "PutBlob") {
      return send();
    }
    chunks += 1;
    if (chunks === 2) {
      throw new TypeError("Network request failed");
    }
    if (chunks === 4) {
      await send();
      throw new TypeError("Network request failed");
    }
    return send();
  });
  const bytes = noise(4 << 20, 9);

  const [name = ""] = await line.put([bytes]);

  assert.ok(chunks <= 7, `${chunks} chunks`);
  assert.deepEqual(Buffer.compare(await line.get(name), bytes), 0);
});

test("a download goes on where it broke off", async () => {
  const bytes = noise(5 << 20, 11);
  const [name = ""] = await lineTo().put([bytes]);
  const questions: number[] = [];
  let cuts = 0;
  const line = lineTo(async (path, send, init) => {
    const answer = await send();
    if (path !== "GetBlob") {
      return answer;
    }
    questions.push((init?.body as Uint8Array).length);
    if (cuts === 1) {
      return answer;
    }
    cuts += 1;
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let read = 0;
    const body = new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        read += value?.length ?? 0;
        if (done || read > 3 << 20) {
          controller.error(new TypeError("Network request failed"));
        } else {
          controller.enqueue(value);
        }
      },
    });
    return new Response(body, { headers: answer.headers });
  });
  const seen: number[] = [];

  const got = await line.get(name, undefined, (done) => seen.push(done));

  assert.equal(Buffer.compare(got, bytes), 0);
  assert.equal(questions.length, 2);
  assert.ok((questions[1] ?? 0) > (questions[0] ?? 0), "the second question names an offset");
  assert.deepEqual(seen, [...seen].sort((one, other) => one - other), "progress never goes back");
});

test("a blob that arrives damaged is refused", async () => {
  const bytes = noise(1000, 21);
  const [name = ""] = await lineTo().put([bytes]);
  const line = lineTo(async (path, send) => {
    const answer = await send();
    if (path !== "GetBlob") {
      return answer;
    }
    const body = new Uint8Array(await answer.arrayBuffer());
    body[500] = (body[500] ?? 0) ^ 1;
    return new Response(body, { headers: answer.headers });
  });
  await assert.rejects(line.get(name), (error: unknown) => error instanceof Trouble && error.code === "data_loss");
});

test("streamed or polled, the events are the same", async () => {
  const jobId = await submitted(lineTo());
  const streamed = await all(lineTo().events(jobId, 0));
  const polled = await all(lineTo(undefined, false).events(jobId, 0));

  const kept = (events: readonly JobEvent[]) => events.map(({ seq, event }) => `${seq} ${String(event.case)}`);
  assert.deepEqual(kept(polled).filter((event) => kept(streamed).includes(event)), kept(polled));
  assert.equal(kinds(polled).at(-1), "done");
  assert.deepEqual(kinds(await all(lineTo().events(jobId, numbers(polled).at(-1) ?? 0))), []);
});

test("no event is lost or told twice when the line drops and the server is killed and started again", async () => {
  let cuts = 0;
  const told: string[] = [];
  const line = lineTo(async (path, send) => {
    const answer = await send();
    if (path !== "WatchJob" || cuts > 1) {
      return answer;
    }
    cuts += 1;
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let parts = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          const { value } = await reader.read();
          parts += 1;
          if (parts > 2) {
            controller.error(new TypeError("Network request failed"));
          } else {
            controller.enqueue(value);
          }
        },
      }),
      { headers: answer.headers },
    );
  });
  const jobId = await submitted(line, "", 6);
  const heard: JobEvent[] = [];
  let isRestarted = false;

  for await (const event of line.events(jobId, 0, undefined, (reason) => told.push(reason))) {
    heard.push(event);
    if (event.event.case === "variation" && !isRestarted) {
      isRestarted = true;
      await server.stop("SIGKILL");
      setTimeout(() => void server.start(), 700);
    }
  }

  assert.equal(kinds(heard).at(-1), "done");
  const rising = numbers(heard);
  assert.deepEqual(rising, Array.from(new Set(rising)).sort((one, other) => one - other));
  const variations = heard.flatMap(({ event }) => (event.case === "variation" ? [event.value.variation?.index] : []));
  assert.deepEqual(variations, [0, 1, 2, 3, 4, 5]);
  assert.ok(told.length > 0 && told.every((reason) => reason.includes(server.url)));
});

test("a stream that is held back is noticed, and the job is polled from then on", { timeout: 60_000 }, async () => {
  const asked: string[] = [];
  const line = lineTo(async (path, send) => {
    asked.push(path);
    const answer = await send();
    if (path !== "WatchJob") {
      return answer;
    }
    return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), { headers: answer.headers });
  });

  const events = await all(line.events(await submitted(line), 0));

  assert.equal(kinds(events).at(-1), "done");
  assert.equal(line.flow.streams, false);
  assert.equal(asked.filter((path) => path === "WatchJob").length, 1);
});

test("ProbeStream tells a line that flows from one that collects", async () => {
  assert.equal(await doesStream(lineTo().calls), true);
  const collecting = lineTo(async (_, send) => {
    const answer = await send();
    return new Response(await answer.arrayBuffer(), { headers: answer.headers });
  });
  assert.equal(await doesStream(collecting.calls), false);
});

test("giving up ends a call at once, and a cancelled job ends with that event", async () => {
  const line = lineTo();
  const jobId = await submitted(line, "slow");
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const _ of line.events(jobId, 0, controller.signal)) {
      controller.abort();
    }
  }, Cancelled);
  await line.cancel(jobId);
  assert.equal(kinds(await all(line.events(jobId, 0))).at(-1), "cancelled");
  await assert.rejects(line.put([noise(10, 99)], AbortSignal.abort()), Cancelled);
});

test("the same job id submitted again is the same job", async () => {
  const line = lineTo();
  let losses = 0;
  const shaky = lineTo(async (path, send) => {
    const answer = await send();
    if (path === "SubmitEdit" && losses === 0) {
      losses += 1;
      throw new TypeError("Network request failed");
    }
    return answer;
  });
  const [source = "", selection = ""] = await line.put([pixels(), mask()]);
  const jobId = randomUUID();

  const job = await shaky.submit(jobId, recipeOf(source, selection), "twice");

  assert.equal(job.jobId, jobId);
  assert.equal(losses, 1);
  assert.equal((await line.list("twice")).length, 1);
});

test("the server's errors keep their facts", async () => {
  const line = lineTo();
  const [source = "", selection = ""] = await line.put([pixels(), mask()]);
  const bad = { ...recipeOf(source, selection), count: 99 };

  await assert.rejects(line.submit(randomUUID(), bad, ""), (error: unknown) => {
    assert.ok(error instanceof Trouble);
    assert.equal(error.code, "invalid_argument");
    assert.match(error.facts.field ?? "", /count/);
    assert.equal(error.facts.type, "InvalidInput");
    assert.match(error.message, /count/);
    return true;
  });
  await assert.rejects(line.get("0".repeat(64)), (error: unknown) => error instanceof Trouble && error.facts.type === "BlobMissing");
});

test("a rating is told, and one that cannot be is nobody's concern", async () => {
  const line = lineTo();
  const jobId = await submitted(line);
  await all(line.events(jobId, 0));
  line.rate(jobId, 0, true);
  line.rate(randomUUID(), 0, true);
  await new Promise((resolve) => setTimeout(resolve, 200));
});
