/** Why something did not work, and what to do next. */
import { CircleAlert } from "lucide-react";
import type { ErrorInfo } from "../../core/errors.ts";
import css from "./teach.module.css";

export function Failure({ error }: { error: Pick<ErrorInfo, "message" | "hint"> }) {
  return (
    <div className={css.failure} role="alert">
      <CircleAlert aria-hidden />
      <div>
        <p>{error.message}</p>
        {error.hint !== "" && <p className={css.soft}>{error.hint}</p>}
      </div>
    </div>
  );
}
