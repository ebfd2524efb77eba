/** The negative prompt; greyed, with the reason, while CFG is 1 and nothing reads it. Its text stays. */
import { Hint } from "../controls/Hint.tsx";
import { readsNegative } from "../settings/negative.ts";
import { useStudio } from "../studio-context.tsx";
import { PromptBox } from "./PromptBox.tsx";
import css from "./panel.module.css";
import { UnknownNegative } from "./UnknownWords.tsx";

const hint = "What to keep out: every step leads away from it, the further the higher CFG is; at CFG 1 it is not read.";
const unread = "Not read at CFG 1. Balanced and Full, or a higher CFG, read it.";

export function NegativePrompt() {
  const negative = useStudio((state) => state.negative);
  const setNegative = useStudio((state) => state.setNegative);
  const read = useStudio(readsNegative);
  return (
    <Hint text={read ? hint : unread} side="right">
      <div data-unread={!read || undefined}>
        <PromptBox
          label="Negative prompt"
          describedBy="negative-hint"
          className={css.negative}
          rows={1}
          text={negative}
          placeholder={read ? "Negative prompt: what to keep out" : "Negative prompt: not read at CFG 1"}
          onText={setNegative}
        />
        {/* Seen only beside a text that it is about; the empty field says it itself. */}
        <span id="negative-hint" className={css.unread} hidden={read || negative === ""}>
          {read ? hint : unread}
        </span>
        {/* The first letter typed makes its room, so that nothing moves when it speaks. */}
        <div className={css.negativeRemark} hidden={!read || negative.trim() === ""}>
          <UnknownNegative />
        </div>
      </div>
    </Hint>
  );
}
