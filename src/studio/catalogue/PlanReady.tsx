/** Everything is on the shelf and set up: the first animation is one press away. */
import { Check } from "lucide-react";
import { Dialog } from "radix-ui";
import { useRef } from "react";
import { fieldsOf } from "../../core/settings/fields.ts";
import { settingsSchema } from "../../core/settings/schema.ts";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import type { FetchPlan } from "../store/catalogue.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./catalogue.module.css";

export function PlanReady({ plan }: { plan: FetchPlan }) {
  const actions = useActions();
  const numbers = useStudio((state) => state.numbers);
  const ran = useRef(false);
  const make = () => {
    if (ran.current) return;
    ran.current = true;
    actions.closeCatalogue();
    void actions.generate();
  };
  const told = Object.keys(fieldsOf(plan.settings).numbers) as (keyof typeof numbers)[];
  return (
    <>
      <Dialog.Title className={dialog.title}>{plan.title} is ready</Dialog.Title>
      <ul className={css.rows} aria-label="Files">
        {plan.files.map(({ entry, weight }) => (
          <li key={entry.id} className={css.row} data-status="added">
            <Check aria-hidden />
            <p className={css.rowName}>
              {entry.name}
              {weight !== null && ` at ${weight}`}
            </p>
          </li>
        ))}
      </ul>
      <p className={dialog.text}>
        {told.length > 0 && `Set to ${told.map((name) => `${settingsSchema[name].label} ${numbers[name]}`).join(", ")}. `}
        Your prompt stays as it is.
      </p>
      <div className={dialog.buttons}>
        <Dialog.Close className={controls.button}>Close</Dialog.Close>
        <button ref={(button) => button?.focus()} type="button" className={controls.primary} onClick={make}>
          Make an animation
        </button>
      </div>
    </>
  );
}
