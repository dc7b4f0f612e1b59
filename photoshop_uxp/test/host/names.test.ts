/** What documents are called beside each other. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { toldApart } from "../../src/host/names";

test("documents of one name are told apart by their folders, and by numbers where that is not enough", () => {
  const several = [
    { name: "spring.psd", path: "/photos/spring.psd" },
    { name: "final.psd", path: "/photos/shoe/final.psd" },
    { name: "final.psd", path: "C:\\work\\bag\\final.psd" },
    { name: "Untitled", path: "" },
    { name: "Untitled", path: "" },
    { name: "hat.psd", path: "/a/x/hat.psd" },
    { name: "hat.psd", path: "/b/x/hat.psd" },
  ];
  assert.deepEqual(toldApart(several), ["spring.psd", "final.psd (shoe)", "final.psd (bag)", "Untitled 1", "Untitled 2", "hat.psd (x) 1", "hat.psd (x) 2"]);
});
