/** A line over the stage about a clip that was not just made, with the button that goes on from it. */
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./stage.module.css";

export function StageNote() {
  const as = useStudio(({ shownAs, clip }) => (shownAs !== null && shownAs.clip === clip?.id ? shownAs.as : null));
  const id = useStudio((state) => state.clip?.id);
  const actions = useActions();
  if (as === null || id === undefined) return null;
  const [text, label, run] =
    as === "example"
      ? (["An example. Its settings are in the fields.", "Make it yours", () => actions.makeYours()] as const)
      : (["An earlier animation. Your settings are as they were.", "Use these settings", () => actions.bringBack(id)] as const);
  return (
    <div className={css.note}>
      <p>{text}</p>
      <button type="button" className={css.noteButton} onClick={() => void run()}>
        {label}
      </button>
    </div>
  );
}
