/** The empty stage: a wall of playing examples. One press puts one on the stage, with its settings. */
import { type CSSProperties, type KeyboardEvent, useState } from "react";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./wall.module.css";

const columns = 6;
const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };

export function ExampleWall() {
  const examples = useStudio((state) => state.examples);
  const actions = useActions();
  /** The tile that Tab reaches; the arrow keys lead to the others. */
  const [reached, setReached] = useState(0);
  const list = examples?.list ?? [];

  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>) => {
    const next = reached + (moves[event.key] ?? Number.NaN);
    if (list[next] === undefined) return;
    // The page's own arrow keys step through frames.
    event.preventDefault();
    event.stopPropagation();
    setReached(next);
    event.currentTarget.querySelectorAll("button")[next]?.focus();
  };

  return (
    <ul className={css.wall} aria-label="Examples" onKeyDown={onKeyDown}>
      {list.map((example, place) => (
        <li key={example.title}>
          <Hint text={`${example.settings.prompt}. Shows it, with its settings.`}>
            <button
              type="button"
              className={css.tile}
              tabIndex={place === Math.min(reached, list.length - 1) ? 0 : -1}
              aria-label={`Show the example: ${example.settings.prompt}`}
              onFocus={() => setReached(place)}
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
