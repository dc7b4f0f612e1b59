/** Matrix profiles by name, for the conversions that Photoshop makes when samples are tagged with another profile. */

import { whiteOf, zerosLike } from "../../src/host/capture";
import type { Samples } from "../../src/host/host";

type Matrix = readonly (readonly number[])[];

interface Profile {
  /** Linear RGB to XYZ (D50), from Bruce Lindbloom's tables. */
  readonly toXyz: Matrix;
  readonly gamma: number;
}

const PROFILES: Record<string, Profile> = {
  "sRGB IEC61966-2.1": {
    toXyz: [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]],
    gamma: 2.2,
  },
  "Adobe RGB (1998)": {
    toXyz: [[0.6097559, 0.2052401, 0.149224], [0.3111242, 0.625656, 0.0632197], [0.0194811, 0.0608902, 0.7448387]],
    gamma: 563 / 256,
  },
  "ProPhoto RGB": {
    toXyz: [[0.7976749, 0.1351917, 0.0313534], [0.2880402, 0.7118741, 0.0000857], [0, 0, 0.82521]],
    gamma: 1.8,
  },
};

/** RGB samples (with or without alpha) of one profile in another. Throws for names that are not installed. */
export function convert(samples: Samples, channels: number, from: string, to: string): Samples {
  const source = profile(from);
  const target = profile(to);
  const across = multiply(inverse(target.toXyz), source.toXyz);
  const white = whiteOf(samples);
  const result = zerosLike(samples, samples.length);
  result.set(samples);
  for (let at = 0; at < samples.length; at += channels) {
    const linear = [0, 1, 2].map((channel) => Math.pow((samples[at + channel] ?? 0) / white, source.gamma));
    across.forEach((row, channel) => {
      const value = row.reduce((sum, weight, index) => sum + weight * (linear[index] ?? 0), 0);
      result[at + channel] = Math.round(white * Math.min(1, Math.pow(Math.max(0, value), 1 / target.gamma)));
    });
  }
  return result;
}

function profile(name: string): Profile {
  const found = PROFILES[name];
  if (found === undefined) throw new Error(`The profile "${name}" is not installed.`);
  return found;
}

function multiply(a: Matrix, b: Matrix): number[][] {
  return a.map((row) => [0, 1, 2].map((column) => row.reduce((sum, value, index) => sum + value * (b[index]?.[column] ?? 0), 0)));
}

function inverse(matrix: Matrix): number[][] {
  const m = (row: number, column: number): number => matrix[row % 3]?.[column % 3] ?? 0;
  const minor = (r: number, c: number): number => m(r + 1, c + 1) * m(r + 2, c + 2) - m(r + 1, c + 2) * m(r + 2, c + 1);
  const determinant = m(0, 0) * minor(0, 0) + m(0, 1) * minor(0, 1) + m(0, 2) * minor(0, 2);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => minor(column, row) / determinant));
}

/** How much light a grey sample of 0 .. 1 stands for. */
const GRAYS: Record<string, number> = { "Gray Gamma 2.2": 2.2, "Dot Gain 15%": 1.66 };

/** Grey samples of one profile in another; without a name they stay as they are. */
export function convertGray(samples: Samples, from: string, to: string): Samples {
  if (from === "" || from === to) return samples.slice();
  const [source, target] = [GRAYS[from], GRAYS[to]];
  if (source === undefined || target === undefined) throw new Error(`The profile "${from}" is not installed.`);
  const white = whiteOf(samples);
  const round = white === 1 ? (value: number) => value : Math.round;
  return samples.map((value) => round(white * Math.pow(value / white, source / target)));
}
