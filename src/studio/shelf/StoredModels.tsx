/** The dialog of added models, with their sizes, descriptions and removal, and the storage that is left. */
import { Dialog } from "radix-ui";
import { useState } from "react";
import { bytesWords } from "../../core/amounts.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { focusDialog } from "../controls/focus-dialog.ts";
import { Hint } from "../controls/Hint.tsx";
import { kindIcons } from "../controls/kind-icons.ts";
import { useStudio } from "../studio-context.tsx";
import { RemoveButton } from "./RemoveButton.tsx";
import css from "./shelf.module.css";
import { useStorageRoom } from "./use-storage-room.ts";

export function StoredModels() {
  const shelf = useStudio((state) => state.shelf);
  const [open, setOpen] = useState(false);
  const added = shelf.filter(({ builtIn }) => !builtIn);
  if (added.length === 0) return null;
  const bytes = added.reduce((sum, item) => sum + item.bytes, 0);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Hint text="Everything that was added, with its size and its removal, and how much room is left.">
        <Dialog.Trigger className={css.stored}>
          {added.length === 1 ? "1 added model" : `${added.length} added models`}, {bytesWords(bytes)}
        </Dialog.Trigger>
      </Hint>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        {/* The dialog gets the focus, because its first button removes a model. */}
        <Dialog.Content className={dialog.content} aria-describedby={undefined} onOpenAutoFocus={focusDialog}>
          <Dialog.Title className={dialog.title}>Added models</Dialog.Title>
          <Room />
          <ul className={css.storedList}>
            {added.map((item) => (
              <StoredModel key={item.id} item={item} />
            ))}
          </ul>
          <div className={dialog.buttons}>
            <Dialog.Close className={controls.button}>Close</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Room() {
  const room = useStorageRoom();
  const left = room === null || room.leftBytes === null ? "" : `, ${bytesWords(room.leftBytes)} left for this page`;
  const words = room && `Models, their converted weights and the history take ${bytesWords(room.usedBytes)}${left}.`;
  return <p className={dialog.text}>{words}</p>;
}

function StoredModel({ item }: { item: ShelfItem }) {
  const Icon = kindIcons[item.kind];
  const { title, author, thumbnail } = item.about ?? {};
  const facts = [
    title === item.name ? null : title,
    author == null ? null : `by ${author}`,
    item.summary,
    bytesWords(item.bytes),
  ];
  return (
    <li className={css.storedItem}>
      {thumbnail == null ? (
        <span className={css.storedPicture}>
          <Icon aria-hidden />
        </span>
      ) : (
        <img className={css.storedPicture} src={thumbnail} alt="" />
      )}
      <div>
        <p className={css.storedName}>{item.name}</p>
        <p className={css.storedText}>{facts.filter((text) => text != null).join(" · ")}</p>
        {item.triggerWords.length > 0 && item.kind !== "embedding" && (
          <p className={css.storedText}>called by: {item.triggerWords.join(", ")}</p>
        )}
      </div>
      <RemoveButton item={item} />
    </li>
  );
}
