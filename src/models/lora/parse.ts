/**
 * Sorts the tensors of an adapter file by layer and role, in each of their namings: kohya (`lora_unet_….lora_down.weight`), PEFT
 * (`unet.….lora_A.weight`), old diffusers (`….lora.down.weight`), AnimateDiff's processors (`….processor.to_q_lora.down.weight`) and
 * LyCORIS (`….hada_w1_a`, `….lokr_w1`, `….oft_blocks`, `….diff`). Source: kohya-ss/sd-scripts `networks/lora.py`, huggingface/peft,
 * KohakuBlueleaf/LyCORIS, guoyww/AnimateDiff `convert_lora_safetensor_to_diffusers.py`.
 */

import type { TensorRef, TensorTable } from "../tensors.ts";
import type { LayerTensors, Role } from "./layer.ts";

const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/(?:\.lora_down|\.lora_A(?:\.[^.]+)?|\.lora\.down|\.lora_linear_layer\.down|_lora\.down)\.weight$/, "down"],
  [/(?:\.lora_up|\.lora_B(?:\.[^.]+)?|\.lora\.up|\.lora_linear_layer\.up|_lora\.up)\.weight$/, "up"],
  [/\.lora_mid\.weight$/, "mid"],
  [/\.alpha$/, "alpha"],
  [/\.dora_scale$|\.lora_magnitude_vector(?:\.[^.]+){0,2}$/, "magnitude"],
  [/\.ia3_l(?:\.default)?$/, "ia3_l"],
  [/\.on_input$/, "on_input"],
  [/\.diff$/, "diff"],
  [/\.diff_b$/, "diff_b"],
  [/\.w_norm$/, "w_norm"],
  [/\.b_norm$/, "b_norm"],
];

/** The names of these tensors are the names of their roles. Where PEFT has a name, the adapter's own may follow, mostly `.default`. */
const NAMED_ROLE = /\.((?:hada_(?:w[12]_[ab]|t[12]))|(?:lokr_(?:w[12](?:_[ab])?|t2))|oft_blocks|rescale)(?:\.default)?$/;
/** GLoRA's factors. */
const GLORA_ROLE = /\.([ab][12])\.weight$/;

/** Relatives of LoRA that are not read, by what a person calls them. */
const UNREAD_FORMS: readonly (readonly [RegExp, string])[] = [
  [/\.oft_diag$/, "OFT of LyCORIS before version 2"],
  [/\.oft_[rR]\b/, "OFT of PEFT, whose formula changed from version to version"],
  [/\.boft_[Rs]\b/, "BOFT of PEFT"],
  [/^(unet|text_encoder):\d+:(up|down)$/, "the numbered layers of the first LoRA tool (cloneofsimo/lora)"],
];

/** A textual inversion inside a LoRA file: `bundle_emb.NAME.string_to_param.*`. */
const BUNDLED = /^bundle_emb\./;
/** Tensors that other models have by these names, too. */
const COMMON: ReadonlySet<Role> = new Set(["alpha", "up", "rescale"]);
/** Constants that carry nothing to apply. */
const CONSTANT = /\.position_ids$/;

export interface ParsedAdapter {
  /** The layers in the file's order. */
  readonly layers: ReadonlyMap<string, LayerTensors>;
  /** Names of tensors in a form that is not read -> the form. */
  readonly unread: ReadonlyMap<string, string>;
  /** Names of tensors that have no role. */
  readonly strangers: readonly string[];
  readonly bundled: TensorTable;
}

/** True if any tensor of the table belongs to a LoRA or a relative of it (LoHa, LoKr, …). */
export function looksLikeLora(table: TensorTable): boolean {
  for (const key of table.keys()) {
    const found = roleOf(key);
    if ((found !== null && !COMMON.has(found.role)) || unreadForm(key) !== null) return true;
  }
  return false;
}

/** The form's name for a tensor that belongs to a relative of LoRA that is not read. */
function unreadForm(key: string): string | null {
  return UNREAD_FORMS.find(([pattern]) => pattern.test(key))?.[1] ?? null;
}

export function parseAdapter(table: TensorTable): ParsedAdapter {
  const layers = new Map<string, Partial<Record<Role, TensorRef>>>();
  const unread = new Map<string, string>();
  const strangers: string[] = [];
  const bundled = new Map<string, TensorRef>();
  const scaled = new Set([...table.keys()].filter((key) => key.endsWith(".on_input")).map((key) => key.slice(0, -9)));
  for (const [key, ref] of table) {
    // IA³ calls its factors `weight`, which only `on_input` beside it tells from a layer's own weights.
    const ia3 = key.endsWith(".weight") && scaled.has(key.slice(0, -7)) ? key.slice(0, -7) : null;
    const found = ia3 === null ? roleOf(key) : ({ role: "ia3", name: ia3 } as const);
    const form = unreadForm(key);
    if (BUNDLED.test(key)) bundled.set(key, ref);
    else if (form !== null) unread.set(key, form);
    else if (found !== null) layers.set(found.name, { ...layers.get(found.name), [found.role]: ref });
    else if (!CONSTANT.test(key)) strangers.push(key);
  }
  // Only rotations are rescaled.
  for (const { rescale, oft_blocks } of layers.values())
    if (rescale !== undefined && oft_blocks === undefined) strangers.push(rescale.info.name);
  return { layers, unread, strangers, bundled };
}

function roleOf(key: string): { role: Role; name: string } | null {
  const named = NAMED_ROLE.exec(key) ?? GLORA_ROLE.exec(key);
  if (named !== null) return { role: named[1] as Role, name: layerName(key.slice(0, named.index)) };
  for (const [pattern, role] of ROLES) {
    const found = pattern.exec(key);
    if (found !== null) return { role, name: layerName(key.slice(0, found.index)) };
  }
  return null;
}

/** `….attn1.processor.to_out` is the layer `….attn1.to_out.0`; in a text encoder, `….self_attn.to_q` is `….self_attn.q_proj`. */
function layerName(stem: string): string {
  return stem
    .replace(/\.processor\.(to_[qkv])$/, ".$1")
    .replace(/\.processor\.to_out$/, ".to_out.0")
    .replace(/\.self_attn\.to_([qkv])$/, ".self_attn.$1_proj")
    .replace(/\.self_attn\.to_out$/, ".self_attn.out_proj");
}
