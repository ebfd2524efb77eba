/** What went wrong, as alerts, and what is worth knowing, until dismissed; above the button and over the settings, which do not move. */
import { CircleAlert, Info, Trash2, X } from "lucide-react";
import controls from "../controls/controls.module.css";
import { removalWords } from "../history/keep-history.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

/** Of the button below. */
export const generateId = "generate";

export function Messages() {
  const messages = useStudio((state) => state.messages);
  const dismiss = useStudio((state) => state.dismiss);
  /** The button goes with its message; the focus goes on to what comes after the messages. */
  const leave = (id: number) => {
    dismiss(id);
    document.getElementById(generateId)?.focus();
  };
  return (
    // There before its first message: a live region that comes along with its text is often not read.
    <div className={css.messages} role="status" aria-atomic="false">
      <Removed />
      {messages.toReversed().map(({ id, kind, text, hint }) => (
        <div key={id} className={css.message} data-kind={kind} role={kind === "error" ? "alert" : undefined}>
          {kind === "error" ? (
            <CircleAlert className={css.messageIcon} aria-hidden />
          ) : (
            <Info className={css.messageIcon} aria-hidden />
          )}
          <p>
            {text}
            {hint !== "" && <span className={css.messageHint}> {hint}</span>}
          </p>
          <button type="button" className={controls.icon} aria-label="Dismiss" onClick={() => leave(id)}>
            <X aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}

/** What was deleted last, for as long as it can be put back. */
function Removed() {
  const removal = useStudio((state) => state.removals.at(-1));
  const actions = useActions();
  if (removal === undefined) return null;
  return (
    <div className={css.message} data-kind="notice">
      <Trash2 className={css.messageIcon} aria-hidden />
      <p>{removalWords(removal)}</p>
      <button type="button" className={css.messageAction} onClick={() => void actions.undoRemoval()}>
        Undo
      </button>
    </div>
  );
}
