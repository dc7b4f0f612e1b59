/** What the tests with the real server and the real browser share: a studio, its browser, and a review with people in it. */

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Role } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import { Browser } from "../../photoshop_uxp/test/ui/browser";
import { Reviewer } from "./reviewer";
import { type Asked, Studio } from "./studio";

export const LIMIT = { timeout: 120_000 };
export const PEOPLE = { Ada: Role.DECIDE, Ben: Role.DECIDE, Cleo: Role.COMMENT, Vera: Role.VIEW };

export let studio: Studio;
/** The job of two drafts, which all reviews of a file may show. */
export let job = "";
let browser: Browser;

/** Opens the studio for one file of tests. */
export function inTheStudio(): void {
  before(async () => {
    [studio, browser] = await Promise.all([Studio.open(), Browser.start()]);
    job = await studio.paints("A red box", 2);
  }, LIMIT);
  after(async () => {
    await Promise.all([studio.close(), browser.stop()]);
  });
}

/** A review of both drafts. */
export function review(title: string): Promise<Asked> {
  return studio.asks(title, [{ jobId: job, variation: 0, text: "Mind the edge." }, { jobId: job, variation: 1 }], PEOPLE);
}

/** Somebody opens his link in a browser of his own; the drafts' pictures are there. */
export async function opens(asked: Asked, name: string, width = 1280, height = 800): Promise<Reviewer> {
  const reviewer = await Reviewer.at(await browser.another(), asked.link(name).url, width, height);
  await reviewer.seesPictures();
  return reviewer;
}

/** A browser of somebody who has no link yet. */
export function stranger(): Promise<Browser> {
  return browser.another();
}

/** Nothing went wrong in the page, and nothing came from elsewhere. */
export function expectQuiet({ browser: { errors }, requests }: Reviewer): void {
  assert.deepEqual(errors, []);
  const elsewhere = requests.map(({ url }) => url).filter((url) => !url.startsWith(`${studio.server.url}/`) && !url.startsWith(`blob:${studio.server.url}/`));
  assert.deepEqual(elsewhere, []);
}
