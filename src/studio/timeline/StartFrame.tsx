/** The field for the frame of a key. */
import { useId, useState } from "react";
import { NumberInput } from "../controls/NumberInput.tsx";
import { parseNumber } from "../settings/number-fields.ts";
import css from "./lane.module.css";

interface StartFrameProps {
  readonly frame: number;
  readonly frames: number;
  readonly first: 0 | 1;
  readonly onMove: (frame: number) => void;
}

/** Counted from 1, as everywhere on the page. The keyframe moves when the typed frame is free. */
export function StartFrame({ frame, frames, first, onMove }: StartFrameProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const id = useId();
  const bounds = { label: "Frame", min: first + 1, max: frames, step: 1, multipleOf: 1 };
  const text = typed ?? String(frame + 1);
  const parsed = parseNumber(text, bounds);
  return (
    <span className={css.start}>
      <span id={id}>From frame</span>
      <NumberInput
        {...bounds}
        label="From frame"
        text={text}
        value={parsed.ok ? parsed.value : undefined}
        invalid={!parsed.ok}
        describedBy={id}
        onText={(next) => {
          const wanted = parseNumber(next, bounds);
          if (wanted.ok) onMove(wanted.value - 1);
          setTyped(wanted.ok ? null : next);
        }}
      />
    </span>
  );
}
