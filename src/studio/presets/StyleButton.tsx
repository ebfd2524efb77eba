/** Puts a style on, or takes it off. */
import { Check } from "lucide-react";
import type { Style } from "../../storage/preset-store.ts";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./presets.module.css";
import { isStyled } from "./styled.ts";

type Words = Pick<Style, "name" | "prompt" | "negative">;

interface StyleButtonProps {
  readonly style: Words;
  /** Styles that it takes the place of. */
  readonly insteadOf?: readonly Words[];
  /** Its words that the checkpoint does not know. */
  readonly unknown?: readonly string[];
}

export function StyleButton({ style, insteadOf = [], unknown = [] }: StyleButtonProps) {
  const on = useStudio((state) => isStyled(state, style));
  const actions = useActions();
  return (
    <Hint text={[style.prompt, style.negative === "" ? "" : `not: ${style.negative}`].filter((text) => text !== "").join(" · ")}>
      <button type="button" className={css.apply} aria-pressed={on} onClick={() => actions.toggleStyle(style, insteadOf)}>
        <Check className={css.on} aria-hidden />
        <span>
          {style.name}
          {unknown.length > 0 && <span className={css.unknown}> Not known: {unknown.join(", ")}</span>}
        </span>
      </button>
    </Hint>
  );
}
