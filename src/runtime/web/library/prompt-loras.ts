/** Finds the LoRAs that a prompt names (`<lora:name:0.8>`) on the shelf, and adds them to the chosen ones. */

import { calledLoras, sameLora, unreadStrength, withCalled } from "../../../core/prompt/called-loras.ts";
import type { RenderSettings } from "../../../core/settings/render-settings.ts";
import type { LoraInUse, ModelSelection, ShelfItem } from "../../../protocol/engine.ts";

export interface PromptLoras {
  readonly selection: ModelSelection;
  /** A sentence for each name that is not on the shelf, and for each part of a call that is not read. */
  readonly notices: readonly string[];
}

export function promptLoras(settings: RenderSettings, selection: ModelSelection, shelf: readonly ShelfItem[]): PromptLoras {
  const notices: string[] = [];
  const called: Record<"lora" | "motion-lora", LoraInUse[]> = { lora: [], "motion-lora": [] };
  for (const { name, unread = [], ...strength } of calledLoras(settings)) {
    for (const part of unread) notices.push(unreadStrength(name, part));
    const item = shelf.find((i) => (i.kind === "lora" || i.kind === "motion-lora") && sameLora(i.name, name));
    if (item?.kind === "lora" || item?.kind === "motion-lora") called[item.kind].push({ id: item.id, ...strength });
    else notices.push(`There is no LoRA called ${name} on the shelf, so <lora:${name}> was left out.`);
  }
  const idOf = ({ id }: { id: string }) => id;
  const loras = withCalled(selection.loras, called.lora, idOf);
  const motionLoras = withCalled(selection.motionLoras, called["motion-lora"], idOf);
  return { selection: { ...selection, loras, motionLoras }, notices };
}
