/** Asks before earlier animations are deleted. */
import { AlertDialog } from "radix-ui";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import { useActions } from "../studio-context.tsx";

interface DeleteDialogProps {
  readonly ids: readonly string[];
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function DeleteDialog({ ids, open, onOpenChange }: DeleteDialogProps) {
  const actions = useActions();
  const returnFocus = useReturnFocus();
  const what = ids.length === 1 ? "this animation" : `${ids.length} animations`;
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={dialog.overlay} />
        <AlertDialog.Content className={dialog.content} {...returnFocus}>
          <AlertDialog.Title className={dialog.title}>Delete {what}?</AlertDialog.Title>
          <AlertDialog.Description className={dialog.text}>
            The pictures are gone for good; files you exported stay where they are.
          </AlertDialog.Description>
          <div className={dialog.buttons}>
            <AlertDialog.Cancel className={controls.button}>Keep</AlertDialog.Cancel>
            <AlertDialog.Action className={controls.primary} onClick={() => void actions.removeFromHistory(ids)}>
              Delete
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
