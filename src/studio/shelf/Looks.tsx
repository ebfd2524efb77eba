/**
 * The LoRAs of the shelf as pictures to switch on and off; those in use have a row with their weight. A large collection gets a search
 * field and a fixed height, so that the settings below stay near.
 */
import { Toolbar } from "radix-ui";
import { useMemo, useState } from "react";
import type { ShelfItem } from "../../protocol/engine.ts";
import { SearchField } from "../controls/SearchField.tsx";
import { isForSpeed } from "../settings/speed.ts";
import { isLora, type LoraUse } from "../store/selection.ts";
import { unusedLora } from "../store/shelf.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import { LoraChip } from "./LoraChip.tsx";
import { LoraRow } from "./LoraRow.tsx";
import css from "./looks.module.css";
import shelfCss from "./shelf.module.css";

/** The chips of the LoRAs that ship with the page are reserved while the engine starts, so that nothing moves when they appear. */
const shippedLoras = [0, 1, 2, 3, 4, 5] as const;
/** More LoRAs than this count as a collection. */
const few = 12;

export function Looks() {
  const store = useStudioStore();
  const shelf = useStudio((state) => state.shelf);
  const starting = useStudio((state) => state.device.status === "probing" && state.shelf.length === 0);
  const loraUse = useStudio((state) => state.loraUse);
  const [words, setWords] = useState("");
  const loras = useMemo(() => shelf.filter((item) => isLora(item) && !isForSpeed(item)), [shelf]);
  const used = shelf.filter((item) => isLora(item) && loraUse[item.id]?.enabled && !isFast(item, loraUse[item.id]!));
  const many = loras.length > few;
  // LoRAs in use come first, but a chip does not move while it is being switched.
  const ordered = useMemo(() => {
    const use = store.getState().loraUse;
    const rank = ({ id }: ShelfItem) => Number(use[id]?.enabled ?? false);
    return many ? loras.toSorted((a, b) => rank(b) - rank(a)) : loras;
  }, [store, loras, many]);
  const found = many && words.trim() !== "" ? ordered.filter((item) => answers(item, words)) : ordered;
  return (
    <>
      {many && (
        <div className={css.head}>
          <span
            className={css.inUse}
          >{`${loras.filter(({ id }) => loraUse[id]?.enabled).length} of ${loras.length} in use`}</span>
          <SearchField
            label="Find a LoRA"
            placeholder="Find"
            words={words}
            onWords={setWords}
            size="small"
            className={css.find}
          />
        </div>
      )}
      <Toolbar.Root className={css.chips} aria-label="LoRAs" data-many={many || undefined}>
        {starting && shippedLoras.map((place) => <span key={place} className={css.chip} aria-hidden />)}
        {found.map((item) => (
          <LoraChip key={item.id} item={item} />
        ))}
      </Toolbar.Root>
      {found.length === 0 && loras.length > 0 && (
        <p className={shelfCss.forgets} role="status">
          No LoRA here is called that.
        </p>
      )}
      {used.length > 0 && (
        <ul aria-label="LoRAs in use">
          {used.map((item) => (
            <LoraRow key={item.id} item={item} />
          ))}
        </ul>
      )}
    </>
  );
}

/** "Fast" stands for it; at another weight, which an earlier animation may bring, it needs a row. */
function isFast(item: ShelfItem, { weight }: LoraUse): boolean {
  return isForSpeed(item) && weight === unusedLora(item).weight;
}

/** Whether its name, title or trigger words contain every word. */
function answers({ name, about, triggerWords }: ShelfItem, words: string): boolean {
  const text = [name, about?.title ?? "", ...triggerWords].join("\n").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
