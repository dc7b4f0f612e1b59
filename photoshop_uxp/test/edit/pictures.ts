/** Pictures to edit, and how two of them differ. */

import assert from "node:assert/strict";
import { whiteOf } from "../../src/host/capture";
import { CANVAS, picture, REGION } from "../../self_test/expect";
import type { DocumentHandle, Mask, Pixels } from "../../src/host/host";
import type { Host } from "../../src/host/photoshop";
import type { Kind } from "../../self_test/stage";

/** A picture with a stranger in the middle of the selection, so that erasing it shows. */
export function original(kind: Kind): Pixels {
  const { rect, channels, samples } = picture(kind, CANVAS, 1);
  const white = whiteOf(samples);
  for (let y = REGION.y + 2; y < REGION.y + REGION.height - 2; y += 1) {
    for (let x = REGION.x + 2; x < REGION.x + REGION.width - 2; x += 1) {
      samples.fill(white, (y * CANVAS.width + x) * channels, (y * CANVAS.width + x + 1) * channels);
    }
  }
  return { rect, channels, samples };
}

/** What the whole document looks like. */
export function compositeOf(host: Host, document: DocumentHandle): Promise<Pixels> {
  const { width, height } = host.facts(document);
  return host.readComposite(document, { x: 0, y: 0, width, height }, []);
}

/** How many samples differ outside a mask, and the largest difference inside, in units of white. */
export function differences(before: Pixels, after: Pixels, mask: Mask): { readonly outside: number; readonly inside: number } {
  assert.equal(after.channels, before.channels);
  const { region } = mask;
  let outside = 0;
  let inside = 0;
  before.samples.forEach((sample, at) => {
    const pixel = Math.floor(at / before.channels);
    const [x, y] = [(pixel % before.rect.width) - region.x, Math.floor(pixel / before.rect.width) - region.y];
    const isWithin = x >= 0 && y >= 0 && x < region.width && y < region.height;
    const difference = Math.abs(sample - (after.samples[at] ?? NaN));
    if (!isWithin || mask.samples[y * region.width + x] === 0) {
      outside += difference === 0 ? 0 : 1;
    } else {
      inside = Math.max(inside, difference / whiteOf(before.samples));
    }
  });
  return { outside, inside };
}
