/** The styles that ship with the page, and the words of each that the chosen checkpoint does not know. */
import { useStudio } from "../studio-context.tsx";
import { listOf } from "../vocabulary/load-words.ts";
import { chosenName, useUnknownIn, useWordList } from "../vocabulary/use-unknown-in.ts";
import { type BuiltInStyle, builtInStyles } from "./built-in-styles.ts";
import css from "./presets.module.css";
import { StyleButton } from "./StyleButton.tsx";

export function BuiltInStyles() {
  const lists = useStudio((state) => listOf(state.checkpoint) !== null);
  const model = useStudio(chosenName);
  const unknownOf = useUnknownWordsOf();
  return (
    <>
      <h4 className={css.subheading} id="built-in-styles">
        Built in
      </h4>
      <p className={css.about}>
        Made for Stable Diffusion models that you add; one at a time.
        {lists && ` ${model} does not know most of their words.`}
      </p>
      <ul className={css.list} aria-labelledby="built-in-styles">
        {builtInStyles.map((style) => (
          <li key={style.name} className={css.row}>
            <StyleButton style={style} insteadOf={builtInStyles} unknown={unknownOf(style)} />
          </li>
        ))}
      </ul>
    </>
  );
}

function useUnknownWordsOf(): (style: BuiltInStyle) => readonly string[] {
  const prompt = useStudio((state) => state.prompt);
  const keyframes = useStudio((state) => state.keyframes);
  useWordList(true);
  const unknownIn = useUnknownIn({ prompt, keyframes });
  return ({ prompt: words }) =>
    unknownIn((syntax) => ({ prompt: words.replace("{prompt}", ""), promptAt: [], ...syntax })).map(({ text }) => text);
}
