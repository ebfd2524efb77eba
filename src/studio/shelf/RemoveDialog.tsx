/** Asks before a stored model is removed. */
import { AlertDialog } from "radix-ui";
import type { ShelfItem } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { bytesWords } from "../import/amounts.ts";
import { useActions } from "../studio-context.tsx";

interface RemoveDialogProps {
  readonly item: ShelfItem;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function RemoveDialog({ item, open, onOpenChange }: RemoveDialogProps) {
  const actions = useActions();
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={dialog.overlay} />
        <AlertDialog.Content className={dialog.content}>
          <AlertDialog.Title className={dialog.title}>Remove {item.name}?</AlertDialog.Title>
          <AlertDialog.Description className={dialog.text}>
            This frees {bytesWords(item.bytes)} in this browser. The file you added it from stays where it is.
          </AlertDialog.Description>
          <div className={dialog.buttons}>
            <AlertDialog.Cancel className={controls.button}>Keep</AlertDialog.Cancel>
            <AlertDialog.Action className={controls.primary} onClick={() => void actions.removeModel(item)}>
              Remove
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
