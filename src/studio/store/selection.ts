/** Turns the choice on the shelf into the selection that the engine gets, and into the names that a person knows. */
import { type Lane, laneOf } from "../../core/animation/lanes.ts";
import type { RestoredSettings } from "../../media/settings-text.ts";
import type { ModelNames, ModelSelection, PreprocessorModel, RenderRequest, ShelfItem } from "../../protocol/engine.ts";

export const emptySelection = { checkpoint: null, motion: null, vae: null } as const;

export const loraWeightBounds = { min: -2, max: 2, step: 0.05, multipleOf: 0.01 } as const;

export interface LoraUse {
  readonly enabled: boolean;
  /** As typed; -2 to 2. */
  readonly weight: string;
}

export interface Choice {
  readonly shelf: readonly ShelfItem[];
  readonly checkpoint: string | null;
  readonly motion: string | null;
  readonly vae: string | null;
  readonly loraUse: Readonly<Record<string, LoraUse>>;
}

export function isLora(item: ShelfItem): boolean {
  return item.kind === "lora" || item.kind === "motion-lora";
}

/** What the drawing can be set in motion by: a motion module, or a clip that a checkpoint was tuned on. */
export function isMotion(item: ShelfItem): boolean {
  return item.kind === "motion" || item.kind === "tuned-clip";
}

export function isControl(item: ShelfItem): boolean {
  return item.kind === "controlnet" || item.kind === "sparsectrl" || item.kind === "t2i-adapter";
}

/** null while there is no checkpoint. LoRAs at weight 0 are left out, because they change nothing, unless a lane raises it. */
export function selectionOf(choice: Choice, lanes: readonly Lane[] = []): ModelSelection | null {
  if (choice.checkpoint === null) return null;
  const used = (kind: ShelfItem["kind"]) =>
    choice.shelf
      .filter((item) => item.kind === kind && choice.loraUse[item.id]?.enabled)
      .map(({ id, name }) => ({ id, name, weight: Number(choice.loraUse[id]?.weight.replace(",", ".")) }))
      .filter(({ name, weight }) => Number.isFinite(weight) && (weight !== 0 || laneOf(lanes, `lora:${name}`) !== null))
      .map(({ id, weight }) => ({ id, weight }));
  return {
    checkpoint: choice.checkpoint,
    motion: choice.motion,
    vae: choice.vae,
    loras: used("lora"),
    motionLoras: used("motion-lora"),
  };
}

export function namesOf(
  { models, control, moreControls = [], likeness }: RenderRequest,
  shelf: readonly ShelfItem[],
): ModelNames {
  const name = (id: string) => shelf.find((item) => item.id === id)?.name ?? id;
  const used = control === undefined ? [] : [control, ...moreControls];
  const preprocessors = used.map(({ preprocessor }) => (typeof preprocessor === "object" ? name(preprocessor.id) : null));
  return {
    checkpoint: name(models.checkpoint),
    motion: models.motion === null ? null : name(models.motion),
    loras: [...models.loras, ...models.motionLoras].map(({ id, weight }) => ({ name: name(id), weight })),
    ...(models.vae === null ? {} : { vae: name(models.vae) }),
    ...(control === undefined ? {} : { control: name(control.model) }),
    ...(moreControls.length === 0 ? {} : { moreControls: moreControls.map(({ model }) => name(model)) }),
    ...(preprocessors.every((each) => each === null) ? {} : { preprocessors }),
    ...(likeness === undefined ? {} : { ipAdapter: name(likeness.model) }),
  };
}

/** The selection and the other models that `restored` names, as far as the shelf has them, and the names that the shelf lacks. */
export function selectionByName(
  restored: RestoredSettings,
  choice: Choice,
): {
  selection: ModelSelection | null;
  controls: readonly (string | null)[];
  /** By control; undefined: it is shown through none, or none that is here. */
  preprocessors: readonly (PreprocessorModel | undefined)[];
  ipAdapter: string | null;
  missing: string[];
} {
  const missing: string[] = [];
  const find = (name: string, fits: (item: ShelfItem) => boolean) => {
    const item = choice.shelf.find((candidate) => fits(candidate) && candidate.name === name);
    if (item === undefined) missing.push(name);
    return item;
  };
  const ofKind = (kind: ShelfItem["kind"]) => (item: ShelfItem) => item.kind === kind;
  const named = (name: string, kind: ShelfItem["kind"]) => find(name, ofKind(kind))?.id;

  const checkpoint = restored.checkpoint === undefined ? undefined : named(restored.checkpoint, "checkpoint");
  const motion = typeof restored.motion === "string" ? find(restored.motion, isMotion)?.id : restored.motion;
  const loras = restored.loras.flatMap(({ name, weight }) => {
    const item = find(name, isLora);
    return item === undefined ? [] : [{ id: item.id, kind: item.kind, weight }];
  });
  const vae = typeof restored.vae === "string" ? (named(restored.vae, "vae") ?? null) : restored.vae;
  const controls = (restored.controls ?? []).map(({ model }) => find(model, isControl)?.id ?? null);
  const preprocessors = (restored.controls ?? []).map(({ drawnBy }) => {
    const id = drawnBy === undefined ? undefined : named(drawnBy, "preprocessor");
    return id === undefined ? undefined : { id };
  });
  const ipAdapter = restored.likeness ? (named(restored.likeness.model, "ip-adapter") ?? null) : null;
  const kept = checkpoint ?? choice.checkpoint;
  if (kept === null) return { selection: null, controls, preprocessors, ipAdapter, missing };
  return {
    selection: {
      checkpoint: kept,
      motion: motion === undefined ? choice.motion : motion,
      vae: vae === undefined ? choice.vae : vae,
      loras: loras.filter(({ kind }) => kind === "lora").map(({ id, weight }) => ({ id, weight })),
      motionLoras: loras.filter(({ kind }) => kind === "motion-lora").map(({ id, weight }) => ({ id, weight })),
    },
    controls,
    preprocessors,
    ipAdapter,
    missing,
  };
}
