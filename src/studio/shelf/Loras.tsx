/** The LoRAs of the shelf. A large collection gets a search field and a fixed height, so that the settings below stay near. */
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import type { ShelfItem } from "../../protocol/engine.ts";
import { isLora } from "../store/selection.ts";
import { useStudio, useStudioStore } from "../studio-context.tsx";
import { LoraRow } from "./LoraRow.tsx";
import css from "./shelf.module.css";

/** The number of LoRAs that ship with the page. Their rows are reserved while the engine starts, so that nothing moves when they appear. */
const shippedLoras = [0, 1, 2, 3, 4, 5, 6] as const;
/** More LoRAs than this count as a collection. */
const few = 9;

export function Loras() {
  const store = useStudioStore();
  const shelf = useStudio((state) => state.shelf);
  const starting = useStudio((state) => state.device.status === "probing" && state.shelf.length === 0);
  const inUse = useStudio((state) => state.shelf.filter((item) => isLora(item) && state.loraUse[item.id]?.enabled).length);
  const [words, setWords] = useState("");
  const loras = useMemo(() => shelf.filter(isLora), [shelf]);
  const many = loras.length > few;
  // LoRAs in use come first, but a row does not move while it is being switched.
  const ordered = useMemo(() => {
    const { loraUse } = store.getState();
    const used = ({ id }: ShelfItem) => Number(loraUse[id]?.enabled ?? false);
    return many ? loras.toSorted((a, b) => used(b) - used(a)) : loras;
  }, [store, loras, many]);
  const found = many && words.trim() !== "" ? ordered.filter((item) => answers(item, words)) : ordered;
  return (
    <>
      <div className={css.kindHead}>
        <h3 className={css.kind}>LoRAs{many && <span className={css.inUse}>{`${inUse} of ${loras.length} in use`}</span>}</h3>
        {many && (
          <label className={css.find}>
            <Search aria-hidden />
            <input
              type="search"
              aria-label="Find a LoRA"
              placeholder="Find"
              value={words}
              onChange={({ target }) => setWords(target.value)}
            />
          </label>
        )}
      </div>
      <ul className={css.loras} aria-label="LoRAs" data-many={many || undefined}>
        {starting && shippedLoras.map((place) => <li key={place} className={css.lora} aria-hidden />)}
        {found.map((item) => (
          <LoraRow key={item.id} item={item} />
        ))}
      </ul>
      {found.length === 0 && loras.length > 0 && (
        <p className={css.forgets} role="status">
          No LoRA here is called that.
        </p>
      )}
    </>
  );
}

/** Whether its name, title or trigger words contain every word. */
function answers({ name, about, triggerWords }: ShelfItem, words: string): boolean {
  const text = [name, about?.title ?? "", ...triggerWords].join("\n").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
