/** What went wrong, as alerts, and what is worth knowing, until dismissed. */
import { CircleAlert, Info, X } from "lucide-react";
import controls from "../controls/controls.module.css";
import { useStudio } from "../studio-context.tsx";
import css from "./panel.module.css";

export function Messages() {
  const messages = useStudio((state) => state.messages);
  const dismiss = useStudio((state) => state.dismiss);
  if (messages.length === 0) return null;
  return (
    <div className={css.messages}>
      {messages.map(({ id, kind, text, hint }) => (
        <div key={id} className={css.message} data-kind={kind} role={kind === "error" ? "alert" : "status"}>
          {kind === "error" ? (
            <CircleAlert className={css.messageIcon} aria-hidden />
          ) : (
            <Info className={css.messageIcon} aria-hidden />
          )}
          <p>
            {text}
            {hint !== "" && <span className={css.messageHint}> {hint}</span>}
          </p>
          <button type="button" className={controls.icon} aria-label="Dismiss" onClick={() => dismiss(id)}>
            <X aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
