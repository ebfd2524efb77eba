/** A slider for a number, next to a NumberInput of the same name, which is the one that Tab reaches: the arrow keys do the same in it. */
import { Slider } from "radix-ui";
import css from "./controls.module.css";

interface DragSliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value at which the filled part begins, by default the lower end; 0 for a weight that may be negative. */
  readonly origin?: number;
  readonly onValue: (value: number) => void;
}

export function DragSlider({ label, value, min, max, step, origin = min, onValue }: DragSliderProps) {
  const shown = Math.min(max, Math.max(min, value));
  const share = (at: number) => ((at - min) / (max - min)) * 100;
  const from = share(Math.min(origin, shown));
  const to = share(Math.max(origin, shown));
  return (
    <Slider.Root
      className={css.slider}
      min={min}
      max={max}
      step={step}
      value={[shown]}
      onValueChange={([next]) => next !== undefined && onValue(Number(next.toFixed(4)))}
    >
      <Slider.Track className={css.track}>
        <span className={css.range} style={{ left: `${from}%`, right: `${100 - to}%` }} />
      </Slider.Track>
      <Slider.Thumb className={css.thumb} tabIndex={-1} aria-label={label} aria-valuetext={String(value)} />
    </Slider.Root>
  );
}
