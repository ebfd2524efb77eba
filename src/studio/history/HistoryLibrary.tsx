/** The library of all earlier animations, with search, favourites, comparison and deletion. */
import { Columns2, Star, Trash2, Undo2, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useDeferredValue, useRef, useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { doubleClickMs } from "../controls/double-click.ts";
import { focusDialog } from "../controls/focus-dialog.ts";
import { SearchField } from "../controls/SearchField.tsx";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { HistoryTile } from "./HistoryTile.tsx";
import { removalWords } from "./keep-history.ts";
import css from "./library.module.css";
import { findEntries } from "./search.ts";

/** More animations than this would be too small to compare. */
const mostCompared = 9;

export function HistoryLibrary() {
  const open = useStudio((state) => state.openPanel === "animations");
  const setOpenPanel = useStudio((state) => state.setOpenPanel);
  const onOpenChange = (next: boolean) => setOpenPanel(next ? "animations" : null);
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content
          className={`${dialog.content} ${css.library}`}
          aria-describedby={undefined}
          onEscapeKeyDown={(event) => {
            if (event.target instanceof Element && event.target.hasAttribute("data-keeps-escape")) event.preventDefault();
          }}
          {...returnFocus}
          onOpenAutoFocus={(event) => {
            returnFocus.onOpenAutoFocus();
            // On a touch screen, focus in the search would open a keyboard over the pictures.
            if (matchMedia("(pointer: coarse)").matches) focusDialog(event);
          }}
        >
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
  // A search hides tiles, and nobody should delete what is out of sight.
  const there = chosen.filter((id) => found.some((entry) => entry.id === id));
  const actions = useActions();
  const tiles = useRef<HTMLUListElement>(null);
  const deletedAt = useRef(Number.NEGATIVE_INFINITY);
  /** The next tile takes the deleted tile's place and gets the focus, but ignores the second half of a double click. */
  const remove = (ids: readonly string[]) => {
    const now = performance.now();
    if (now - deletedAt.current < doubleClickMs) return;
    deletedAt.current = now;
    const place = found.findIndex(({ id }) => ids.includes(id));
    const left = found.filter(({ id }) => !ids.includes(id));
    const next = left[Math.min(place, left.length - 1)]?.id;
    void actions.removeFromHistory(ids);
    const tile = tiles.current?.querySelector<HTMLElement>(`[data-id="${next}"] button`);
    (tile ?? tiles.current?.closest<HTMLElement>("[role=dialog]"))?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea") !== null;
    if (typing || event.key.toLowerCase() !== "z" || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void actions.undoRemoval();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that bubble up from what is in it
    <div className={css.inside} onKeyDown={onKeyDown}>
      <div className={css.top}>
        <Dialog.Title className={dialog.title}>Animations</Dialog.Title>
        <SearchField
          label="Search animations"
          placeholder="Words of the prompt, a model, a seed"
          words={words}
          onWords={setWords}
          className={css.search}
        />
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
        <ul ref={tiles} className={css.tiles}>
          {found.map((entry) => (
            <HistoryTile
              key={entry.id}
              entry={entry}
              current={entry.id === shown}
              chosen={there.includes(entry.id)}
              onChoose={choose}
              onShown={onClose}
              onDelete={(id) => remove([id])}
            />
          ))}
        </ul>
      )}
      <Footer chosen={there} onUnchoose={() => setChosen([])} onDelete={() => remove(there)} onClose={onClose} />
    </div>
  );
}

interface FooterProps {
  readonly chosen: readonly string[];
  readonly onUnchoose: () => void;
  readonly onDelete: () => void;
  readonly onClose: () => void;
}

function Footer({ chosen, onUnchoose, onDelete, onClose }: FooterProps) {
  const removal = useStudio((state) => state.removals.at(-1));
  const total = useTotalWords();
  // One status region for all states, because screen readers announce only changes inside an existing one.
  const words = chosen.length > 0 ? `${chosen.length} chosen` : removal !== undefined ? removalWords(removal) : total;
  return (
    <div className={css.footer}>
      <p className={css.total} role="status">
        {words}
      </p>
      {chosen.length > 0 ? (
        <ChosenButtons chosen={chosen} onUnchoose={onUnchoose} onDelete={onDelete} onClose={onClose} />
      ) : (
        removal !== undefined && <UndoButton />
      )}
    </div>
  );
}

/** "12 animations, 34 MB in this browser" */
function useTotalWords(): string {
  const history = useStudio((state) => state.history);
  const lasts = useStudio((state) => state.historyLasts);
  const count = `${history.length} ${history.length === 1 ? "animation" : "animations"}`;
  if (lasts === false) return `${count}, only as long as this tab: this browser keeps none`;
  return `${count}, ${bytesWords(history.reduce((sum, entry) => sum + entry.bytes, 0))} in this browser`;
}

function UndoButton() {
  const actions = useActions();
  return (
    <button type="button" className={controls.button} onClick={() => void actions.undoRemoval()}>
      <Undo2 aria-hidden />
      Undo
    </button>
  );
}

function ChosenButtons({ chosen, onUnchoose, onDelete, onClose }: FooterProps) {
  const actions = useActions();
  return (
    <>
      <button type="button" className={controls.button} onClick={onUnchoose}>
        Choose none
      </button>
      <button type="button" className={controls.button} onClick={onDelete}>
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
  );
}
