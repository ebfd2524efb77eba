/** What should be drawn and what should not, with a few examples to start from. */

import { examples } from "../settings/examples.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

export function PromptFields() {
  const prompt = useStudio((state) => state.prompt);
  const negative = useStudio((state) => state.negative);
  const setPrompt = useStudio((state) => state.setPrompt);
  const setNegative = useStudio((state) => state.setNegative);
  return (
    <section className={css.section} aria-label="Words">
      <label className={css.heading} htmlFor="prompt">
        Prompt
      </label>
      <textarea
        id="prompt"
        className={css.prompt}
        rows={3}
        value={prompt}
        placeholder="What should move, how, and in front of what"
        onChange={({ target }) => setPrompt(target.value)}
      />
      <div className={css.examples}>
        <span>Try a</span>
        {examples.map((example) => (
          <button
            key={example.title}
            type="button"
            className={css.example}
            aria-label={`Example: ${example.prompt}`}
            aria-pressed={prompt === example.prompt}
            onClick={() => setPrompt(example.prompt)}
          >
            {example.title}
          </button>
        ))}
      </div>
      <textarea
        className={css.negative}
        rows={1}
        aria-label="Negative prompt"
        value={negative}
        placeholder="Negative prompt: what to keep out"
        onChange={({ target }) => setNegative(target.value)}
      />
    </section>
  );
}
