/** Says what the files are, and asks the person what to do with them. */
import { Dialog } from "radix-ui";
import { useId } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import type { ImportIn, Origin } from "../store/imports.ts";
import { isControl } from "../store/selection.ts";
import { takesExamples } from "../store/teach.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import { listed } from "../words/listed.ts";
import { DialogButtons } from "./DialogButtons.tsx";
import { FindingRow } from "./FindingRow.tsx";
import css from "./import.module.css";
import { expectedUse, type PictureUse } from "./picture-use.ts";

interface ConfirmFilesProps {
  readonly imports: ImportIn<"confirming">;
  readonly onClose: () => void;
}

/** From so many pictures on, the person may want to teach a LoRA with them. */
const enoughToTeach = 3;

export function ConfirmFiles({ imports: { files, findings, leftOut, origin }, onClose }: ConfirmFilesProps) {
  const actions = useActions();
  const hasControlModel = useStudio((state) => state.shelf.some(isControl));
  const hasIpAdapter = useStudio((state) => state.shelf.some(({ kind }) => kind === "ip-adapter"));
  const findingsId = useId();
  const kinds = findings.filter((finding) => finding.usable).map(({ kind }) => kind);
  const offer = offerOf(kinds);
  const shown = findings.find((finding) => finding.usable && finding.kind === "start")?.files ?? [];
  const teachable = useStudio((state) => takesExamples(state.teach)) && shown.length >= enoughToTeach;
  const followable = hasControlModel && kinds.includes("start");
  const hasMotion = useStudio((state) => state.motion !== null);
  const holdable = hasMotion && kinds.includes("start");
  const likeable = hasIpAdapter && kinds.includes("start");
  const expected = useStudio((state) => (kinds.includes("start") ? expectedUse(state) : "start"));
  return (
    <>
      <Dialog.Title className={dialog.title}>{offer?.title ?? "This cannot be used here"}</Dialog.Title>
      <ul id={findingsId} className={css.findings}>
        {findings.map((finding) => (
          <FindingRow key={finding.files.join()} finding={finding} />
        ))}
      </ul>
      {followable && (
        <p className={dialog.text}>
          “Follow it” gives it to the control model instead, which keeps to its edges, depth or pose in every frame.
        </p>
      )}
      {likeable && (
        <p className={dialog.text}>
          “Look like it” shows it to the IP-Adapter instead, which takes its subject, colours and style, but not its layout.
        </p>
      )}
      {holdable && (
        <p className={dialog.text}>
          As “First frame” or “Last frame” it is that frame, and the others are drawn round it; a SparseCtrl follows it better.
        </p>
      )}
      {leftOut.length > 0 && <p className={css.leftOut}>Left out: {listed(leftOut)}</p>}
      {origin !== null && <OriginLine origin={origin} />}
      <DialogButtons>
        <button
          ref={offer === null ? takeFocus : null}
          type="button"
          className={controls.button}
          aria-describedby={offer === null ? findingsId : undefined}
          onClick={onClose}
        >
          {offer === null ? "Close" : "Cancel"}
        </button>
        {teachable && (
          <button
            type="button"
            className={controls.button}
            onClick={() => {
              onClose();
              void actions.teachWith(files.filter(({ path }) => shown.includes(path)));
            }}
          >
            Teach a LoRA
          </button>
        )}
        {holdable && <UseButton use="first" expected={expected} describedBy={findingsId} label="First frame" />}
        {holdable && <UseButton use="last" expected={expected} describedBy={findingsId} label="Last frame" />}
        {followable && <UseButton use="control" expected={expected} describedBy={findingsId} label="Follow it" />}
        {likeable && <UseButton use="likeness" expected={expected} describedBy={findingsId} label="Look like it" />}
        {offer !== null && <UseButton use="start" expected={expected} describedBy={findingsId} label={offer.button} />}
      </DialogButtons>
    </>
  );
}

interface UseButtonProps {
  readonly use: PictureUse;
  /** The use that Enter accepts. */
  readonly expected: PictureUse;
  readonly describedBy: string;
  readonly label: string;
}

function UseButton({ use, expected, describedBy, label }: UseButtonProps) {
  const actions = useActions();
  const first = use === expected;
  return (
    <button
      ref={first ? takeFocus : null}
      type="button"
      className={first ? controls.primary : controls.button}
      aria-describedby={first ? describedBy : undefined}
      onClick={() => void actions.importConfirmed(use)}
    >
      {label}
    </button>
  );
}

/** Enter accepts the offer: the button that had the focus while the files were inspected is gone. */
function takeFocus(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** The hash of a fetched file, for comparison with the hash that its site publishes. */
function OriginLine({ origin: { sha256 } }: { origin: Origin }) {
  return (
    <p className={css.origin}>
      SHA-256 <code>{sha256}</code>
    </p>
  );
}

/** null: nothing can be used. */
function offerOf(kinds: readonly string[]): { title: string; button: string } | null {
  const only = (kind: string) => kinds.every((each) => each === kind);
  if (kinds.length === 0) return null;
  if (only("settings")) return { title: "Bring these settings back?", button: "Restore" };
  if (only("start")) return { title: "Begin with this?", button: "Use" };
  return { title: "Add to the shelf?", button: "Add" };
}
