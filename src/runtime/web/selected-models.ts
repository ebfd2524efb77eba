/** Opens and composes the models that a render selects. The last selection stays open, so that generating again reads no file. */

import type { Lane } from "../../core/animation/lanes.ts";
import { type TunedClip, tunedUnet } from "../../models/tuned-clip.ts";
import type { LoraInUse, ModelSelection } from "../../protocol/engine.ts";
import { composeModels, type LoraChoice } from "../compose/compose.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { modelPartKey, tunedModel } from "../engine/shard-names.ts";
import type { Shelf } from "./library/shelf.ts";

export interface Selected {
  readonly selection: ModelSelection;
  /** Ids of the textual inversions that the prompts may call. */
  readonly embeddings: readonly string[];
  /** Ids of the control models. */
  readonly controls: readonly string[];
  /** Of the clip; those of LoRAs count here. Absent: none. */
  readonly lanes?: readonly Lane[];
}

export interface Composed {
  readonly models: ModelSet;
  readonly notices: readonly string[];
  /** Noise to begin with that came with the models (Tune-A-Video); null: the seed's. */
  readonly latents: TunedClip["latents"];
}

export class SelectedModels {
  #last: (Composed & { readonly key: string }) | null = null;

  async compose(selected: Selected, shelf: Shelf): Promise<Composed> {
    const { selection, embeddings, controls, lanes = [] } = selected;
    const key = JSON.stringify([selection, embeddings, controls, lanes]);
    if (this.#last?.key === key) return this.#last;
    const { checkpoint, preview } = await shelf.checkpoint(selection.checkpoint);
    const { motion, vae } = selection;
    const tuned = motion === null ? null : await shelf.tunedClip(motion);
    const items = lanes.length === 0 ? [] : await shelf.items();
    const nameOf = (id: string) => items.find((item) => item.id === id)?.name ?? id;
    const lora = async ({ id, ...strength }: LoraInUse): Promise<LoraChoice> => ({
      ...strength,
      id: await shelf.contentKey(id),
      lora: await shelf.lora(id),
      names: [nameOf(id), id],
    });
    const base = await shelf.contentKey(selection.checkpoint);
    const moving = motion === null || tuned !== null ? null : motion;
    const composed = composeModels({
      checkpoint: tuned === null ? checkpoint : { ...checkpoint, unet: tunedUnet(checkpoint.unet, tuned) },
      preview,
      controls: await Promise.all(controls.map((id) => shelf.control(id))),
      embeddings: await Promise.all(embeddings.map((id) => shelf.embedding(id))),
      motion: moving === null ? null : await shelf.motion(moving),
      vae: vae === null ? null : await shelf.vae(vae),
      loras: await Promise.all([...selection.loras, ...selection.motionLoras].map(lora)),
      lanes,
      keys: {
        unet: modelPartKey(tuned === null ? base : tunedModel(base, await shelf.contentKey(motion!)), "unet"),
        text: modelPartKey(base, "text"),
        vae: modelPartKey(vae ?? base, "vae"),
        motion: moving === null ? "" : modelPartKey(await shelf.contentKey(moving), "motion"),
      },
    });
    this.#last = { ...composed, latents: tuned?.latents ?? null, key };
    return this.#last;
  }

  /** To be called when a file may have been removed. */
  forget(): void {
    this.#last = null;
  }
}
