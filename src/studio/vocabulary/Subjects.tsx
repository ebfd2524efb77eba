/** Subjects as pictures, in their groups; a press puts one into the prompt. */
import { type CSSProperties, memo } from "react";
import { usePieces } from "../controls/use-pieces.ts";
import { useRoving } from "../controls/use-roving.ts";
import type { KnownWords } from "../store/vocabulary.ts";
import type { FoundSubject, SubjectGroup } from "./search-words.ts";
import css from "./vocabulary.module.css";

interface SubjectsProps {
  readonly known: KnownWords;
  readonly groups: readonly SubjectGroup[];
  readonly onChoose: (name: string) => void;
}

export function Subjects({ known, groups: all, onChoose }: SubjectsProps) {
  const groups = all.slice(0, usePieces(all.length, 1));
  const count = groups.reduce((sum, { subjects }) => sum + subjects.length, 0);
  const first = groups.map((_, i) => groups.slice(0, i).reduce((sum, { subjects }) => sum + subjects.length, 0));
  const roving = useRoving(count);
  return (
    <fieldset className={css.subjects} aria-label="Things" {...roving.list}>
      {groups.map(({ name, subjects }, group) => (
        <section key={name} aria-label={name}>
          <h3 className={css.heading}>{name}</h3>
          <ul className={css.tiles}>
            {subjects.map((subject, i) => (
              <Tile
                key={subject.place}
                known={known}
                subject={subject}
                tabIndex={roving.tabIndex(first[group]! + i)}
                onChoose={onChoose}
              />
            ))}
          </ul>
        </section>
      ))}
    </fieldset>
  );
}

interface TileProps {
  readonly known: KnownWords;
  readonly subject: FoundSubject;
  readonly tabIndex: 0 | -1;
  readonly onChoose: (name: string) => void;
}

/** There may be more than a thousand, of which two change when the focus moves. */
const Tile = memo(function Tile({ known, subject, tabIndex, onChoose }: TileProps) {
  const { name, words, synonyms } = subject;
  const others = [...words, ...synonyms];
  return (
    <li>
      <button
        type="button"
        className={css.tile}
        tabIndex={tabIndex}
        title={others.length === 0 ? undefined : `Also: ${others.join(", ")}`}
        onClick={() => onChoose(name)}
      >
        <span className={css.picture} style={pictureStyle(known, subject.place)} />
        <span className={css.name}>{name}</span>
      </button>
    </li>
  );
});

/** Cuts the picture out of the sheet, which is as many pictures wide as it has columns. */
function pictureStyle({ list, sheet }: KnownWords, place: number): CSSProperties {
  const columns = Math.min(list.thumbnails.columns, list.subjects.length);
  const rows = Math.ceil(list.subjects.length / list.thumbnails.columns);
  const share = (at: number, of: number) => (of > 1 ? `${(100 * at) / (of - 1)}%` : "0");
  return {
    backgroundImage: `url("${sheet}")`,
    backgroundSize: `${100 * columns}% ${100 * rows}%`,
    backgroundPosition: `${share(place % list.thumbnails.columns, columns)} ${share(Math.floor(place / list.thumbnails.columns), rows)}`,
  };
}
