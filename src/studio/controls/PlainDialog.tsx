/** A dialog over the page that takes the focus itself, not into its first field, and gives it back. */
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import dialog from "./dialog.module.css";
import { focusDialog } from "./focus-dialog.ts";
import { comeBackTo, useReturnFocus } from "./use-return-focus.ts";

interface PlainDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly className: string | undefined;
  /** What takes the focus afterwards, in place of what had it before; null: nothing does. */
  readonly returnTo?: () => HTMLElement | null;
  /** With a `Dialog.Title`. */
  readonly children: ReactNode;
}

export function PlainDialog({ open, onClose, className, returnTo, children }: PlainDialogProps) {
  const { onOpenAutoFocus, onCloseAutoFocus } = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content
          className={`${dialog.content} ${className}`}
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            onOpenAutoFocus();
            focusDialog(event);
          }}
          onCloseAutoFocus={(event) => {
            const element = returnTo?.() ?? null;
            if (element === null) return onCloseAutoFocus(event);
            event.preventDefault();
            comeBackTo(element);
          }}
        >
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
