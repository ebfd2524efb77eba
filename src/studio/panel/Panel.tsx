/** The left side, in the order in which people change things: words, picture, look, models, sampling; and the dock, which stays in view. */
import { usePieces } from "../controls/use-pieces.ts";
import { Shelf } from "../shelf/Shelf.tsx";
import { GenerateDock } from "./GenerateDock.tsx";
import { PictureFields } from "./PictureFields.tsx";
import { PromptFields } from "./PromptFields.tsx";
import css from "./panel.module.css";
import { SamplingFields } from "./SamplingFields.tsx";

export function Panel() {
  // The pieces that take longest to render come one after the other, so that the page answers in between.
  const pieces = usePieces(3);
  return (
    <div className={css.panel}>
      <div className={css.scroll}>
        <PromptFields />
        {pieces > 0 && <PictureFields />}
        {pieces > 1 && (
          <section className={css.section} aria-label="Shelf">
            <Shelf />
          </section>
        )}
        {pieces > 2 && <SamplingFields />}
      </div>
      <GenerateDock />
    </div>
  );
}
