/** The line to the real server: blobs and jobs. What goes wrong is mended, or told with its facts. */

import { Stop } from "../../src/client/pause";
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { Cancelled, Trouble } from "../../src/client/trouble";
import { ReadBlobRequestSchema } from "../../src/gen/inlay/v1/inlay_pb";
import { JobState } from "../../src/gen/inlay/v1/job_pb";
import { mask, noise, pixels, recipeOf } from "./edits";
import { Inlay } from "./inlay";
import { all, type Intercept, kinds, lineTo, patchOf, submitted } from "./lines";

let server: Inlay;

before(async () => {
  server = await Inlay.start({ painter: "painters:invert" });
});
after(() => server.end());

function lineWith(intercept?: Intercept) {
  return lineTo(server.url, intercept);
}

test("an edit's bytes go up, its events come, and its pixels come back under their own name", async () => {
  const line = lineWith();
  const jobId = await submitted(line);

  const events = await all(line.events(jobId, 0));

  assert.equal(kinds(events)[0], "queued");
  assert.equal(kinds(events).at(-1), "done");
  const variations = events.flatMap(({ happening: event }) => (event.case === "variation" && event.value.variation ? [event.value.variation] : []));
  assert.deepEqual(variations.map(({ index, seed }) => [index, seed]), [[0, 7], [1, 8]]);
  for (const patch of variations.map(patchOf)) {
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
  const line = lineWith((path, send) => {
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
  const line = lineWith(async (path, send) => {
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

test("a download goes on where it broke off, and no part is asked for that arrived", async () => {
  const bytes = noise(5_000_000, 11);
  const [name = ""] = await lineWith().put([bytes]);
  const offsets: number[] = [];
  const line = lineWith(async (method, send, init) => {
    const answer = await send();
    if (method === "ReadBlob") {
      offsets.push(Number(fromBinary(ReadBlobRequestSchema, init?.body as Uint8Array).offset));
      if (offsets.length === 3) {
        await answer.body?.cancel();
        throw new TypeError("Network request failed");
      }
    }
    return answer;
  });
  const seen: [number, number][] = [];

  const got = await line.get(name, undefined, (done, total) => seen.push([done, total]));

  assert.equal(Buffer.compare(got, bytes), 0);
  assert.deepEqual(offsets, [0, 1, 2, 2, 3, 4].map((part) => part << 20));
  assert.deepEqual(seen, [1 << 20, 2 << 20, 3 << 20, 4 << 20, 5_000_000].map((done) => [done, 5_000_000]));
});

test("a download goes on after the server was killed and started again", async () => {
  const bytes = noise(3_000_000, 13);
  const [name = ""] = await lineWith().put([bytes]);
  let asked = 0;
  let again: Promise<void> | null = null;
  const line = lineWith(async (method, send) => {
    asked += method === "ReadBlob" ? 1 : 0;
    if (asked === 2) {
      await server.stop("SIGKILL");
      const failed = await send().catch((error: unknown) => error);
      again = server.start();
      throw failed;
    }
    await again;
    return send();
  });

  assert.equal(Buffer.compare(await line.get(name), bytes), 0);
  assert.equal(asked, 4);
});

test("an empty blob comes back empty", async () => {
  const [name = ""] = await lineWith().put([new Uint8Array()]);
  assert.equal((await lineWith().get(name)).length, 0);
});

test("a blob that arrives damaged is refused", async () => {
  const bytes = noise(1000, 21);
  const [name = ""] = await lineWith().put([bytes]);
  const line = lineWith(async (path, send) => {
    const answer = await send();
    if (path !== "ReadBlob") {
      return answer;
    }
    const body = new Uint8Array(await answer.arrayBuffer());
    body[500] = (body[500] ?? 0) ^ 1;
    return new Response(body, { headers: answer.headers });
  });
  await assert.rejects(line.get(name), (error: unknown) => error instanceof Trouble && error.code === "data_loss");
});

test("giving up ends a transfer at once", async () => {
  const controller = new Stop();
  const asked: string[] = [];
  const line = lineWith((method) => {
    asked.push(method);
    controller.abort();
    return new Promise(() => undefined);
  });
  await assert.rejects(line.put([noise(10, 99)], controller), Cancelled);
  await assert.rejects(line.put([noise(10, 99)], controller), Cancelled);
  assert.deepEqual(asked, ["HasBlobs"]);
});

test("the same job id submitted again is the same job", async () => {
  const line = lineWith();
  let losses = 0;
  const shaky = lineWith(async (path, send) => {
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

  assert.equal(job?.jobId, jobId);
  assert.equal(losses, 1);
  assert.equal((await line.list("twice")).length, 1);
});

test("the server's errors name the field and what is wrong with it", async () => {
  const line = lineWith();
  const [source = "", selection = ""] = await line.put([pixels(), mask()]);
  const bad = recipeOf(source, selection, "", 99);

  await assert.rejects(line.submit(randomUUID(), bad, ""), (error: unknown) => {
    assert.ok(error instanceof Trouble);
    assert.equal(error.code, "invalid_argument");
    assert.match(error.message, /count/);
    return true;
  });
  await assert.rejects(line.get("0".repeat(64)), (error: unknown) => error instanceof Trouble && error.message.includes("not in the store"));
});
