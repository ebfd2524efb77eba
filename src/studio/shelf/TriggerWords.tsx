/** The words that trigger a model's learned concept. */
import { Hint } from "../controls/Hint.tsx";
import { useStudio } from "../studio-context.tsx";
import css from "./shelf.module.css";

/** A click adds the word to the prompt. */
export function TriggerWords({ words }: { words: readonly string[] }) {
  const prompt = useStudio((state) => state.prompt);
  const setPrompt = useStudio((state) => state.setPrompt);
  return (
    <div className={css.words}>
      {words.map((word) => (
        <Hint key={word} text="Add this word to the prompt: the model was trained with it.">
          <button
            type="button"
            className={css.word}
            disabled={prompt.includes(word)}
            onClick={() => setPrompt(`${prompt}, ${word}`)}
          >
            {word}
          </button>
        </Hint>
      ))}
    </div>
  );
}
