/** The empty stage: a wall of playing examples. One press puts one on the stage, with its settings. */
import { type CSSProperties, useEffect } from "react";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./wall.module.css";

export function ExampleWall() {
  const checkpoint = useStudio((state) => state.checkpoint);
  const examples = useStudio((state) => state.examples);
  const actions = useActions();
  useEffect(() => void actions.loadExamples(checkpoint), [actions, checkpoint]);
  return (
    <ul className={css.wall} aria-label="Examples">
      {examples?.list.map((example) => (
        <li key={example.title}>
          <button
            type="button"
            className={css.tile}
            aria-label={`Show the example: ${example.settings.prompt}`}
            title={example.settings.prompt}
            onClick={() => void actions.showExample(example)}
          >
            <img
              className={css.strip}
              src={example.strip}
              alt=""
              loading="lazy"
              decoding="async"
              width={example.settings.width}
              height={example.settings.height}
              style={frameSteps(example.settings)}
            />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The strip slides by whole frames; with reduced motion it rests on the first (wall.module.css). */
function frameSteps({ frames, fps }: { readonly frames: number; readonly fps: number }): CSSProperties {
  return { animationDuration: `${frames / fps}s`, animationTimingFunction: `steps(${frames}, jump-none)` };
}
