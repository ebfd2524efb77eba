/** One earlier animation among all: its picture, what it was made from, and what can be done with it. */
import { Check, Star, Trash2 } from "lucide-react";
import { Checkbox } from "radix-ui";
import { memo, useState } from "react";
import controls from "../controls/controls.module.css";
import { durationWords } from "../render/progress.ts";
import type { HistoryEntry } from "../store/history.ts";
import { useActions } from "../studio-context.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { HistoryPicture } from "./HistoryPicture.tsx";
import css from "./library.module.css";

interface HistoryCardProps {
  readonly entry: HistoryEntry;
  readonly current: boolean;
  readonly chosen: boolean;
  readonly onChoose: (id: string) => void;
  readonly onBroughtBack: () => void;
}

const dates = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export const HistoryCard = memo(function HistoryCard({ entry, current, chosen, onChoose, onBroughtBack }: HistoryCardProps) {
  const actions = useActions();
  const [deleting, setDeleting] = useState(false);
  const { id, favourite, names, request, createdAt, durationMs } = entry;
  const { prompt, seed, width, height, frames, steps } = request.settings;
  const loras = names.loras.map(({ name, weight }) => `${name} ${weight}`);
  return (
    <li className={css.card} data-chosen={chosen}>
      <HistoryPicture entry={entry} current={current} className={css.cardPicture} shape="place" onBroughtBack={onBroughtBack} />
      <Checkbox.Root
        className={css.choose}
        aria-label={`Choose: ${prompt}, seed ${seed}`}
        checked={chosen}
        onCheckedChange={() => onChoose(id)}
      >
        <Checkbox.Indicator>
          <Check aria-hidden />
        </Checkbox.Indicator>
      </Checkbox.Root>
      <p className={css.prompt} title={prompt}>
        {prompt}
      </p>
      <p className={css.facts}>
        {`${frames} frames · ${width} × ${height}`}
        <br />
        {unbroken(`${steps} steps · seed ${seed}`)}
        {loras.length > 0 && (
          <>
            <br />
            {loras.map(unbroken).join(", ")}
          </>
        )}
      </p>
      <div className={css.cardFoot}>
        <span className={css.facts}>
          <time dateTime={new Date(createdAt).toISOString()}>{dates.format(createdAt)}</time>,{" "}
          {unbroken(`in ${durationWords(durationMs)}`)}
        </span>
        <button
          type="button"
          className={controls.icon}
          aria-label="Favourite"
          aria-pressed={favourite}
          onClick={() => void actions.setFavourite(id, !favourite)}
        >
          <Star aria-hidden />
        </button>
        <button type="button" className={controls.icon} aria-label="Delete" onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden />
        </button>
      </div>
      <DeleteDialog ids={[id]} open={deleting} onOpenChange={setDeleting} />
    </li>
  );
});

/** Lines end between facts, not inside one. */
function unbroken(fact: string): string {
  return fact.replaceAll(" ", "\u00a0");
}
