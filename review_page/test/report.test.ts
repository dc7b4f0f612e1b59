/** The report's page in a real browser: its own style and nothing else, whatever its policy forbids. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { expectQuiet, inTheStudio, LIMIT, stranger, studio } from "./scene";
import { Reviewer } from "./reviewer";

inTheStudio();

test("the owner's token opens the figures, styled, and a wrong one a sentence", LIMIT, async () => {
  const owner = await Reviewer.at(await stranger(), `${studio.server.url}/report/`, 1100, 900);
  await owner.until(`document.querySelector("input[type=password]") !== null`);
  await owner.until(`getComputedStyle(document.querySelector("form")).display === "flex"`);
  await owner.clicks("textbox", "Token of the server");
  await owner.types("wrong");
  await owner.clicks("button", "Show");
  await owner.sees("token");
  await owner.until(`document.querySelector("[role=alert]") !== null`);
  await owner.clicks("textbox", "Token of the server");
  await owner.types("the studio's");
  await owner.clicks("button", "Show");
  await owner.until(`document.querySelectorAll("svg").length === 4`);
  await owner.until(`getComputedStyle(document.querySelector(".plots")).display === "grid"`);
  assert.equal(await owner.browser.evaluate("location.search + location.hash"), "");
  await owner.shoots("report");
  expectQuiet(owner);
});
