/** One message: what it says, the button that mends it, and one that dismisses it. */
import { Check, CircleAlert, Info, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import controls from "../controls/controls.module.css";
import { removalWords } from "../history/keep-history.ts";
import type { Removal } from "../store/history.ts";
import type { Message } from "../store/render.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./messages.module.css";

/** The time after which a message disappears that needs no action. */
const doneMs = 6000;

interface MessageRowProps {
  readonly message: Message;
  readonly covered: boolean;
  /** Whether others would move if it disappeared by itself. */
  readonly held: boolean;
  readonly onDismiss: (id: number) => void;
}

const icons = { error: CircleAlert, notice: Info, done: Check } as const;

export function MessageRow({ message, covered, held, onDismiss }: MessageRowProps) {
  const { id, kind, text, hint, action } = message;
  const dismiss = useStudio((state) => state.dismiss);
  const Icon = icons[kind];
  useEffect(() => {
    if (kind !== "done" || held) return;
    const timer = setTimeout(() => dismiss(id), doneMs);
    return () => clearTimeout(timer);
  }, [kind, id, held, dismiss]);
  const act = () => {
    action?.run();
    onDismiss(id);
  };
  return (
    <Row
      id={id}
      covered={covered}
      kind={kind}
      icon={<Icon className={css.icon} aria-hidden />}
      action={action && { label: action.label, run: act }}
      onDismiss={() => onDismiss(id)}
    >
      {text}
      {hint !== "" && <span className={css.hint}> {hint}</span>}
    </Row>
  );
}

interface RemovalRowProps {
  readonly removal: Removal;
  readonly covered: boolean;
  readonly onDismiss: () => void;
}

/** A deletion, while it can be undone. */
export function RemovalRow({ removal, covered, onDismiss }: RemovalRowProps) {
  const actions = useActions();
  return (
    <Row
      id={removal.id}
      covered={covered}
      kind="notice"
      icon={<Trash2 className={css.icon} aria-hidden />}
      action={{ label: "Undo", run: () => void actions.undoRemoval() }}
      onDismiss={onDismiss}
    >
      {removalWords(removal)}
    </Row>
  );
}

interface RowProps {
  readonly id: number;
  /** The newest stands before it: screen readers read it, and nobody sees it. */
  readonly covered: boolean;
  readonly kind: Message["kind"];
  readonly icon: ReactNode;
  readonly action: Message["action"];
  readonly onDismiss: () => void;
  readonly children: ReactNode;
}

function Row({ kind, icon, action, onDismiss, id, covered, children }: RowProps) {
  return (
    // Its element stays when it is covered or seen again, because screen readers would read another one anew.
    <div
      className={css.message}
      style={{ order: -id }}
      data-covered={covered || undefined}
      data-kind={kind}
      role={kind === "error" ? "alert" : undefined}
    >
      {icon}
      <p>{children}</p>
      {action !== null && (
        <button type="button" className={css.action} onClick={action.run}>
          {action.label}
        </button>
      )}
      <button type="button" className={controls.icon} aria-label="Dismiss" onClick={onDismiss}>
        <X aria-hidden />
      </button>
    </div>
  );
}
