/** Opens what the checkpoint knows, where it brings a list; what is chosen there goes where the cursor is. */
import { LayoutGrid } from "lucide-react";
import type { RefObject } from "react";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import { listOf } from "../vocabulary/load-words.ts";
import css from "./panel.module.css";

/** @param typed whether the person has been in the field, so that it has a cursor */
export function KnownWordsButton({ typed }: { readonly typed: RefObject<boolean> }) {
  const actions = useActions();
  const brings = useStudio((state) => listOf(state.checkpoint) !== null);
  const model = useStudio(({ shelf, checkpoint }) => shelf.find(({ id }) => id === checkpoint)?.name ?? "Mini");
  if (!brings) return null;
  const open = () => {
    const field = document.getElementById("prompt");
    const place =
      typed.current && field instanceof HTMLTextAreaElement ? { start: field.selectionStart, end: field.selectionEnd } : null;
    actions.openWords(place);
  };
  return (
    <Hint text="Pictures and words of everything it can draw, to put into the prompt.">
      <button type="button" className={css.knows} aria-haspopup="dialog" onClick={open}>
        <LayoutGrid aria-hidden />
        What {model} knows
      </button>
    </Hint>
  );
}
