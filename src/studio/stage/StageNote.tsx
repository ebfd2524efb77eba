/** A line over the stage about a clip that was not just made, with the button that goes on from it. */
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./stage.module.css";

export function StageNote() {
  const as = useStudio(({ shownAs, clip }) => (shownAs !== null && shownAs.clip === clip?.id ? shownAs.as : null));
  const id = useStudio((state) => state.clip?.id);
  const stoppedAt = useStudio(({ stopped, clip }) => (stopped !== null && stopped.id === clip?.id ? stopped.words : null));
  const actions = useActions();
  if ((as === null && stoppedAt === null) || id === undefined) return null;
  const { text, label, hint, run } =
    stoppedAt !== null
      ? {
          text: stoppedAt,
          label: "Go on",
          hint: "Goes on from here to the animation that it would have been, with the settings that it began with.",
          run: () => actions.goOn(id),
        }
      : as === "example"
        ? {
            text: "An example: its settings are in the fields.",
            label: "Make it yours",
            hint: "Leads to the prompt: change its words and press Generate.",
            run: actions.makeYours,
          }
        : {
            text: "An earlier animation.",
            label: "Use these settings",
            hint: "Puts its prompt, models and settings into the fields; Ctrl+Z brings yours back.",
            run: () => actions.bringBack(id),
          };
  return (
    <div className={css.note}>
      <p>{text}</p>
      <Hint text={hint}>
        <button type="button" className={css.noteButton} onClick={() => void run()}>
          {label}
        </button>
      </Hint>
    </div>
  );
}
