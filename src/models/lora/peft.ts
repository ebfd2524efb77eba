/**
 * PEFT's settings of an adapter: in adapter_config.json as `lora_alpha` with exceptions in `alpha_pattern`; in the metadata that
 * diffusers writes the same with the component before them, `unet.lora_alpha`. Source: huggingface/peft `tuners/lora/config.py`.
 */

type Settings = Readonly<Record<string, unknown>>;

export interface PeftSettings {
  /** null: the settings say nothing of it. */
  alpha(layer: string): number | null;
  /** alpha / rank, or alpha / √rank where the settings say `use_rslora`. */
  scale(layer: string, alpha: number, rank: number): number;
  /** Settings that are not obeyed, as sentences. */
  readonly notices: readonly string[];
}

export function peftSettings(settings: Settings): PeftSettings {
  const of = (layer: string, name: string) => {
    const component = /^(unet|text_encoder)\./.exec(pathOf(layer))?.[1];
    return settings[`${component}.${name}`] ?? settings[name];
  };
  return {
    alpha: (layer) => {
      const pattern = of(layer, "alpha_pattern");
      if (typeof pattern === "object" && pattern !== null) {
        const path = pathOf(layer);
        for (const [key, value] of Object.entries(pattern)) {
          if (typeof value === "number" && (path === key || path.endsWith(`.${key}`))) return value;
        }
      }
      const alpha = of(layer, "lora_alpha") ?? of(layer, "alpha");
      return typeof alpha === "number" ? alpha : null;
    },
    scale: (layer, alpha, rank) => alpha / (of(layer, "use_rslora") === true ? Math.sqrt(rank) : rank),
    notices: Object.entries(settings).flatMap(([name, value]) => unreadPatterns(name, value)),
  };
}

function pathOf(layer: string): string {
  return layer.replace(/^base_model\.model\./, "");
}

/** PEFT reads the keys of a pattern as regular expressions; only names are read here. */
function unreadPatterns(name: string, value: unknown): string[] {
  if (!name.endsWith("alpha_pattern") || typeof value !== "object" || value === null) return [];
  return Object.keys(value)
    .filter((key) => /[^\w.]/.test(key))
    .map((key) => `the ${name} "${key}" of its settings was not used, because only plain names are read`);
}
