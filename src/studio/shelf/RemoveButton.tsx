/** Removes a stored model after the person has confirmed. */
import { Trash2 } from "lucide-react";
import { AlertDialog } from "radix-ui";
import { bytesWords } from "../../core/amounts.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { Hint } from "../controls/Hint.tsx";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import { useActions } from "../studio-context.tsx";
import css from "./shelf.module.css";

export function RemoveButton({ item }: { item: ShelfItem }) {
  const actions = useActions();
  const returnFocus = useReturnFocus();
  return (
    <AlertDialog.Root>
      <Hint text={`Remove ${item.name} from this device.`}>
        <AlertDialog.Trigger className={`${controls.icon} ${css.remove}`} aria-label={`Remove ${item.name}`}>
          <Trash2 aria-hidden />
        </AlertDialog.Trigger>
      </Hint>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={dialog.overlay} />
        <AlertDialog.Content className={dialog.content} {...returnFocus}>
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
