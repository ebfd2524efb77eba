/** The pictures to look like as the request has them, or the reason why they cannot be used. */
import type { LikenessPictures } from "../../protocol/engine.ts";
import { isInLane } from "../settings/lanes.ts";
import { parseNumber } from "../settings/number-fields.ts";
import { likenessEndWeightField, likenessWeightField } from "../settings/picture-fields.ts";
import type { StudioState } from "../store/studio-store.ts";

export type LikenessResult =
  /** null: no IP-Adapter is chosen. */
  | { readonly ok: true; readonly likeness: LikenessPictures | null }
  | { readonly ok: false; readonly message: string; readonly field: string | null };

export function likenessOf(
  state: Pick<
    StudioState,
    "shelf" | "lanes" | "ipAdapter" | "imageEncoder" | "likeness" | "likenessWeight" | "likenessEndWeight"
  >,
): LikenessResult {
  const adapter = state.shelf.find(({ kind, id }) => kind === "ip-adapter" && id === state.ipAdapter);
  if (adapter === undefined) return { ok: true, likeness: null };
  const refuse = (message: string, field: string | null = null) => ({ ok: false, message, field }) as const;
  const encoders = state.shelf.filter(({ kind }) => kind === "image-encoder");
  const encoder = encoders.find(({ id }) => id === state.imageEncoder) ?? encoders[0];
  if (encoder === undefined)
    return refuse(`${adapter.name} looks through a CLIP image encoder, which is not on the shelf: add its file, too.`);
  if (state.likeness === null) return refuse(`Drop the picture to look like for ${adapter.name}, or set Look like to None.`);
  const weight = parseNumber(state.likenessWeight, likenessWeightField);
  if (!weight.ok) return refuse(weight.message, likenessWeightField.label);
  const chosen = { ...state.likeness, model: adapter.id, encoder: encoder.id, weight: weight.value };
  // A lane has the place of both numbers.
  if (state.likenessEndWeight.trim() === "" || isInLane(state.lanes, "ip")) return { ok: true, likeness: chosen };
  const end = parseNumber(state.likenessEndWeight, likenessEndWeightField);
  if (!end.ok) return refuse(end.message, likenessEndWeightField.label);
  return { ok: true, likeness: { ...chosen, endWeight: end.value } };
}
