/** The review page: a reviewer's link, opened in a browser. */

import { set } from "./dom";
import { Line } from "./line";
import { over, Page, plainly } from "./page";
import { tokenOfTab } from "./token";
import { language, say } from "./words";

set(document.documentElement, "lang", language);
addEventListener("hashchange", () => location.reload()); // Another link in the same tab.
const token = tokenOfTab();
if (token === "") {
  over("over.none");
} else {
  plainly(say("page.loading"));
  void new Page(new Line(token, language)).follow();
}
