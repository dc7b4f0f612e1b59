/** Forms and wishes for tests, as a server describes them. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FieldKind, FieldSchema, Needs, type VerbForm, VerbFormSchema } from "../src/gen/inlay/v1/verbs_pb";
import { type FieldValue, type Landing, PLAIN, type Wish } from "../src/wish";

export function field(path: string, kind: FieldKind, more: MessageInitShape<typeof FieldSchema> = {}): MessageInitShape<typeof FieldSchema> {
  return { path, kind, title: path, ...more };
}

export function form(id: string, more: MessageInitShape<typeof VerbFormSchema> = {}): VerbForm {
  const title = id.charAt(0).toUpperCase() + id.slice(1);
  const fields = [field("words.prompt", FieldKind.TEXT), field("sampling.seed", FieldKind.SEED, { maximum: 2 ** 32 - 1 })];
  return create(VerbFormSchema, { id, title, needs: Needs.SELECTION, fields, ...more });
}

/** A wish in short; what is not named is as a form begins. */
export interface Short {
  readonly verb?: string;
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly tier?: string;
  readonly strength?: number;
  readonly count?: number;
  readonly seed?: number;
  readonly growPx?: number;
  readonly featherPx?: number;
  readonly targetColor?: string;
  readonly landing?: Partial<Landing>;
  readonly inverts?: boolean;
  readonly more?: Readonly<Record<string, FieldValue>>;
}

export function wish({ verb = "erase", landing = {}, inverts = false, more = {}, ...asked }: Short = {}): Wish {
  const values = {
    "words.prompt": asked.prompt ?? "",
    "words.negative_prompt": asked.negativePrompt ?? "",
    "words.target_color": asked.targetColor ?? "",
    "sampling.tier": asked.tier ?? "draft",
    "sampling.strength": asked.strength ?? 1,
    "sampling.count": asked.count ?? 2,
    "sampling.seed": asked.seed ?? 5,
    "where.grow_px": asked.growPx ?? 0,
    "where.feather_px": asked.featherPx ?? 0,
    ...more,
  };
  return { form: form(verb, { inverts }), values, ...PLAIN, ...landing };
}

/** A wish for the invented verb (tests/support/invented_verb.py), whose engines finish drafts. */
export function weather(asked: Short = {}): Wish {
  const options = { kind: "snow", density: 0.5, thunder: false, tint: "#2060C0" };
  const more = Object.fromEntries(Object.entries(options).map(([name, value]) => [`options.${name}`, value]));
  return wish({ verb: "weather", ...asked, more: { ...more, "sampling.model": "clouds", ...asked.more } });
}
