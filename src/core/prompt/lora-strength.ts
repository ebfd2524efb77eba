/**
 * The strength of a LoRA as AUTOMATIC1111's web UI and its extension LoRA Block Weight write it, after the name: numbers by place (text
 * encoder, UNet) or by name (`te=`, `unet=`), and weights of the UNet's blocks as a preset, a list or `lbw=`.
 * Source: AUTOMATIC1111 `extensions-builtin/Lora/extra_networks_lora.py`, hako-mikan/sd-webui-lora-block-weight.
 */

export interface LoraStrength {
  /** For the UNet and the motion module; 1 applies the LoRA as trained. */
  readonly weight: number;
  /** For the text encoder; absent: as `weight`. */
  readonly textWeight?: number;
  /** Factors of the 26 blocks BASE (text encoder), IN00 … IN11, MID, OUT00 … OUT11; absent: all 1. */
  readonly blocks?: readonly number[];
}

export interface ParsedStrength extends LoraStrength {
  /** Parts that nothing here reads, such as `start=4`. */
  readonly unread?: readonly string[];
}

const BLOCKS = 26;
/** Where the 17 numbers of a plain LoRA belong among the 26: the blocks with transformers. Other blocks get 0. */
const SHORT_LIST = [0, 2, 3, 5, 6, 8, 9, 13, 17, 18, 19, 20, 21, 22, 23, 24, 25];

const ones = (...at: readonly (readonly [from: number, to: number])[]) =>
  SHORT_LIST.map((_, i) => (i === 0 || at.some(([from, to]) => i >= from && i < to) ? 1 : 0));

/** The presets that LoRA Block Weight comes with, over the 17 blocks. */
const PRESETS: Readonly<Record<string, readonly number[]>> = {
  NONE: SHORT_LIST.map(() => 0),
  ALL: SHORT_LIST.map(() => 1),
  INS: ones([1, 4]),
  IND: ones([4, 7]),
  INALL: ones([1, 7]),
  MIDD: ones([4, 12]),
  OUTD: ones([8, 12]),
  OUTS: ones([12, 17]),
  OUTALL: ones([8, 17]),
  "ALL0.5": SHORT_LIST.map(() => 0.5),
};

/**
 * @param parts the texts between the colons that follow the name; none: strength 1
 * @returns null where a part that should be a number is none
 */
export function parseStrength(parts: readonly string[]): ParsedStrength | null {
  const numbers: number[] = [];
  const named = new Map<string, string>();
  const unread: string[] = [];
  let blocks: readonly number[] | null = null;
  for (const [i, part] of parts.map((text) => text.trim()).entries()) {
    const [, key, value = ""] = /^([a-z]+)=(.*)$/i.exec(part) ?? [];
    if (key !== undefined && ["te", "unet"].includes(key.toLowerCase())) named.set(key.toLowerCase(), value);
    else if (key?.toLowerCase() === "lbw" || (key === undefined && i > 0 && blocksOf(part) !== null)) {
      const found = blocksOf(key === undefined ? part : value);
      if (found === null) unread.push(part);
      else blocks = found;
    } else if (key !== undefined) unread.push(part);
    else if (part === "") continue;
    else if (Number.isFinite(Number(part)) && numbers.length < 2) numbers.push(Number(part));
    else if (i === 0) return null;
    else unread.push(part);
  }
  const text = named.has("te") ? number(named.get("te")!) : (numbers[0] ?? null);
  const unet = named.has("unet") ? number(named.get("unet")!) : (numbers[1] ?? text ?? 1);
  if (Number.isNaN(text) || Number.isNaN(unet)) return null;
  return {
    weight: unet,
    ...((text ?? 1) === unet ? {} : { textWeight: text ?? 1 }),
    ...(blocks === null ? {} : { blocks }),
    ...(unread.length === 0 ? {} : { unread }),
  };
}

/** NaN where the text is no number. */
function number(text: string): number {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? Number.NaN : value;
}

/** A preset's name, 17 or 26 numbers; null for anything else (random and computed weights among them). */
function blocksOf(text: string): readonly number[] | null {
  const list = PRESETS[text.toUpperCase()] ?? (text.includes(",") ? text.split(",").map(number) : []);
  if (list.some(Number.isNaN)) return null;
  if (list.length === BLOCKS) return list;
  if (list.length !== SHORT_LIST.length) return null;
  const all = new Array<number>(BLOCKS).fill(0);
  for (const [i, at] of SHORT_LIST.entries()) all[at] = list[i]!;
  return all;
}
