/** Phrases as chips under a heading; a press puts one into the prompt. */
import { useRoving } from "../controls/use-roving.ts";
import css from "./vocabulary.module.css";

interface PhraseChipsProps {
  readonly title: string;
  readonly phrases: readonly string[];
  readonly onChoose: (phrase: string) => void;
}

export function PhraseChips({ title, phrases, onChoose }: PhraseChipsProps) {
  const roving = useRoving(phrases.length);
  if (phrases.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={css.heading}>{title}</h3>
      <fieldset className={css.chips} aria-label={title} {...roving.list}>
        {phrases.map((phrase, place) => (
          <button
            key={phrase}
            type="button"
            className={css.chip}
            tabIndex={roving.tabIndex(place)}
            onClick={() => onChoose(phrase)}
          >
            {phrase}
          </button>
        ))}
      </fieldset>
    </section>
  );
}
