/** Chooses the checkpoint, in view wherever the panel is scrolled to. */
import { ChevronDown } from "lucide-react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { aboutWords } from "../shelf/about-words.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./header.module.css";

export function ModelChoice() {
  const shelf = useStudio((state) => state.shelf);
  const chosen = useStudio((state) => state.checkpoint);
  const { chooseModel } = useActions();
  const checkpoints = shelf.filter(({ kind }) => kind === "checkpoint");
  const used = checkpoints.find(({ id }) => id === chosen);
  const about = used === undefined ? "" : ` ${aboutWords(used)}.`;
  return (
    <Hint text={`The model that draws: any Stable Diffusion 1.x checkpoint; its motion module comes with it.${about}`}>
      <span className={css.model}>
        <select
          className={css.modelSelect}
          aria-label="Checkpoint"
          disabled={checkpoints.length === 0}
          value={chosen ?? ""}
          onChange={({ target }) => chooseModel("checkpoint", target.value)}
        >
          {checkpoints.length === 0 && <option value="">Mini</option>}
          {checkpoints.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <ChevronDown className={controls.chevron} aria-hidden />
      </span>
    </Hint>
  );
}
