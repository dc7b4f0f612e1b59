/** The report's page in a real browser: its own style and nothing else, whatever its policy forbids. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { expectQuiet, inTheStudio, LIMIT, opens, review, stranger, studio } from "./scene";
import { Reviewer } from "./reviewer";

inTheStudio();

/** Waits for what the next page shows: who asks while the browser goes there gets no answer. */
async function lands(owner: Reviewer, expression: string): Promise<void> {
  for (;;) {
    try {
      await owner.until(expression);
      return;
    } catch (error) {
      if (!/navigated|context/i.test(String(error))) throw error;
    }
  }
}

test("the owner's token opens the figures, styled, and a wrong one a sentence", LIMIT, async () => {
  const owner = await Reviewer.at(await stranger(), `${studio.server.url}/report/`, 1100, 900);
  await owner.until(`document.querySelector("input[type=password]") !== null`);
  await owner.until(`getComputedStyle(document.querySelector("form")).display === "flex"`);
  await owner.clicks("textbox", "Token of the server");
  await owner.types("wrong");
  await owner.clicks("button", "Show");
  await lands(owner, `document.querySelector("[role=alert]")?.textContent.includes("token")`);
  await owner.clicks("textbox", "Token of the server");
  await owner.types("the studio's");
  await owner.clicks("button", "Show");
  await lands(owner, `document.querySelectorAll("svg").length === 4`);
  await owner.until(`getComputedStyle(document.querySelector(".plots")).display === "grid"`);
  assert.equal(await owner.browser.evaluate("location.search + location.hash"), "");
  await owner.shoots("report");
  const wrong = /^Failed to load resource: .* 401 \(Unauthorized\)$/;
  assert.deepEqual(owner.browser.errors.filter((error) => !wrong.test(error)), []);
  assert.deepEqual(owner.requests.filter(({ url }) => !url.startsWith(`${studio.server.url}/`) && !url.startsWith("data:image/svg+xml")), []); // The browser's own icon of a calendar.
});

test("who opens the reviews without a link is led to the figures, and a reviewer neither sees that way nor gets through with the link", LIMIT, async () => {
  const owner = await Reviewer.at(await stranger(), `${studio.server.url}/review/`, 1100, 900);
  await owner.until(`document.querySelector("a[href='/report/']") !== null`);
  await owner.shoots("review-without-a-link");
  expectQuiet(owner);
  await owner.clicks("link", "For who has the server");
  await lands(owner, `document.querySelector("input[type=password]") !== null`);

  const asked = await review("No figures");
  const ada = await opens(asked, "Ada");
  assert.equal(await ada.evaluate(`document.querySelector("a[href*='report']") === null`), true);
  const { url } = asked.link("Ada");
  const reviewer = await Reviewer.at(await stranger(), `${studio.server.url}/report/`, 1100, 900);
  await reviewer.clicks("textbox", "Token of the server");
  await reviewer.types(new URLSearchParams(new URL(url).hash.slice(1)).get("t") ?? assert.fail(url));
  await reviewer.clicks("button", "Show");
  await lands(reviewer, `document.querySelector("[role=alert]") !== null && document.querySelector("svg") === null`);
});
