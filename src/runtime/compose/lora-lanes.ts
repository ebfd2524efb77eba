/** LoRAs whose weight changes over the frames: they run beside the UNet and the motion module, whose layers take a factor of each frame. */

import { type Lane, laneTarget, laneValues } from "../../core/animation/lanes.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { sameLora } from "../../core/prompt/called-loras.ts";
import type { RenderSettings } from "../../core/settings/render-settings.ts";
import type { Lora } from "../../models/lora/load.ts";
import type { MatchedLora } from "../../models/lora/match.ts";
import { canRunBeside } from "../../models/lora/side-branch.ts";
import { floats, type HostTensor } from "../engine/backend.ts";

interface Named {
  readonly lora: Lora;
  readonly names?: readonly string[];
}

/** The lane of each LoRA; null: its weight stays. @throws ZoetropeError `settings/lane` for a lane of a LoRA that is not in use */
export function loraLanes(loras: readonly Named[], lanes: readonly Lane[]): (Lane | null)[] {
  const found = loras.map((): Lane | null => null);
  for (const lane of lanes) {
    const target = laneTarget(lane.target);
    if (target?.kind !== "lora") continue;
    const index = loras.findIndex(({ lora, names = [] }) => [lora.name, ...names].some((name) => sameLora(name, target.name)));
    if (index < 0) {
      throw new ZoetropeError("settings/lane", {
        message: `A lane changes the weight of the LoRA ${target.name}, which is not in use.`,
        hint: "Switch the LoRA on, or take the lane off.",
      });
    }
    found[index] = lane;
  }
  return found;
}

/** @throws ZoetropeError `settings/lane` for a LoRA that can only be merged into the weights, which all frames share */
export function checkCanMove({ matched }: { readonly matched: MatchedLora }): void {
  const merges = matched.deltas.some((delta) => delta.component !== "textEncoder" && !canRunBeside(delta));
  if (!merges) return;
  throw new ZoetropeError("settings/lane", {
    message: `The weight of ${matched.lora.name} cannot change over time: it changes layers in a form that is merged into the weights, which all frames share.`,
    hint: "Take its lane off, or use a LoRA of the plain form.",
  });
}

/** The factors of every frame [F, 1 + lanes]: 1 for the LoRAs whose weight stays, then one for each that changes. */
export function frameFactors(lanes: readonly Lane[], { frames, loop }: Pick<RenderSettings, "frames" | "loop">): HostTensor {
  const columns = [new Float32Array(frames).fill(1), ...lanes.map((lane) => laneValues(lane, frames, loop))];
  const data = new Float32Array(frames * columns.length);
  for (const [i, column] of columns.entries())
    for (let frame = 0; frame < frames; frame++) data[frame * columns.length + i] = column[frame]!;
  return floats(data, [frames, columns.length]);
}
