/** Writes a fake document as a real PSD: layers, groups, masks and notes, 8, 16 or 32 bit. Reference: Adobe Photoshop File Formats Specification. */

import { cropMask, whiteOf } from "../../src/host/capture";
import { KEY } from "../../src/host/layers";
import type { Pixels, Rect, Samples } from "../../src/host/host";
import { atDepth, canvasOf, colorChannels, composite, type FakeLayer, type FakeMask, isGroup, type Picture } from "./picture";

const MODES = { Gray: 1, RGB: 3, Lab: 9 } as const;
const EMPTY: Rect = { x: 0, y: 0, width: 0, height: 0 };
/** Section kinds of `lsct`: an open folder, and the hidden layer below its content. */
const OPEN_FOLDER = 1;
const BOUNDARY = 3;

/** The bytes of a .psd. Integers of 16 bit are stored as 0 .. 65535, as Photoshop stores its 0 .. 32768. */
export function writePsd(picture: Picture): Buffer {
  const { width, height, mode, depth } = picture;
  const all = composite(picture, canvasOf(picture));
  const header = Buffer.concat([
    Buffer.from("8BPS"), u16(1), Buffer.alloc(6), u16(all.channels), u32(height), u32(width), u16(depth), u16(MODES[mode]),
  ]);
  const layers = layerInfo(picture);
  const section =
    depth === 8
      ? Buffer.concat([sized(even(layers)), u32(0)])
      : Buffer.concat([u32(0), u32(0), block(depth === 16 ? "Lr16" : "Lr32", layers)]);
  const image = Buffer.concat([u16(0), ...planes(all)]);
  return Buffer.concat([header, u32(0), u32(0), sized(section), image]);
}

interface Entry {
  readonly layer: FakeLayer | null;
  /** What stands in `lsct`; 0 for a pixel layer. */
  readonly section: number;
}

/** Bottom to top, a group as its boundary, its layers, and then itself. */
function entriesOf(layers: readonly FakeLayer[]): Entry[] {
  return [...layers].reverse().flatMap((layer) =>
    isGroup(layer)
      ? [{ layer: null, section: BOUNDARY }, ...entriesOf(layer.layers), { layer, section: OPEN_FOLDER }]
      : [{ layer, section: 0 }],
  );
}

/** The number of layers is negative: the merged image's last channel is its transparency. */
function layerInfo(picture: Picture): Buffer {
  const entries = entriesOf(picture.layers).map((entry) => record(picture, entry));
  return Buffer.concat([i16(-entries.length), ...entries.map(({ head }) => head), ...entries.flatMap(({ data }) => data)]);
}

function record(picture: Picture, { layer, section }: Entry): { head: Buffer; data: Buffer[] } {
  const color = colorChannels(picture.mode);
  const pixels = layer?.pixels ?? null;
  const rect = pixels?.rect ?? EMPTY;
  const mask = layer?.mask ? { ...layer.mask, samples: atDepth(layer.mask.samples, picture.depth) } : null;
  const colors = pixels === null ? Array.from({ length: color + 1 }, () => Buffer.alloc(0)) : planes(pixels);
  const ids = [...Array.from({ length: color }, (_, index) => index), -1, ...(mask === null ? [] : [-2])];
  const channels = [...colors, ...(mask === null ? [] : planes(maskPixels(mask)))];
  const flags = (layer?.visible ?? true ? 0 : 2) | 8 | (section === 0 ? 0 : 16);
  const name = layer?.name ?? "</Layer group>";
  const blend = section === OPEN_FOLDER && layer?.blend === "passThrough" ? "pass" : "norm";
  const extra = Buffer.concat([
    maskData(mask),
    u32(0),
    pascal(name),
    block("luni", Buffer.concat([u32(name.length), utf16(name)])),
    section === 0 ? Buffer.alloc(0) : block("lsct", Buffer.concat([u32(section), Buffer.from(`8BIM${blend}`)])),
    layer === null ? Buffer.alloc(0) : block("lyid", u32(layer.id)),
    layer === null || layer.notes.size === 0 ? Buffer.alloc(0) : block("shmd", metadata(layer.notes.get(KEY) ?? "")),
  ]);
  const head = Buffer.concat([
    ...bounds(rect),
    u16(ids.length),
    ...ids.map((id, index) => Buffer.concat([i16(id), u32(2 + (channels[index]?.length ?? 0))])),
    Buffer.from(`8BIM${section === 0 ? "norm" : blend}`),
    Buffer.from([255, layer?.clipped ? 1 : 0, flags, 0]),
    sized(extra),
  ]);
  return { head, data: channels.map((plane) => Buffer.concat([u16(0), plane])) };
}

function maskPixels(mask: FakeMask): Pixels {
  return { rect: mask.region, channels: 1, samples: cropMask(mask, mask.region).samples };
}

function maskData(mask: FakeMask | null): Buffer {
  if (mask === null) return u32(0);
  return sized(Buffer.concat([...bounds(mask.region), Buffer.from([mask.outside === 0 ? 0 : 255, 0, 0, 0])]));
}

/** A layer's JSON inside `shmd`, in the descriptor that Photoshop keeps what plugins write on a whole document in. */
function metadata(json: string): Buffer {
  const text = Buffer.concat([Buffer.from("TEXT"), u32(json.length + 1), utf16(`${json}\0`)]);
  const inner = Buffer.concat([Buffer.from("Objc"), descriptor([["json", text]])]);
  const settings = Buffer.concat([Buffer.from("Objc"), descriptor([[KEY, inner]])]);
  const data = even4(Buffer.concat([u32(16), descriptor([["generatorSettings", settings]])]));
  return Buffer.concat([u32(1), Buffer.from("8BIMextn"), Buffer.from([0, 0, 0, 0]), sized(data)]);
}

function descriptor(items: readonly (readonly [string, Buffer])[]): Buffer {
  const fields = items.flatMap(([key, value]) => [id(key), value]);
  return Buffer.concat([u32(1), u16(0), id("null"), u32(items.length), ...fields]);
}

function id(key: string): Buffer {
  return Buffer.concat([u32(key.length === 4 ? 0 : key.length), Buffer.from(key)]);
}

/** One plane for each channel, big-endian. */
function planes({ channels, samples }: Pixels): Buffer[] {
  return Array.from({ length: channels }, (_, channel) => plane(samples, channel, channels));
}

function plane(samples: Samples, channel: number, channels: number): Buffer {
  const count = samples.length / channels;
  const target = Buffer.alloc(count * samples.BYTES_PER_ELEMENT);
  for (let pixel = 0; pixel < count; pixel++) {
    const value = samples[pixel * channels + channel] ?? 0;
    if (samples instanceof Uint8Array) target.writeUInt8(value, pixel);
    else if (samples instanceof Uint16Array) target.writeUInt16BE(Math.round((value * 65535) / whiteOf(samples)), 2 * pixel);
    else target.writeFloatBE(value, 4 * pixel);
  }
  return target;
}

function bounds({ x, y, width, height }: Rect): Buffer[] {
  return [u32(y), u32(x), u32(y + height), u32(x + width)];
}

function block(key: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`8BIM${key}`), sized(even4(data))]);
}

function sized(data: Buffer): Buffer {
  return Buffer.concat([u32(data.length), data]);
}

function even(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(data.length % 2)]);
}

function even4(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

/** Padded to four bytes; the real name stands in `luni`. */
function pascal(name: string): Buffer {
  const ascii = Buffer.from(name.replace(/[^ -~]/g, "?").slice(0, 255));
  return even4(Buffer.concat([Buffer.from([ascii.length]), ascii]));
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

function u16(value: number): Buffer {
  const target = Buffer.alloc(2);
  target.writeUInt16BE(value);
  return target;
}

function i16(value: number): Buffer {
  const target = Buffer.alloc(2);
  target.writeInt16BE(value);
  return target;
}

function u32(value: number): Buffer {
  const target = Buffer.alloc(4);
  target.writeInt32BE(value | 0);
  return target;
}
