/** A studio with the real server: it paints drafts of a known picture and asks people to review them. */

import { createHash, randomUUID } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { InlayService } from "../../photoshop_uxp/src/gen/inlay/v1/inlay_pb";
import { JobState } from "../../photoshop_uxp/src/gen/inlay/v1/job_pb";
import { ChannelOrder, SampleType } from "../../photoshop_uxp/src/gen/inlay/v1/raster_pb";
import { RecipeSchema } from "../../photoshop_uxp/src/gen/inlay/v1/recipe_pb";
import { type NewDraftSchema, type Review, type ReviewLink, ReviewService, Role } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import { Inlay } from "../../photoshop_uxp/test/client/inlay";
import { Line } from "../src/line";

const { hasBlobs, putBlob, submitEdit, pollJob } = InlayService.method;
const { createReview, addVersion, revokeReview, addPin } = ReviewService.method;
const CHUNK = 1 << 20;
const SEED = 5;
const PROFILE = "sRGB-elle-V2-srgbtrc.icc";

export const PICTURE = { width: 1400, height: 1000 };
export const REGION = { x: 420, y: 300, width: 560, height: 360 };

type Color = readonly [number, number, number];

/** The document: no two neighbouring pixels alike, and no row like another. */
export function before(x: number, y: number): Color {
  const grain = (x * 7 + y * 13 + ((x * y) % 11)) % 16;
  return [40 + Math.floor(x / 10) + grain, 60 + Math.floor(y / 8) + grain, 180 - Math.floor((x + y) / 20) + grain];
}

/** What `painters:turn` makes of it where it is selected: the window upside down, raised by its seed. */
export function after(x: number, y: number, variation = 0, seed = SEED): Color {
  const isInside = x >= REGION.x && x < REGION.x + REGION.width && y >= REGION.y && y < REGION.y + REGION.height;
  if (!isInside) return before(x, y);
  const raised = (seed + variation) % 7;
  const [red, green, blue] = before(x, PICTURE.height - 1 - y);
  return [red + raised, green + raised, blue + raised];
}

function samples(): Uint8Array {
  const found = new Uint8Array(PICTURE.width * PICTURE.height * 3);
  for (let y = 0; y < PICTURE.height; y += 1) for (let x = 0; x < PICTURE.width; x += 1) found.set(before(x, y), (y * PICTURE.width + x) * 3);
  return found;
}

export class Studio {
  private constructor(
    readonly server: Inlay,
    private readonly line: Line,
  ) {}

  static async open(): Promise<Studio> {
    const server = await Inlay.start({ painter: "painters:turn", token: "the studio's" });
    return new Studio(server, new Line("the studio's", "en", server.url));
  }

  async close(): Promise<void> {
    await this.server.end();
  }

  /** Paints drafts; the id of their job. isDeep: of the same numbers as 16 bit in Display P3. */
  async paints(prompt: string, count: number, seed = SEED, isDeep = false): Promise<string> {
    const numbers = samples();
    const source = await this.put(isDeep ? new Uint8Array(Uint16Array.from(numbers, (one) => one * 257).buffer) : numbers);
    const mask = await this.put(new Uint8Array(REGION.width * REGION.height).fill(255));
    const { width, height } = PICTURE;
    const eight = { sampleType: SampleType.U8, whiteLevel: 255 };
    const form = isDeep ? { sampleType: SampleType.U16, whiteLevel: 65535, profile: "Display P3" } : { ...eight, profile: PROFILE };
    const recipe = create(RecipeSchema, {
      verb: "fill",
      canvas: { document: PICTURE, window: { x: 0, y: 0, width, height }, source: { ...form, width, height, order: ChannelOrder.RGB, blob: source } },
      where: { region: REGION, mask: { ...eight, width: REGION.width, height: REGION.height, order: ChannelOrder.Y, blob: mask } },
      words: { prompt },
      sampling: { seed, count, tier: "draft", strength: 1 },
    });
    const jobId = randomUUID();
    await this.line.call(submitEdit, { jobId, recipe });
    for (let afterSeq = 0n; ; ) {
      const { events, state } = await this.line.call(pollJob, { jobId, afterSeq, waitMs: 10_000 });
      afterSeq = events.at(-1)?.seq ?? afterSeq;
      if (state === JobState.DONE) return jobId;
      if (state === JobState.FAILED) throw new Error(JSON.stringify(events.at(-1), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
    }
  }

  /** Asks people to review drafts; the review and their links, by name. */
  async asks(title: string, drafts: readonly MessageInitShape<typeof NewDraftSchema>[], people: Readonly<Record<string, Role>>): Promise<Asked> {
    const invitations = Object.entries(people).map(([name, role]) => ({ name, role, days: 3 }));
    const { review, links } = await this.line.call(createReview, { title, drafts: [...drafts], invitations });
    if (!review) throw new Error("no review");
    return new Asked(review, new Map(links.map((link) => [link.reviewer?.name ?? "", link])));
  }

  async adds(reviewId: string, drafts: readonly MessageInitShape<typeof NewDraftSchema>[]): Promise<void> {
    await this.line.call(addVersion, { reviewId, drafts: [...drafts] });
  }

  async says(reviewId: string, pin: { readonly draft: number; readonly text: string; readonly at?: { x: number; y: number }; readonly answers?: string }): Promise<void> {
    await this.line.call(addPin, { reviewId, pin: { pinId: randomUUID(), version: 1, ...pin } });
  }

  async revokes(reviewId: string, reviewer: number): Promise<void> {
    await this.line.call(revokeReview, { reviewId, reviewer });
  }

  private async put(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { blobs } = await this.line.call(hasBlobs, { sha256: [sha256] });
    for (let at = 0; !blobs[0]?.present && at < bytes.length; at += CHUNK) {
      await this.line.call(putBlob, { sha256, offset: BigInt(at), total: BigInt(bytes.length), data: bytes.subarray(at, at + CHUNK) });
    }
    return sha256;
  }
}

export class Asked {
  constructor(
    readonly review: Review,
    private readonly links: ReadonlyMap<string, ReviewLink>,
  ) {}

  get id(): string {
    return this.review.reviewId;
  }

  link(name: string): ReviewLink {
    const link = this.links.get(name);
    if (!link) throw new Error(`${name} was not asked`);
    return link;
  }
}
