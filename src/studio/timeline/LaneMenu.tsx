/** Adds a lane for a number that is to change over time. */
import { ChevronDown } from "lucide-react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { isInLane, withLane } from "../settings/lanes.ts";
import { numberFields, parseNumber } from "../settings/number-fields.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./timeline.module.css";
import { useLaneChoices } from "./use-lane-choices.ts";

export function LaneMenu() {
  const lanes = useStudio((state) => state.lanes);
  const setLanes = useStudio((state) => state.setLanes);
  const numbers = useStudio((state) => state.numbers);
  const choices = useLaneChoices();
  const free = choices.filter(({ target }) => !isInLane(lanes, target));
  const frames = parseNumber(numbers.frames, numberFields.frames);

  const add = (wanted: string) => {
    const choice = free.find(({ target }) => target === wanted);
    if (choice === undefined) return;
    const now = parseNumber(choice.now, choice.spec);
    const value = now.ok ? now.value : choice.spec.min;
    const last = frames.ok ? frames.value - 1 : 0;
    const keys =
      last > 0
        ? [
            { frame: 0, value },
            { frame: last, value },
          ]
        : [{ frame: 0, value }];
    setLanes(withLane(lanes, { target: choice.target, keys }));
  };

  return (
    <Hint text="A lane for a number that changes over the frames: CFG, the weight of a LoRA, of a control or of pictures to look like.">
      <span className={css.zoomBox}>
        <select className={css.zoom} aria-label="Add a lane" value="" onChange={({ target }) => add(target.value)}>
          <option value="" disabled>
            + Lane
          </option>
          {free.map(({ target, spec }) => (
            <option key={target} value={target}>
              {spec.label}
            </option>
          ))}
        </select>
        <ChevronDown className={controls.chevron} aria-hidden />
      </span>
    </Hint>
  );
}
