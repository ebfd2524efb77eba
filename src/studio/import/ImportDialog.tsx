/** The dialog that files pass through on their way in, with one component for each state of the import. */
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import type { DownloadProgress } from "../../protocol/download.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import type { ImportIn, ImportProgress, ImportState } from "../store/imports.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { AddressForm } from "./AddressForm.tsx";
import { ConfirmFiles } from "./ConfirmFiles.tsx";
import { DialogButtons } from "./DialogButtons.tsx";
import { downloadWords } from "./download-words.ts";
import { RefusalRow } from "./FindingRow.tsx";
import { type ByteProgress, ImportProgressView } from "./ImportProgressView.tsx";
import css from "./import.module.css";

export function ImportDialog() {
  const imports = useStudio((state) => state.imports);
  const setImports = useStudio((state) => state.setImports);
  const returnFocus = useReturnFocus();
  const open = imports.status !== "closed";
  // While bytes are on their way, only the Cancel button leaves the dialog.
  const busy = imports.status === "importing" || imports.status === "downloading";
  const close = () => !busy && setImports({ status: "closed" });
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.content} aria-describedby={undefined} {...returnFocus}>
          {bodyOf(imports, close)}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function bodyOf(imports: ImportState, onClose: () => void): ReactNode {
  switch (imports.status) {
    case "closed":
      return <Dialog.Title className="visually-hidden">Files</Dialog.Title>;
    case "address":
      return <AskAddress imports={imports} onClose={onClose} />;
    case "downloading":
      return <Downloading imports={imports} />;
    case "inspecting":
      return <Inspecting imports={imports} onClose={onClose} />;
    case "confirming":
      return <ConfirmFiles imports={imports} onClose={onClose} />;
    case "importing":
      return <Importing imports={imports} />;
    case "refused":
      return <Refused imports={imports} onClose={onClose} />;
  }
}

function AskAddress({ imports, onClose }: { imports: ImportIn<"address">; onClose: () => void }) {
  return (
    <>
      <Dialog.Title className={dialog.title}>Add by URL</Dialog.Title>
      <AddressForm asked={imports} onClose={onClose} />
    </>
  );
}

function Downloading({ imports: { progress, stopping } }: { imports: ImportIn<"downloading"> }) {
  const actions = useActions();
  return (
    <>
      <Dialog.Title className={dialog.title}>Add by URL</Dialog.Title>
      <ImportProgressView progress={progress && downloadProgress(progress)} />
      <CancelButton stopping={stopping} onCancel={() => void actions.cancelDownload()} />
    </>
  );
}

function Inspecting({ imports: { files }, onClose }: { imports: ImportIn<"inspecting">; onClose: () => void }) {
  return (
    <>
      <Dialog.Title className={dialog.title}>
        Looking at {files.length === 1 ? files[0]?.file.name : `${files.length} files`}
      </Dialog.Title>
      <p className={dialog.text} role="status">
        Reading what they say about themselves. Nothing is stored yet.
      </p>
      <DialogButtons>
        <button type="button" className={controls.button} onClick={onClose}>
          Cancel
        </button>
      </DialogButtons>
    </>
  );
}

function Importing({ imports: { progress, stopping } }: { imports: ImportIn<"importing"> }) {
  const actions = useActions();
  return (
    <>
      <Dialog.Title className={dialog.title}>Adding to the shelf</Dialog.Title>
      <ImportProgressView progress={progress && importProgress(progress)} />
      <CancelButton stopping={stopping} onCancel={() => void actions.cancelImport()} />
    </>
  );
}

function Refused({ imports: { refusals }, onClose }: { imports: ImportIn<"refused">; onClose: () => void }) {
  return (
    <>
      <Dialog.Title className={dialog.title}>Not everything could be added</Dialog.Title>
      <ul className={css.findings}>
        {refusals.map((error) => (
          <RefusalRow key={error.message} error={error} />
        ))}
      </ul>
      <DialogButtons>
        <button ref={(button) => button?.focus()} type="button" className={controls.button} onClick={onClose}>
          Close
        </button>
      </DialogButtons>
    </>
  );
}

function CancelButton({ stopping, onCancel }: { stopping: boolean; onCancel: () => void }) {
  return (
    <DialogButtons>
      <button type="button" className={controls.button} disabled={stopping} onClick={onCancel}>
        {stopping ? "Cancelling" : "Cancel"}
      </button>
    </DialogButtons>
  );
}

function importProgress({ phase, file, doneBytes, totalBytes }: ImportProgress): ByteProgress {
  return { words: `${phase === "read" ? "Reading" : "Converting"} ${file}`, doneBytes, totalBytes };
}

function downloadProgress({ name, state, doneBytes, totalBytes }: DownloadProgress): ByteProgress {
  return { words: downloadWords(name, state), doneBytes, totalBytes };
}
