/** The fake's imaging module: it trims, clips, keeps the document's depth, and counts images that nobody disposes of. */

import { copyRect, intersection, tighten } from "../../src/host/capture";
import type { Mask, Pixels, Rect, Samples } from "../../src/host/host";
import type { FakePhotoshop } from "./photoshop";
import { atDepth, canvasOf, colorChannels, composite, coverage, isGroup, trimmed, withoutAlpha } from "./picture";
import { png } from "./png";
import { convert, convertGray } from "./profiles";

const SPACES = { RGB: "RGB", Gray: "Grayscale", Lab: "Lab" } as const;
const MEMORY_LIMIT = 600 * 1024 * 1024;

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Image {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly colorSpace: string;
  readonly colorProfile: string;
  readonly componentSize: number;
  getData(options?: object): Promise<Samples>;
  dispose(): Promise<void>;
}

interface PutOptions {
  readonly documentID: number;
  readonly layerID: number;
  readonly imageData: Image;
  readonly replace?: boolean;
  readonly targetBounds?: { readonly left: number; readonly top: number };
}

interface GetOptions {
  readonly documentID: number;
  readonly layerID?: number;
  readonly sourceBounds?: Bounds;
  readonly componentSize?: number;
  readonly colorProfile?: string;
  readonly colorSpace?: string;
  readonly applyAlpha?: boolean;
  readonly targetSize?: { readonly width?: number; readonly height?: number };
}

export function fakeImaging(fake: FakePhotoshop): object {
  function image(samples: Samples, width: number, height: number, components: number, colorSpace: string, colorProfile: string): Image {
    if (samples.length !== width * height * components) throw new Error("The buffer's length does not match its size.");
    let held: Samples | null = samples;
    fake.images++;
    fake.memoryBytes += samples.byteLength;
    if (fake.memoryBytes > MEMORY_LIMIT) throw new Error("Plugin exceeds memory limit. Currently used memory 600");
    return {
      width, height, components, colorSpace, colorProfile,
      componentSize: 8 * samples.BYTES_PER_ELEMENT,
      async getData() {
        if (held === null) throw new Error("The image data was disposed of.");
        return held.slice();
      },
      async dispose() {
        if (held === null) return;
        fake.images--;
        fake.memoryBytes -= held.byteLength;
        held = null;
      },
    };
  }

  function asked(document: { picture: { width: number; height: number } }, bounds: Bounds | undefined): Rect {
    const canvas = canvasOf(document.picture);
    if (bounds === undefined) return canvas;
    const rect = { x: bounds.left, y: bounds.top, width: bounds.right - bounds.left, height: bounds.bottom - bounds.top };
    if (![rect.x, rect.y, rect.width, rect.height].every(Number.isInteger)) throw new Error("Bounds are not whole numbers.");
    const clipped = intersection(rect, canvas);
    if (clipped === null) throw new Error("The bounds lie outside the canvas.");
    return clipped;
  }

  const boundsOf = ({ x, y, width, height }: Rect): Bounds => ({ left: x, top: y, right: x + width, bottom: y + height });
  /** Faults of Photoshop on soft values, on the way in and out. */
  const bent = (samples: Samples, way: "in" | "out"): Samples => {
    const white = full(samples);
    const step = fake.faults.has("mask values shift") ? 3 / 255 : fake.faults.has("mask values shift slightly") ? 1 / 512 : 0;
    const whole = samples.map((value) => {
      const inverted = fake.faults.has("soft values are inverted") && value > 0 && value < white ? white - value : value;
      return way === "in" && inverted > 0 && inverted < white ? Math.min(white, inverted + Math.round(step * white)) : inverted;
    }) as Samples;
    if (!fake.faults.has("soft values are converted")) return whole;
    return way === "in" ? convertGray(whole, "Gray Gamma 2.2", "Dot Gain 15%") : convertGray(whole, "Dot Gain 15%", "Gray Gamma 2.2");
  };
  const gray = ({ region, samples }: Mask) => ({
    imageData: image(bent(samples, "out"), region.width, region.height, 1, "Grayscale", fake.switches.maskProfile),
    sourceBounds: boundsOf(region),
  });
  const maskDepth = (depth: 8 | 16 | 32) => (fake.switches.maskDepth === "8" ? 8 : depth);

  async function maskFrom({ imageData, targetBounds }: PutOptions, depth: 8 | 16 | 32): Promise<Mask> {
    if (imageData.components !== 1) throw new Error("A mask has one component.");
    const region = { x: targetBounds?.left ?? 0, y: targetBounds?.top ?? 0, width: imageData.width, height: imageData.height };
    const samples = convertGray(await imageData.getData(), imageData.colorProfile, fake.switches.maskProfile);
    return { region, samples: atDepth(bent(samples, "in"), maskDepth(depth)) };
  }

  return {
    async getPixels(options: GetOptions) {
      fake.inModal("getPixels");
      const document = fake.open(options.documentID);
      const { picture } = document;
      const rect = asked(document, options.sourceBounds);
      const layer = options.layerID === undefined ? null : fake.layer(document, options.layerID);
      if (layer !== null && (isGroup(layer) || layer.kind === "adjustment")) throw new Error("The layer has no pixels.");
      if (options.componentSize !== undefined && options.componentSize !== picture.depth) throw new Error("Error Code -1");
      const bottom = picture.layers.at(-1);
      const isOpaque = layer === null ? bottom?.isBackground === true && bottom.visible : layer.isBackground;
      const all = layer === null ? composite(picture, rect) : layer.pixels && copyRect(layer.pixels, rect);
      const held = all && (isOpaque ? withoutAlpha(all) : trimmed(all));
      if (held === null) {
        if (fake.switches.emptyRead === "throws") throw new Error("There are no pixels.");
        const none = atDepth(new Uint8Array(0), picture.depth);
        const empty = image(none, 0, 0, colorChannels(picture.mode) + 1, SPACES[picture.mode], picture.profile);
        return { imageData: empty, sourceBounds: { left: 0, top: 0, right: 0, bottom: 0 }, level: 0 };
      }
      const profile = options.colorProfile ?? picture.profile;
      const samples = profile === picture.profile ? held.samples.slice() : convert(held.samples, held.channels, picture.profile, profile);
      const read = scaled(shown({ ...held, samples }, colorChannels(picture.mode), options), options.targetSize);
      const { width, height } = read.rect;
      const space = options.colorSpace ?? SPACES[picture.mode];
      return { imageData: image(read.samples, width, height, read.channels, space, profile), sourceBounds: boundsOf(held.rect), level: 0 };
    },

    async putPixels(options: PutOptions) {
      fake.inModal("putPixels");
      const document = fake.open(options.documentID);
      const { picture } = document;
      const layer = fake.layer(document, options.layerID);
      if (layer.kind !== "pixel") throw new Error("Pixels go on pixel layers only.");
      if (layer.locked || layer.isBackground) throw new Error("The layer is locked.");
      if (!layer.visible) throw new Error("The layer is hidden.");
      const { imageData } = options;
      if (imageData.colorSpace !== SPACES[picture.mode]) fake.violate(`${imageData.colorSpace} into ${picture.mode}`);
      let samples = atDepth(await imageData.getData(), picture.depth);
      if (imageData.colorProfile !== "" && imageData.colorProfile !== picture.profile) {
        samples = convert(samples, imageData.components, imageData.colorProfile, picture.profile);
      }
      const at = options.targetBounds ?? { left: 0, top: 0 };
      const rect = { x: at.left, y: at.top, width: imageData.width, height: imageData.height };
      const given: Pixels = { rect, channels: imageData.components, samples };
      if (options.replace === false) fake.violate("putPixels without replace");
      const channels = colorChannels(picture.mode);
      layer.pixels = trimmed(given.channels === channels ? opaque(given) : given);
      fake.record(document, "Pixel");
    },

    async getLayerMask(options: GetOptions & { layerID: number }) {
      fake.inModal("getLayerMask");
      const document = fake.open(options.documentID);
      const layer = fake.layer(document, options.layerID);
      const { mask } = layer;
      if (isGroup(layer) && fake.faults.has("group masks cannot be read")) throw new Error("The mask cannot be read.");
      if (mask === null) throw new Error("The layer has no mask.");
      const rect = asked(document, options.sourceBounds);
      return gray({ region: rect, samples: coverage(mask, rect) });
    },

    async putLayerMask(options: PutOptions) {
      fake.inModal("putLayerMask");
      const document = fake.open(options.documentID);
      const layer = fake.layer(document, options.layerID);
      if (layer.isBackground) throw new Error("The Background takes no mask.");
      const put = await maskFrom(options, document.picture.depth);
      const outside = full(put.samples);
      layer.mask = { ...put, outside: options.replace === false && layer.mask !== null ? layer.mask.outside : outside };
      fake.record(document, "Ebenenmaske");
    },

    async getSelection(options: GetOptions) {
      fake.inModal("getSelection");
      const document = fake.open(options.documentID);
      const { selection } = document.picture;
      if (selection === null) throw new Error("There is no selection.");
      const rect = asked(document, options.sourceBounds);
      const whole = { region: rect, samples: coverage({ ...selection, outside: 0 }, rect) };
      return gray(fake.switches.selectionRead === "trimmed" ? (tighten(whole) ?? whole) : whole);
    },

    async putSelection(options: PutOptions) {
      fake.inModal("putSelection");
      const document = fake.open(options.documentID);
      document.picture.selection = tighten(await maskFrom(options, document.picture.depth));
      fake.record(document, "Auswahl");
    },

    async encodeImageData({ imageData, base64 }: { imageData: Image; base64?: boolean }) {
      const { width, height, components, componentSize, colorSpace } = imageData;
      if (componentSize !== 8 || components !== 3 || colorSpace !== "RGB" || base64 !== true) {
        fake.violate(`encoding ${components} components of ${componentSize} bit in ${colorSpace}`);
      }
      return png({ width, height, rgb: (await imageData.getData()) as Uint8Array }); // Photoshop's is a JPEG; an <img> looks what it is.
    },

    async createImageDataFromBuffer(samples: Samples, options: { width: number; height: number; components: number; colorSpace: string; colorProfile?: string; fullRange?: boolean }) {
      if (options.fullRange === true) fake.violate("fullRange, which is no identity");
      return image(samples.slice(), options.width, options.height, options.components, options.colorSpace, options.colorProfile ?? "");
    },
  };
}

/** What is shown where alpha is put on white, or another colour space is asked for. Lab's lightness alone is shown. */
function shown({ rect, channels, samples }: Pixels, colors: number, { applyAlpha, colorSpace }: GetOptions): Pixels {
  if (colorSpace === undefined && applyAlpha !== true) return { rect, channels, samples };
  const white = full(samples);
  const target = atDepth(new Uint8Array(rect.width * rect.height * 3), samples instanceof Uint8Array ? 8 : samples instanceof Uint16Array ? 16 : 32);
  for (let at = 0; at < target.length; at++) {
    const [pixel, channel] = [Math.floor(at / 3), at % 3];
    const alpha = channels > colors ? (samples[pixel * channels + colors] ?? 0) / white : 1;
    target[at] = (samples[pixel * channels + (colors === 3 ? channel : 0)] ?? 0) * alpha + white * (1 - alpha);
  }
  return { rect, channels: 3, samples: target };
}

/** The nearest pixels at another size; one side decides where only one is named. */
function scaled(pixels: Pixels, size: GetOptions["targetSize"]): Pixels {
  const { rect, channels, samples } = pixels;
  const scale = Math.min(1, size?.width === undefined ? (size?.height ?? rect.height) / rect.height : size.width / rect.width);
  const [width, height] = [Math.max(1, Math.round(rect.width * scale)), Math.max(1, Math.round(rect.height * scale))];
  if (scale === 1) return pixels;
  const target = samples.slice(0, width * height * channels);
  for (let at = 0; at < target.length; at++) {
    const pixel = Math.floor(at / channels);
    const [x, y] = [Math.floor(((pixel % width) + 0.5) / scale), Math.floor((Math.floor(pixel / width) + 0.5) / scale)];
    target[at] = samples[(Math.min(rect.height - 1, y) * rect.width + Math.min(rect.width - 1, x)) * channels + (at % channels)] ?? 0;
  }
  return { rect: { ...rect, width, height }, channels, samples: target };
}

function full(samples: Samples): number {
  return samples instanceof Uint8Array ? 255 : samples instanceof Uint16Array ? 32768 : 1;
}

function opaque(pixels: Pixels): Pixels {
  const { rect, channels, samples } = pixels;
  const target = atDepth(new Uint8Array(rect.width * rect.height * (channels + 1)), samples instanceof Uint8Array ? 8 : samples instanceof Uint16Array ? 16 : 32);
  for (let at = 0; at < target.length; at++) {
    const [pixel, channel] = [Math.floor(at / (channels + 1)), at % (channels + 1)];
    target[at] = channel === channels ? full(samples) : (samples[pixel * channels + channel] ?? 0);
  }
  return { rect, channels: channels + 1, samples: target };
}
