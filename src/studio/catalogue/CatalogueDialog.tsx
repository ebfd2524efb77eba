/** The dialog of the catalogue, with one component for each of its states. */
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { PlainDialog } from "../controls/PlainDialog.tsx";
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
  return (
    <PlainDialog open={open} onClose={closeCatalogue} className={css.dialog}>
      {bodyOf(catalogue)}
    </PlainDialog>
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
