/**
 * What ag-psd reads in a PSD: `node read_psd.mjs FILE FOLDER`. Prints JSON; samples are written to FOLDER as they come, one file
 * for each picture and mask, RGBA, in the machine's byte order.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initializeCanvas, readPsd } from "ag-psd";

function isTransparent(file) {
  return [2, 4].includes(file.readUInt16BE(12));
}

const noCanvas = () => {
  throw new Error("Pixels are read as they are, without a canvas.");
};
const imageData = (width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) });
initializeCanvas(noCanvas, imageData);

const [path, folder] = process.argv.slice(2);
const file = readFileSync(path);
const isDeep = file.readUInt16BE(22) > 8;
// ag-psd cannot take the merged picture off its white ground at more than 8 bit.
const psd = readPsd(file, { useImageData: true, skipCompositeImageData: isDeep && isTransparent(file) });
let count = 0;

function samples(data) {
  if (data === undefined) return null;
  const name = `${count++}.samples`;
  writeFileSync(join(folder, name), data.data);
  return { name, width: data.width, height: data.height, bytes: data.data.BYTES_PER_ELEMENT };
}

function told(layer) {
  const { name, left, top, right, bottom, blendMode, opacity, hidden, clipping, mask, imageData, children } = layer;
  const seen = mask && { ...mask, imageData: samples(mask.imageData) };
  return {
    name, left, top, right, bottom, blendMode, opacity, hidden, clipping,
    mask: seen, image: samples(imageData), children: children?.map(told),
  };
}

const { width, height, channels, bitsPerChannel, colorMode } = psd;
console.log(JSON.stringify({ width, height, channels, bitsPerChannel, colorMode, image: samples(psd.imageData), children: psd.children?.map(told) }));
