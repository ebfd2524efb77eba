/** All earlier animations: searched, marked as favourites, chosen to be compared or deleted. */
import { Columns2, Search, Star, Trash2, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useDeferredValue, useState } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import { bytesWords } from "../import/amounts.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { HistoryCard } from "./HistoryCard.tsx";
import css from "./library.module.css";
import { findEntries } from "./search.ts";

/** More than these are too small to compare. */
const mostCompared = 9;

interface HistoryLibraryProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function HistoryLibrary({ open, onOpenChange }: HistoryLibraryProps) {
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={`${dialog.content} ${css.library}`} aria-describedby={undefined} {...returnFocus}>
          <Library onClose={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Library({ onClose }: { onClose: () => void }) {
  const history = useStudio((state) => state.history);
  const shown = useStudio((state) => state.clip?.id);
  const [words, setWords] = useState("");
  const [onlyFavourites, setOnlyFavourites] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const found = findEntries(history, { words: useDeferredValue(words), onlyFavourites });
  const choose = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  const there = chosen.filter((id) => history.some((entry) => entry.id === id));
  return (
    <>
      <div className={css.top}>
        <Dialog.Title className={dialog.title}>Animations</Dialog.Title>
        <label className={css.search}>
          <Search aria-hidden />
          <input
            type="search"
            aria-label="Search animations"
            placeholder="Words of the prompt, a model, a seed"
            value={words}
            onChange={({ target }) => setWords(target.value)}
          />
        </label>
        <button
          type="button"
          className={controls.icon}
          aria-label="Only favourites"
          title="Only favourites"
          aria-pressed={onlyFavourites}
          onClick={() => setOnlyFavourites(!onlyFavourites)}
        >
          <Star aria-hidden />
        </button>
        <Dialog.Close className={controls.icon} aria-label="Close">
          <X aria-hidden />
        </Dialog.Close>
      </div>
      {found.length === 0 ? (
        <p className={css.none}>{history.length === 0 ? "Nothing has been made yet." : "No animation is like that."}</p>
      ) : (
        <ul className={css.cards}>
          {found.map((entry) => (
            <HistoryCard
              key={entry.id}
              entry={entry}
              current={entry.id === shown}
              chosen={there.includes(entry.id)}
              onChoose={choose}
              onBroughtBack={onClose}
            />
          ))}
        </ul>
      )}
      <Footer chosen={there} onUnchoose={() => setChosen([])} onClose={onClose} />
    </>
  );
}

interface FooterProps {
  readonly chosen: readonly string[];
  readonly onUnchoose: () => void;
  readonly onClose: () => void;
}

function Footer({ chosen, onUnchoose, onClose }: FooterProps) {
  const history = useStudio((state) => state.history);
  const lasts = useStudio((state) => state.historyLasts);
  const actions = useActions();
  const [deleting, setDeleting] = useState(false);
  const bytes = history.reduce((sum, entry) => sum + entry.bytes, 0);
  const count = `${history.length} ${history.length === 1 ? "animation" : "animations"}`;
  return (
    <div className={css.footer}>
      <p className={css.total} role="status">
        {chosen.length > 0
          ? `${chosen.length} chosen`
          : lasts === false
            ? `${count}, only as long as this tab: this browser keeps none`
            : `${count}, ${bytesWords(bytes)} in this browser`}
      </p>
      {chosen.length > 0 && (
        <>
          <button type="button" className={controls.button} onClick={onUnchoose}>
            Choose none
          </button>
          <button type="button" className={controls.button} onClick={() => setDeleting(true)}>
            <Trash2 aria-hidden />
            Delete
          </button>
          <button
            type="button"
            className={controls.primary}
            disabled={chosen.length < 2 || chosen.length > mostCompared}
            onClick={() => {
              void actions.compare(chosen);
              onClose();
            }}
          >
            <Columns2 aria-hidden />
            Compare
          </button>
        </>
      )}
      <DeleteDialog ids={chosen} open={deleting} onOpenChange={setDeleting} />
    </div>
  );
}
