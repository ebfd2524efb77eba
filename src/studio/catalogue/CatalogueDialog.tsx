/** The dialog of the catalogue, with one component for each of its states. */
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { focusDialog } from "../controls/focus-dialog.ts";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import { RefusalRow } from "../import/FindingRow.tsx";
import type { CatalogueState } from "../store/catalogue.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { AgreeToPlan } from "./AgreeToPlan.tsx";
import { ChooseModels } from "./ChooseModels.tsx";
import css from "./catalogue.module.css";
import { PlanReady } from "./PlanReady.tsx";
import { PlanRunning } from "./PlanRunning.tsx";

export function CatalogueDialog() {
  const open = useStudio((state) => state.catalogueOpen);
  const catalogue = useStudio((state) => state.catalogue);
  const { closeCatalogue } = useActions();
  const { onOpenAutoFocus, onCloseAutoFocus } = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && closeCatalogue()}>
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
          {bodyOf(catalogue)}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function bodyOf(catalogue: CatalogueState): ReactNode {
  switch (catalogue.status) {
    case "loading":
      return <Loading />;
    case "failed":
      return (
        <>
          <Dialog.Title className={dialog.title}>Get models</Dialog.Title>
          <ul className={css.rows}>
            <RefusalRow error={catalogue.error} />
          </ul>
          <div className={dialog.buttons}>
            <Dialog.Close className={controls.button}>Close</Dialog.Close>
          </div>
        </>
      );
    case "choosing":
      return <ChooseModels catalogue={catalogue.catalogue} />;
    case "agreeing":
      return <AgreeToPlan agreeing={catalogue} />;
    case "fetching":
      return <PlanRunning fetching={catalogue} />;
    case "ready":
      return <PlanReady plan={catalogue.plan} />;
  }
}

function Loading() {
  return (
    <>
      <Dialog.Title className={dialog.title}>Get models</Dialog.Title>
      <p className={dialog.text} role="status">
        Reading the list.
      </p>
    </>
  );
}
