/** Phrases as chips under a heading; a press puts one into the prompt. */
import { Roving } from "./Roving.tsx";
import css from "./vocabulary.module.css";

interface PhraseChipsProps {
  readonly title: string;
  readonly phrases: readonly string[];
  readonly onChoose: (phrase: string) => void;
}

export function PhraseChips({ title, phrases, onChoose }: PhraseChipsProps) {
  if (phrases.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className={css.heading}>{title}</h3>
      <Roving className={css.chips} label={title} count={phrases.length}>
        {(tabIndexOf) =>
          phrases.map((phrase, place) => (
            <button key={phrase} type="button" className={css.chip} tabIndex={tabIndexOf(place)} onClick={() => onChoose(phrase)}>
              {phrase}
            </button>
          ))
        }
      </Roving>
    </section>
  );
}
