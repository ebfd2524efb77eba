/** What dropped files are, before anything happens; then how far their way in is; then what could not be used. */
import { Dialog } from "radix-ui";
import { type ReactNode, useId } from "react";
import type { DownloadProgress } from "../../protocol/download.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { useReturnFocus } from "../controls/use-return-focus.ts";
import type { ImportProgress, ImportState, Origin } from "../store/imports.ts";
import { isControl } from "../store/selection.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { listed } from "../words/listed.ts";
import { AddressForm } from "./AddressForm.tsx";
import { FindingRow, RefusalRow } from "./FindingRow.tsx";
import { type ByteProgress, ImportProgressView } from "./ImportProgressView.tsx";
import css from "./import.module.css";

export function ImportDialog() {
  const imports = useStudio((state) => state.imports);
  const setImports = useStudio((state) => state.setImports);
  const returnFocus = useReturnFocus();
  const open = imports.status !== "closed";
  // While files are being brought in the dialog is left by its Cancel button only.
  const busy = imports.status === "importing" || imports.status === "downloading";
  const close = () => !busy && setImports({ status: "closed" });
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.content} aria-describedby={undefined} {...returnFocus}>
          <DialogBody imports={imports} onClose={close} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function DialogBody({ imports, onClose }: { imports: ImportState; onClose: () => void }) {
  const actions = useActions();
  const followable = useStudio((state) => state.shelf.some(isControl));
  const findingsId = useId();
  switch (imports.status) {
    case "closed":
      return <Dialog.Title className="visually-hidden">Files</Dialog.Title>;
    case "address":
      return (
        <>
          <Dialog.Title className={dialog.title}>Add by URL</Dialog.Title>
          <AddressForm asked={imports} onClose={onClose} />
        </>
      );
    case "downloading":
      return (
        <>
          <Dialog.Title className={dialog.title}>Add by URL</Dialog.Title>
          <ImportProgressView progress={imports.progress && downloadProgress(imports.progress)} />
          <Buttons>
            <button
              type="button"
              className={controls.button}
              disabled={imports.stopping}
              onClick={() => void actions.cancelDownload()}
            >
              {imports.stopping ? "Cancelling" : "Cancel"}
            </button>
          </Buttons>
        </>
      );
    case "inspecting":
      return (
        <>
          <Dialog.Title className={dialog.title}>
            Looking at {imports.files.length === 1 ? imports.files[0]?.file.name : `${imports.files.length} files`}
          </Dialog.Title>
          <p className={dialog.text} role="status">
            Reading what they say about themselves. Nothing is stored yet.
          </p>
          <Buttons>
            <button type="button" className={controls.button} onClick={onClose}>
              Cancel
            </button>
          </Buttons>
        </>
      );
    case "confirming": {
      const usable = imports.findings.filter((finding) => finding.usable);
      const offer = offerOf(usable.map(({ kind }) => kind));
      return (
        <>
          <Dialog.Title className={dialog.title}>{offer.title}</Dialog.Title>
          <ul id={findingsId} className={css.findings}>
            {imports.findings.map((finding) => (
              <FindingRow key={finding.files.join()} finding={finding} />
            ))}
          </ul>
          {followable && usable.some(({ kind }) => kind === "start") && (
            <p className={dialog.text}>
              “Follow it” gives it to the control model instead, which keeps to its edges, depth or pose in every frame.
            </p>
          )}
          {imports.leftOut.length > 0 && <p className={css.leftOut}>Left out: {listed(imports.leftOut)}</p>}
          {imports.origin !== null && <OriginLine origin={imports.origin} />}
          <Buttons>
            <button
              ref={usable.length === 0 ? takeFocus : null}
              type="button"
              className={controls.button}
              aria-describedby={usable.length === 0 ? findingsId : undefined}
              onClick={onClose}
            >
              {usable.length === 0 ? "Close" : "Cancel"}
            </button>
            {followable && usable.some(({ kind }) => kind === "start") && (
              <button type="button" className={controls.button} onClick={() => void actions.importConfirmed("control")}>
                Follow it
              </button>
            )}
            {usable.length > 0 && (
              <button
                ref={takeFocus}
                type="button"
                className={controls.primary}
                aria-describedby={findingsId}
                onClick={() => void actions.importConfirmed()}
              >
                {offer.button}
              </button>
            )}
          </Buttons>
        </>
      );
    }
    case "importing":
      return (
        <>
          <Dialog.Title className={dialog.title}>Adding to the shelf</Dialog.Title>
          <ImportProgressView progress={imports.progress && importProgress(imports.progress)} />
          <Buttons>
            <button
              type="button"
              className={controls.button}
              disabled={imports.stopping}
              onClick={() => void actions.cancelImport()}
            >
              {imports.stopping ? "Cancelling" : "Cancel"}
            </button>
          </Buttons>
        </>
      );
    case "refused":
      return (
        <>
          <Dialog.Title className={dialog.title}>Not everything could be added</Dialog.Title>
          <ul className={css.findings}>
            {imports.refusals.map((error) => (
              <RefusalRow key={error.message} error={error} />
            ))}
          </ul>
          <Buttons>
            <button type="button" className={controls.button} onClick={onClose}>
              Close
            </button>
          </Buttons>
        </>
      );
  }
}

/** Enter does what is offered; what had the focus while the files were looked at is gone. */
function takeFocus(button: HTMLButtonElement | null): void {
  button?.focus();
}

function importProgress({ phase, file, doneBytes, totalBytes }: ImportProgress): ByteProgress {
  return { words: `${phase === "read" ? "Reading" : "Converting"} ${file}`, doneBytes, totalBytes };
}

function downloadProgress({ name, reconnecting, doneBytes, totalBytes }: DownloadProgress): ByteProgress {
  return { words: reconnecting ? "The connection was cut; trying again" : `Fetching ${name}`, doneBytes, totalBytes };
}

/** What came, to be held against what its site says. */
function OriginLine({ origin: { sha256 } }: { origin: Origin }) {
  return (
    <p className={css.origin}>
      SHA-256 <code>{sha256}</code>
    </p>
  );
}

function offerOf(kinds: readonly string[]): { title: string; button: string } {
  const only = (kind: string) => kinds.every((each) => each === kind);
  if (kinds.length === 0) return { title: "This cannot be used here", button: "" };
  if (only("settings")) return { title: "Bring these settings back?", button: "Restore" };
  if (only("start")) return { title: "Begin with this?", button: "Use" };
  return { title: "Add to the shelf?", button: "Add" };
}

function Buttons({ children }: { children: ReactNode }) {
  return <div className={dialog.buttons}>{children}</div>;
}
