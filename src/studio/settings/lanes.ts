/** Lanes of numbers on the timeline: what can have one, with its bounds and the number that it has in the panel. */
import { controlTarget, type Lane, laneOf } from "../../core/animation/lanes.ts";
import { isControl, isLora, loraWeightBounds } from "../store/selection.ts";
import { unusedLora } from "../store/shelf.ts";
import type { StudioState } from "../store/studio-store.ts";
import { type NumberFieldSpec, numberFields } from "./number-fields.ts";
import { controlWeightField, likenessWeightField } from "./picture-fields.ts";

export interface LaneChoice {
  readonly target: string;
  /** "CFG", "Control weight", "LoRA weight: neon". */
  readonly spec: Pick<NumberFieldSpec, "label" | "min" | "max" | "step" | "multipleOf">;
  /** As typed in the panel. */
  readonly now: string;
}

type Chosen = Pick<StudioState, "numbers" | "shelf" | "controls" | "ipAdapter" | "likenessWeight" | "loraUse">;

/** What may change over time now: CFG, the weights of the controls, of the pictures to look like, and of the LoRAs in use. */
export function laneChoices({ numbers, shelf, controls, ipAdapter, likenessWeight, loraUse }: Chosen): LaneChoice[] {
  const used = controls.filter(({ model }) => shelf.some((item) => isControl(item) && item.id === model));
  const likeness = shelf.some(({ kind, id }) => kind === "ip-adapter" && id === ipAdapter);
  const loras = shelf.filter((item) => isLora(item) && loraUse[item.id]?.enabled);
  return [
    { target: "cfg", spec: numberFields.cfgScale, now: numbers.cfgScale },
    ...used.map(({ weight }, i): LaneChoice => {
      const label = used.length === 1 ? controlWeightField.label : `${controlWeightField.label} ${i + 1}`;
      return { target: controlTarget(i), spec: { ...controlWeightField, label }, now: weight };
    }),
    ...(likeness ? [{ target: "ip", spec: likenessWeightField, now: likenessWeight }] : []),
    ...loras.map((item): LaneChoice => {
      const spec = { label: `LoRA weight: ${item.name}`, ...loraWeightBounds };
      return { target: `lora:${item.name}`, spec, now: (loraUse[item.id] ?? unusedLora(item)).weight };
    }),
  ];
}

/** What a lane changes; one of something that is not in use any more has the bounds of a weight. */
export function choiceOf(choices: readonly LaneChoice[], { target, keys }: Lane): LaneChoice {
  const found = choices.find((choice) => choice.target.toLowerCase() === target.toLowerCase());
  return found ?? { target, spec: { label: target, ...loraWeightBounds }, now: String(keys[0]!.value) };
}

/** Replaces the lane of the same target; one without keys goes. */
export function withLane(lanes: readonly Lane[], lane: Lane): Lane[] {
  const place = lanes.findIndex(({ target }) => target === lane.target);
  if (lane.keys.length === 0) return lanes.filter(({ target }) => target !== lane.target);
  return place < 0 ? [...lanes, lane] : lanes.with(place, lane);
}

/** The lanes of a clip of so many frames: keys behind its end do not count, unless all are. */
export function lanesWithin(lanes: readonly Lane[], frames: number): Lane[] {
  return lanes.map(({ target, keys }) => {
    const inside = keys.filter(({ frame }) => frame < frames);
    return { target, keys: inside.length > 0 ? inside : [{ frame: 0, value: keys[0]!.value }] };
  });
}

/** Whether the number in the panel rests, because a lane has its place. */
export function isInLane(lanes: readonly Lane[], target: string): boolean {
  return laneOf(lanes, target) !== null;
}
