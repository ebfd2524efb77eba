/** The controls as the request has them, or the reason why they cannot be used. */
import type { ControlPictures } from "../../protocol/engine.ts";
import { parseNumber } from "../settings/number-fields.ts";
import { controlEndField, controlStartField, controlWeightField } from "../settings/picture-fields.ts";
import { isControl } from "../store/selection.ts";
import type { StudioState } from "../store/studio-store.ts";

const SHOWN_AS = "Shown as";

export type ControlsResult =
  | { readonly ok: true; readonly controls: readonly ControlPictures[] }
  | { readonly ok: false; readonly message: string; readonly field: string | null };

export function controlsOf({ shelf, controls }: Pick<StudioState, "shelf" | "controls">): ControlsResult {
  const used: ControlPictures[] = [];
  for (const { model: id, pictures, preprocessor, ...texts } of controls) {
    const model = shelf.find((item) => isControl(item) && item.id === id);
    if (model === undefined) continue;
    if (pictures === null) {
      const message = `Drop the picture that ${model.name} is to follow, or set Control to None.`;
      return { ok: false, message, field: null };
    }
    const numbers: Record<string, number> = {};
    for (const [name, spec] of [
      ["weight", controlWeightField],
      ["start", controlStartField],
      ["end", controlEndField],
    ] as const) {
      const parsed = parseNumber(texts[name], spec);
      if (!parsed.ok) return { ok: false, message: parsed.message, field: spec.label };
      numbers[name] = parsed.value;
    }
    if (typeof preprocessor === "object" && !shelf.some(({ id }) => id === preprocessor.id)) {
      const message = `The preprocessor that draws for ${model.name} is no longer here. Add its file again, or choose another.`;
      return { ok: false, message, field: SHOWN_AS };
    }
    const { weight, start = 0, end = 1 } = numbers;
    if (start >= end) {
      const message = `${model.name} would act from ${start} to ${end} of the steps, which is never.`;
      return { ok: false, message, field: controlEndField.label };
    }
    used.push({
      ...pictures,
      model: model.id,
      weight: weight!,
      ...(start === 0 && end === 1 ? {} : { start, end }),
      ...(preprocessor === "none" || model.kind === "sparsectrl" ? {} : { preprocessor }),
    });
  }
  return { ok: true, controls: used };
}
