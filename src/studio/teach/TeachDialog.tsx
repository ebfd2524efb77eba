/** The dialog of teaching, with one component for each of its states. It can be closed at any time: teaching goes on without it. */
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import dialog from "../controls/dialog.module.css";
import { focusDialog } from "../controls/focus-dialog.ts";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import type { TeachState } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { Draft } from "./Draft.tsx";
import { Resting } from "./Resting.tsx";
import { Training } from "./Training.tsx";
import css from "./teach.module.css";

export function TeachDialog() {
  const open = useStudio((state) => state.teachOpen);
  const teach = useStudio((state) => state.teach);
  const { closeTeach } = useActions();
  const { onOpenAutoFocus, onCloseAutoFocus } = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && closeTeach()}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content
          className={`${dialog.content} ${css.dialog}`}
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            onOpenAutoFocus();
            focusDialog(event);
          }}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          {bodyOf(teach)}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function bodyOf(teach: TeachState): ReactNode {
  switch (teach.status) {
    case "drafting":
      return <Draft drafting={teach} />;
    case "training":
      return <Training training={teach} />;
    case "resting":
      return <Resting resting={teach} />;
  }
}
