/** A tile of the library: an animation's picture, its settings, and its buttons. */
import { Check, Pencil, Star, Trash2 } from "lucide-react";
import { Checkbox } from "radix-ui";
import { type KeyboardEvent, memo, useRef, useState } from "react";
import controls from "../controls/controls.module.css";
import { type HistoryEntry, titleOf, untitled } from "../store/history.ts";
import { useActions } from "../studio-context.tsx";
import { durationWords } from "../words/durations.ts";
import { HistoryPicture } from "./HistoryPicture.tsx";
import css from "./library.module.css";
import { RenameField } from "./RenameField.tsx";

interface HistoryTileProps {
  readonly entry: HistoryEntry;
  readonly current: boolean;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
  readonly onShown: () => void;
  readonly onDelete: (id: string) => void;
}

const times = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });

export const HistoryTile = memo(function HistoryTile({ entry, current, chosen, onChoose, onShown, onDelete }: HistoryTileProps) {
  const actions = useActions();
  const [renaming, setRenaming] = useState(false);
  const renameButton = useRef<HTMLButtonElement>(null);
  const { id, favourite, names, request, createdAt, durationMs } = entry;
  const { prompt, seed, width, height, frames, steps } = request.settings;
  const title = titleOf(entry);
  const onKeyDown = (event: KeyboardEvent) => {
    if (renaming || (event.key !== "Delete" && event.key !== "F2")) return;
    event.preventDefault();
    if (event.key === "F2") setRenaming(true);
    else onDelete(id);
  };
  const loras = names.loras.map(({ name, weight }) => `${name} ${weight}`);
  return (
    <li className={css.tile} data-chosen={chosen} data-id={id} onKeyDown={onKeyDown}>
      <HistoryPicture entry={entry} current={current} className={css.tilePicture} shape="place" onShown={onShown} />
      <Checkbox.Root
        className={css.choose}
        aria-label={`Choose: ${title || untitled}, seed ${seed}`}
        checked={chosen}
        onCheckedChange={() => onChoose(id)}
      >
        <Checkbox.Indicator>
          <Check aria-hidden />
        </Checkbox.Indicator>
      </Checkbox.Root>
      {renaming ? (
        <RenameField
          title={title}
          onTitle={(next) => {
            setRenaming(false);
            if (next !== null) void actions.changeInHistory(id, { title: next === prompt ? null : next });
            // After React has put the button back, and unless the person has clicked something else.
            requestAnimationFrame(() => {
              if (document.activeElement?.contains(renameButton.current)) renameButton.current?.focus();
            });
          }}
        />
      ) : (
        <p className={css.prompt} title={prompt} data-titled={entry.title != null}>
          {title || untitled}
        </p>
      )}
      <p className={css.facts}>
        {unbroken(`${frames} frames · ${width} × ${height}`)}
        <br />
        {unbroken(`${steps} steps · seed ${seed}`)}
        {loras.length > 0 && (
          <>
            <br />
            {loras.map(unbroken).join(", ")}
          </>
        )}
      </p>
      <div className={css.tileFoot}>
        <time
          className={css.facts}
          dateTime={new Date(createdAt).toISOString()}
          title={`${moments.format(createdAt)}, made in ${durationWords(durationMs)}`}
        >
          {isToday(createdAt) ? times.format(createdAt) : days.format(createdAt)}
        </time>
        <button
          ref={renameButton}
          type="button"
          className={controls.icon}
          aria-label="Rename"
          title="Rename (F2)"
          disabled={renaming}
          onClick={() => setRenaming(true)}
        >
          <Pencil aria-hidden />
        </button>
        <button
          type="button"
          className={controls.icon}
          aria-label="Favourite"
          title="Favourite"
          aria-pressed={favourite}
          onClick={() => void actions.changeInHistory(id, { favourite: !favourite })}
        >
          <Star aria-hidden />
        </button>
        <button type="button" className={controls.icon} aria-label="Delete" title="Delete" onClick={() => onDelete(id)}>
          <Trash2 aria-hidden />
        </button>
      </div>
    </li>
  );
});

function isToday(ms: number): boolean {
  return new Date(ms).toDateString() === new Date().toDateString();
}

/** Forbids line breaks inside a fact. */
function unbroken(fact: string): string {
  return fact.replaceAll(" ", "\u00a0");
}
