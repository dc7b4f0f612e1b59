/** A review with several people at once, each in a browser of his own, on the real server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { expectQuiet, inTheStudio, LIMIT, opens, review, stranger, studio } from "./scene";
import { Reviewer } from "./reviewer";

inTheStudio();

test("one pins words to a place; the other sees the mark there and the words in the list", LIMIT, async () => {
  const asked = await review("Pins");
  const [ada, ben] = await Promise.all([opens(asked, "Ada"), opens(asked, "Ben")]);
  const paper = await ada.paper();
  await ada.clicksAt(paper.x + paper.width * 0.25, paper.y + paper.height * 0.5);
  await ada.types("The edge glows <b>here</b>");
  await ada.clicks("button", "Pin");

  await ben.sees("Ada");
  await ben.sees("The edge glows <b>here</b>"); // As words, not as markup.
  await ben.until("document.querySelectorAll('.window .mark').length >= 1");
  const [mark, there] = [await ben.evaluate<{ x: number; y: number; width: number; height: number }>("document.querySelector('.mark').getBoundingClientRect().toJSON()"), await ben.paper()];
  assert.ok(Math.abs(mark.x + mark.width / 2 - there.x - there.width * 0.25) < 1.5);
  assert.ok(Math.abs(mark.y + mark.height / 2 - there.y - there.height * 0.5) < 1.5);

  await ben.clicks("button", "Answer: pin 1 of Ada");
  await ben.types("Will be softer");
  await ben.clicks("button", "Pin");
  await ada.sees("Will be softer");
  await ada.clicks("button", "Mark as done: pin 1 of Ada");
  await ben.sees("✓ Done");
  expectQuiet(ada);
  expectQuiet(ben);
});

test("a decision by key counts for the draft that has the focus, and nowhere else", LIMIT, async () => {
  const asked = await review("Keys");
  const [ada, ben] = await Promise.all([opens(asked, "Ada"), opens(asked, "Ben")]);
  await ada.presses("a"); // Nothing has the focus.
  await ada.clicks("textbox", "Why");
  await ada.presses("a"); // A letter of a reason.
  assert.equal(await ada.evaluate("document.activeElement.value"), "a");
  assert.equal(await ada.evaluate("document.querySelectorAll('.judgement').length"), 0);

  await ada.evaluate("document.querySelectorAll('.card')[1].focus()");
  await ada.presses("a");
  await ben.sees("Ada approves: Draft 2, Version 1");
  await ada.sees("Draft 2, Version 1: Approve");
  await ben.until("document.querySelectorAll('.card .stands')[1].textContent.startsWith('Approved')");
  assert.equal(await ben.evaluate("document.querySelectorAll('.card .stands')[0].textContent"), "In review");

  await ada.presses("1");
  await ada.evaluate("document.querySelector('.window').focus()");
  await ada.presses("x");
  await ben.sees("Ada rejects: Draft 1, Version 1");
  expectQuiet(ada);
});

test("a newer version appears, locks the older one, and both can be compared", LIMIT, async () => {
  const asked = await review("Versions");
  const ada = await opens(asked, "Ada");
  const again = await studio.paints("A red box, softer", 1, 3);
  await studio.adds(asked.id, [{ jobId: again, variation: 0, replaces: 1 }]);
  await ada.sees("Draft 1: version 2 is here.");
  await ada.sees("A red box, softer");
  assert.equal(await ada.evaluate("document.querySelector('#versions').selectedOptions[0].textContent"), "Version 2, newest");
  await ada.evaluate("document.querySelector('#against').value = '1'; document.querySelector('#against').dispatchEvent(new Event('change'))");
  await ada.seesPictures();

  await ada.evaluate("document.querySelector('#versions').value = '1'; document.querySelector('#versions').dispatchEvent(new Event('change'))");
  await ada.sees("A newer version has locked this one.");
  const names = (await ada.named()).map(({ name }) => name);
  ["Approve", "Reject", "Set a pin"].forEach((name) => assert.ok(!names.includes(name), name));
  await ada.evaluate("document.querySelector('.window').focus()");
  await ada.presses("a");
  await ada.clicks("button", "Go to the newest");
  assert.equal(await ada.evaluate("document.querySelectorAll('.judgement').length"), 0);
  expectQuiet(ada);
});

test("words that are being typed stay while a newer version comes, over a lost line and over a reload", LIMIT, async () => {
  const asked = await review("Lost");
  const ada = await opens(asked, "Ada");
  const paper = await ada.paper();
  await ada.clicksAt(paper.x + paper.width * 0.75, paper.y + paper.height * 0.25);
  await ada.types("A long thought");
  const again = await studio.paints("A red box, lower", 1, 4);
  await studio.adds(asked.id, [{ jobId: again, variation: 0, replaces: 1 }]);
  await ada.sees("A newer version has locked this one.");

  await studio.server.stop("SIGKILL");
  await ada.sees("Connection lost.");
  await ada.types(", and its end");
  await ada.clicks("button", "Pin");
  await ada.sees("Not set:");
  await studio.server.start();
  await ada.sees("Connected again.");
  await ada.browser.ask("Page.reload");
  await ada.seesPictures();
  await ada.until("document.querySelector('#composer-words')?.value === 'A long thought, and its end'");
  await ada.clicks("button", "Pin");
  await ada.sees("Your pin is set.");
  assert.deepEqual(await ada.evaluate("Array.from(document.querySelectorAll('.pin .words'), (one) => one.textContent)"), ["A long thought, and its end"]);
});

test("a pin whose answer was lost is set once when it is sent again, and other words are a pin of their own", LIMIT, async () => {
  const asked = await review("Once");
  const ada = await opens(asked, "Ada");
  const said = (): Promise<string[]> => ada.evaluate("Array.from(document.querySelectorAll('.pin > .words'), (one) => one.textContent)");
  const losesAnswers = async (): Promise<void> => {
    ada.browser.on("Fetch.requestPaused", ({ requestId }) => void ada.browser.ask("Fetch.failRequest", { requestId, errorReason: "ConnectionReset" }));
    await ada.browser.ask("Fetch.enable", { patterns: [{ urlPattern: "*/AddPin", requestStage: "Response" }] });
  };
  await losesAnswers();
  await ada.clicks("button", "About the whole");
  await ada.types("First");
  await ada.clicks("button", "Pin");
  await ada.sees("Not set:");
  await ada.browser.ask("Fetch.disable");
  await ada.clicks("button", "Pin");
  await ada.until("document.querySelector('.composer').hidden");
  assert.deepEqual(await said(), ["First"]);

  await losesAnswers();
  await ada.clicks("button", "About the whole");
  await ada.types("Second");
  await ada.clicks("button", "Pin");
  await ada.sees("Not set:");
  await ada.browser.ask("Fetch.disable");
  await ada.clicks("textbox", "Words about the whole");
  await ada.types(", and more");
  await ada.clicks("button", "Pin");
  await ada.until("document.querySelector('.composer').hidden");
  assert.deepEqual((await said()).map((text) => text.length).sort((one, other) => one - other), [5, 6, 16]); // Where the click put the cursor is the browser's.
});

test("a reason that is typed stays with its draft", LIMIT, async () => {
  const ada = await opens(await review("Reasons"), "Ada");
  await ada.clicks("textbox", "Why");
  await ada.types("Too red");
  await ada.clicks("button", "Draft 2");
  assert.equal(await ada.evaluate("document.querySelector('#decide-why').value"), "");
  await ada.presses("a");
  await ada.sees("Ada approves");
  assert.equal(await ada.evaluate("document.querySelector('.judgement .words').textContent"), "");
  await ada.clicks("button", "Draft 1");
  assert.equal(await ada.evaluate("document.querySelector('#decide-why').value"), "Too red");
  await ada.clicks("button", "Changes");
  await ada.until("document.querySelector('.judgement .words')?.textContent === 'Too red'");
  await ada.until("document.querySelector('#decide-why').value === ''");
});

test("a hidden tab gives its connection back, and has missed nothing when it is looked at again", LIMIT, async () => {
  const asked = await review("Hidden");
  const ada = await opens(asked, "Ada");
  const streams = (): number => ada.requests.filter(({ url }) => url.endsWith("/WatchReview")).length;
  const ended = new Promise<void>((resolve) => ada.browser.on("Network.loadingFailed", () => resolve()));
  const turn = (isHidden: boolean): Promise<void> => ada.evaluate(`Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`);
  assert.equal(streams(), 1);
  await turn(true);
  await ended;
  await studio.says(asked.id, { draft: 1, text: "Said meanwhile" });
  assert.equal(streams(), 1);
  assert.equal(await ada.evaluate("document.querySelectorAll('.pin').length"), 0);
  await turn(false);
  await ada.sees("Said meanwhile");
  await studio.says(asked.id, { draft: 1, text: "Said live" });
  await ada.sees("Said live");
  assert.equal(streams(), 2);
});

test("a tab that is opened behind another one holds no connection until it is looked at", LIMIT, async () => {
  const asked = await review("Behind");
  const browser = await stranger();
  await browser.ask("Page.addScriptToEvaluateOnNewDocument", { source: 'Object.defineProperty(document, "hidden", { value: true, configurable: true });' });
  const ada = await Reviewer.at(browser, asked.link("Ada").url);
  await ada.seesPictures();
  const streams = (): number => ada.requests.filter(({ url }) => url.endsWith("/WatchReview")).length;
  assert.equal(streams(), 0);
  await ada.evaluate('Object.defineProperty(document, "hidden", { value: false, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))');
  await studio.says(asked.id, { draft: 1, text: "Now" });
  await ada.sees("Now");
  assert.equal(streams(), 1);
});

test("who only looks is offered nothing to say, and who comments nothing to decide", LIMIT, async () => {
  const asked = await review("Roles");
  await studio.says(asked.id, { draft: 1, text: "Look here", at: { x: 0.5, y: 0.5 } });
  const [vera, cleo] = await Promise.all([opens(asked, "Vera"), opens(asked, "Cleo")]);
  await vera.sees("The studio");
  const offered = async (reviewer: Reviewer): Promise<string[]> => (await reviewer.named()).filter(({ role }) => role === "button" || role === "textbox").map(({ name }) => name.split(":")[0] ?? "");
  const [hers, his] = [await offered(vera), await offered(cleo)];
  ["Set a pin", "About the whole", "Answer", "Approve", "Mark as done", "Why (optional)"].forEach((name) => assert.ok(!hers.includes(name), name));
  ["Set a pin", "About the whole", "Answer"].forEach((name) => assert.ok(his.includes(name), name));
  ["Approve", "Why (optional)"].forEach((name) => assert.ok(!his.includes(name), name));
  const paper = await vera.paper();
  await vera.clicksAt(paper.x + 40, paper.y + 40);
  await vera.presses("a");
  assert.equal(await vera.evaluate("document.querySelector('.composer').hidden"), true);
});

test("a link that is withdrawn ends in a plain sentence, and no picture stays on the screen", LIMIT, async () => {
  const asked = await review("Withdrawn");
  const [ada, ben] = await Promise.all([opens(asked, "Ada"), opens(asked, "Ben")]);
  await studio.revokes(asked.id, asked.link("Ada").reviewer?.number ?? 0);
  await ada.sees("This link is no longer good");
  assert.equal(await ada.evaluate("document.images.length"), 0);
  await ben.clicks("button", "Approve");
  await ben.sees("Draft 1, Version 1: Approve");

  const later = await Reviewer.at(await stranger(), asked.link("Ada").url);
  await later.sees("This link is no longer good");
  const without = await Reviewer.at(await stranger(), `${studio.server.url}/review/`);
  await without.sees("This page opens from a review link.");
});

test("the address forgets the token, no request's line has it, and a reload still knows it", LIMIT, async () => {
  const asked = await review("Secret");
  const ada = await opens(asked, "Ada");
  const { token } = asked.link("Ada");
  assert.equal(await ada.evaluate("location.href"), `${studio.server.url}/review/`);
  assert.ok(ada.requests.every(({ url }) => !url.includes(token)));
  await ada.browser.ask("Page.reload");
  await ada.seesPictures();
});

test("the page's policy lets in no script, no code from a string and no markup", LIMIT, async () => {
  const ada = await opens(await review("Policy"), "Ada");
  const attempts: readonly [attempt: string, wanted: unknown][] = [
    ["(() => { const s = document.createElement('script'); try { s.textContent = 'window.ran = 1'; document.head.append(s); } catch {} return window.ran ?? 'not run'; })()", "not run"],
    ["(() => { try { document.body.innerHTML = '<p>x</p>'; return 'markup'; } catch (error) { return error.name; } })()", "TypeError"],
    ["(() => { try { return setTimeout('window.ran = 1') && 'set'; } catch (error) { return error.name; } })()", "TypeError"],
    ["fetch('https://example.org/').then(() => 'fetched', (error) => error.name)", "TypeError"],
  ];
  for (const [attempt, wanted] of attempts) assert.equal(await ada.evaluate(attempt), wanted, attempt);
  assert.equal(await ada.evaluate("document.querySelectorAll('[style]:not(.paper, .tile, .mark, .cross, .line, .stage)').length"), 0);
});
