/**
 * Shows errors as alerts, and notices, until they are dismissed. They lie over the stage, or over the settings where
 * the screen is narrow; nothing moves. Errors come
 * last and outside the live region of the notices, because screen readers read an alert within a live region twice.
 */
import { Check, CircleAlert, Info, Trash2, X } from "lucide-react";
import { useEffect } from "react";
import controls from "../controls/controls.module.css";
import { removalWords } from "../history/keep-history.ts";
import type { Message } from "../store/render.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

/** The accessible name of the button below. */
export const generateId = "generate";

/** The time after which a message disappears that needs no action. */
const doneMs = 6000;

export function Messages() {
  const messages = useStudio((state) => state.messages);
  const dismiss = useStudio((state) => state.dismiss);
  const actions = useActions();
  /** The button disappears with its message, so the focus moves to the element after the messages. */
  const leaveTo = () => document.getElementById(generateId)?.focus();
  const leave = (id: number) => {
    dismiss(id);
    leaveTo();
  };
  const rows = (belongs: (message: Message) => boolean) =>
    messages
      .filter(belongs)
      .toReversed()
      .map((message) => <MessageRow key={message.id} message={message} onDismiss={leave} />);
  return (
    <div className={css.messages}>
      <div className={css.messageGroup}>{rows(({ kind }) => kind === "error")}</div>
      {/* Exists before its first message, because screen readers often skip a live region that appears with its text. */}
      <div className={css.messageGroup} role="status" aria-atomic="false">
        <Removed
          onEnd={() => {
            actions.endRemoval();
            leaveTo();
          }}
        />
        {rows(({ kind }) => kind !== "error")}
      </div>
    </div>
  );
}

const icons = { error: CircleAlert, notice: Info, done: Check } as const;

function MessageRow({ message, onDismiss }: { message: Message; onDismiss: (id: number) => void }) {
  const { id, kind, text, hint, action } = message;
  const dismiss = useStudio((state) => state.dismiss);
  const Icon = icons[kind];
  useEffect(() => {
    if (kind !== "done") return;
    const timer = setTimeout(() => dismiss(id), doneMs);
    return () => clearTimeout(timer);
  }, [kind, id, dismiss]);
  return (
    <div className={css.message} data-kind={kind} role={kind === "error" ? "alert" : undefined}>
      <Icon className={css.messageIcon} aria-hidden />
      <p>
        {text}
        {hint !== "" && <span className={css.messageHint}> {hint}</span>}
      </p>
      {action !== null && (
        <button
          type="button"
          className={css.messageAction}
          onClick={() => {
            action.run();
            onDismiss(id);
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className={controls.icon} aria-label="Dismiss" onClick={() => onDismiss(id)}>
        <X aria-hidden />
      </button>
    </div>
  );
}

/** The last deletion, while it can be undone. */
function Removed({ onEnd }: { onEnd: () => void }) {
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
      <button type="button" className={controls.icon} aria-label="Dismiss" onClick={onEnd}>
        <X aria-hidden />
      </button>
    </div>
  );
}
