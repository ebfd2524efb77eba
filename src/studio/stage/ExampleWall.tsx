/** The empty stage: a wall of playing examples. One press puts one on the stage, with its settings. */
import type { CSSProperties } from "react";
import { Hint } from "../controls/Hint.tsx";
import { useRoving } from "../controls/use-roving.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./wall.module.css";

export function ExampleWall() {
  const examples = useStudio((state) => state.examples);
  const actions = useActions();
  const list = examples?.list ?? [];
  const roving = useRoving(list.length);

  return (
    <ul className={css.wall} aria-label="Examples" {...roving.list}>
      {list.map((example, place) => (
        <li key={example.title}>
          <Hint text={`${example.settings.prompt}. Shows it, with its settings.`}>
            <button
              type="button"
              className={css.tile}
              tabIndex={roving.tabIndex(place)}
              aria-label={`Show the example: ${example.settings.prompt}`}
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
          </Hint>
        </li>
      ))}
    </ul>
  );
}

/** The strip slides by whole frames; with reduced motion it rests on the first (wall.module.css). */
function frameSteps({ frames, fps }: { readonly frames: number; readonly fps: number }): CSSProperties {
  return { animationDuration: `${frames / fps}s`, animationTimingFunction: `steps(${frames}, jump-none)` };
}
