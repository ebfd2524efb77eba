/** The actions of the shelf: choose, switch and remove models. */
import { ZoetropeError } from "../../core/errors.ts";
import type { Speed } from "../../core/settings/speed.ts";
import type { PictureSize, ShelfItem } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import type { NumberName } from "../settings/number-fields.ts";
import { chooseSpeed, switchLora, typeNumber } from "../settings/run-speed.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { type ChosenKind, chooseModel } from "./choose-model.ts";
import { tellOtherTabs } from "./other-tabs.ts";
import { readShelf } from "./read-shelf.ts";

/** A removal that takes longer than this waits for another tab, and the person is told. */
const longRemovalMs = 2000;

export function shelfActions(store: StudioStore, engine: EngineClient) {
  return {
    /** Chooses a model, applies its settings, and chooses a partner that fits it. */
    chooseModel: (kind: ChosenKind, id: string | null) => chooseModel(store, kind, id),
    /** Switches a LoRA; one that needs other sampling settings applies them, and restores the old ones when switched off. */
    switchLora: (item: ShelfItem, enabled: boolean) => switchLora(store, item, enabled),
    /** Draws in full, balanced or fast. */
    chooseSpeed: (speed: Speed) => chooseSpeed(store, speed),
    /** Sets a number as typed; more guidance than a few-steps LoRA allows switches that LoRA off. */
    typeNumber: (name: NumberName, text: string) => typeNumber(store, name, text),

    /** What a ControlNet sees of a picture through a preprocessor of the shelf: RGBA of this size. */
    drawPicture: (id: string, picture: Blob, size: PictureSize) => engine.drawPicture(id, picture, size),

    async removeModel(item: ShelfItem): Promise<void> {
      const { job, tell } = store.getState();
      // The engine does one thing at a time, and it waits until no other tab uses the model.
      const running = job.status === "running";
      const when = running ? "when the animation is finished" : "as soon as no other tab uses it any longer";
      const telling = setTimeout(
        () => tell("done", { message: `${item.name} goes ${when}.`, hint: "" }),
        running ? 0 : longRemovalMs,
      );
      try {
        await engine.remove(item.id);
        store.getState().announce(`${item.name} removed`);
      } catch (thrown) {
        store.getState().tell("error", ZoetropeError.from(thrown));
      } finally {
        clearTimeout(telling);
      }
      await readShelf(store, engine);
      tellOtherTabs();
    },
  };
}
