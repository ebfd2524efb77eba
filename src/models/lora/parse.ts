/**
 * Reads the layers of a LoRA file in each of its namings: kohya (`lora_unet_….lora_down.weight`), PEFT
 * (`unet.….lora_A.weight`), old diffusers (`….lora.down.weight`) and AnimateDiff's processors (`….processor.to_q_lora.down.weight`).
 * Source: kohya-ss/sd-scripts `networks/lora.py`, huggingface/peft, guoyww/AnimateDiff `convert_lora_safetensor_to_diffusers.py`.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { TensorRef, TensorTable } from "../tensors.ts";

export interface LoraLayer {
  /** The layer as the file calls it, without the role. */
  readonly name: string;
  /** [rank, in, …] */
  readonly down: TensorRef;
  /** [out, rank, …] */
  readonly up: TensorRef;
  /** [rank, rank, kh, kw] of a Tucker-decomposed convolution. */
  readonly mid: TensorRef | null;
  readonly alpha: TensorRef | null;
}

type Role = "down" | "up" | "mid" | "alpha";

const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/(?:\.lora_down|\.lora_A(?:\.default)?|\.lora\.down|\.lora_linear_layer\.down|_lora\.down)\.weight$/, "down"],
  [/(?:\.lora_up|\.lora_B(?:\.default)?|\.lora\.up|\.lora_linear_layer\.up|_lora\.up)\.weight$/, "up"],
  [/\.lora_mid\.weight$/, "mid"],
  [/\.alpha$/, "alpha"],
];

/** Relatives of LoRA that change weights by another formula. */
const OTHER_FORMS: readonly (readonly [RegExp, string])[] = [
  [/\.dora_scale$|\.lora_magnitude_vector/, "a DoRA (weight-decomposed LoRA)"],
  [/\.hada_(w|t)\d/, "a LoHa (Hadamard product)"],
  [/\.lokr_(w|t)\d/, "a LoKr (Kronecker product)"],
  [/\.oft_(blocks|diag)|\.oft_R/, "an OFT (orthogonal finetuning)"],
  [/\.on_input$/, "an IA³"],
  [/\.(a1|b1)\.weight$/, "a GLoRA"],
];

/** True if any tensor of the table belongs to a LoRA or a relative of it (LoHa, LoKr, …). */
export function looksLikeLora(table: TensorTable): boolean {
  for (const key of table.keys()) {
    if (roleOf(key)?.role === "down" || OTHER_FORMS.some(([pattern]) => pattern.test(key))) return true;
  }
  return false;
}

function roleOf(key: string): { role: Role; name: string } | null {
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

/**
 * Layers in the file's order.
 * @throws `lora/unsupported-form` for relatives of LoRA, `lora/incomplete` where a layer lacks one of its two factors
 */
export function parseLora(table: TensorTable, fileName: string): LoraLayer[] {
  const parts = new Map<string, Partial<Record<Role, TensorRef>>>();
  for (const [key, ref] of table) {
    const form = OTHER_FORMS.find(([pattern]) => pattern.test(key));
    if (form !== undefined) {
      throw new ZoetropeError("lora/unsupported-form", {
        message: `${fileName} is ${form[1]}, which Zoetrope cannot merge.`,
        hint: "Look for a plain LoRA or LoCon of the same subject, or convert it with the tool that made it.",
      });
    }
    const found = roleOf(key);
    if (found !== null) parts.set(found.name, { ...parts.get(found.name), [found.role]: ref });
  }
  const layers: LoraLayer[] = [];
  for (const [name, { down, up, mid = null, alpha = null }] of parts) {
    if (down === undefined && up === undefined) continue; // an alpha alone
    if (down === undefined || up === undefined) {
      throw new ZoetropeError("lora/incomplete", {
        message: `${fileName} holds only one half of the layer "${name}": ${down === undefined ? "down" : "up"} is missing.`,
        hint: "The file is incomplete. Download it again.",
      });
    }
    layers.push({ name, down, up, mid, alpha });
  }
  return layers;
}
