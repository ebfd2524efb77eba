/** `<lora:name:0.8>` in a prompt: finds the named LoRAs on the shelf and adds them to the chosen ones. */

import { parsePrompt } from "../../core/prompt/weights.ts";
import type { ModelSelection, ShelfItem } from "../../protocol/engine.ts";
import type { RenderSettings } from "../../protocol/render.ts";

export interface PromptLoras {
  readonly selection: ModelSelection;
  /** A sentence for each name that is not on the shelf. */
  readonly notices: readonly string[];
}

/** A mention weighs more than the shelf's slider: it replaces the weight of a LoRA that is already chosen. */
export function promptLoras(settings: RenderSettings, selection: ModelSelection, shelf: readonly ShelfItem[]): PromptLoras {
  if (settings.promptSyntax === "plain") return { selection, notices: [] };
  const texts = [settings.prompt, ...settings.promptAt.map(({ text }) => text)];
  const notices: string[] = [];
  let { loras, motionLoras } = selection;
  for (const { name, weight } of texts.flatMap((text) => parsePrompt(text).loras)) {
    const item = shelf.find((i) => (i.kind === "lora" || i.kind === "motion-lora") && sameName(i.name, name));
    if (item === undefined) notices.push(`There is no LoRA called ${name} on the shelf, so <lora:${name}> was left out.`);
    else if (item.kind === "lora") loras = [...loras.filter(({ id }) => id !== item.id), { id: item.id, weight }];
    else motionLoras = [...motionLoras.filter(({ id }) => id !== item.id), { id: item.id, weight }];
  }
  return { selection: { ...selection, loras, motionLoras }, notices };
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
