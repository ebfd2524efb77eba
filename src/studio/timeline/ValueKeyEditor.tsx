/** The editor of a key of a number's lane: its frame, its value, and how the clip goes over to it. */
import { Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { EASING_LABELS, EASINGS } from "../../core/animation/easing.ts";
import type { LaneKey } from "../../core/animation/lanes.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import type { LaneChoice } from "../settings/lanes.ts";
import { parseNumber } from "../settings/number-fields.ts";
import css from "./lane.module.css";
import { StartFrame } from "./StartFrame.tsx";

interface ValueKeyEditorProps {
  readonly laneKey: LaneKey;
  readonly spec: LaneChoice["spec"];
  readonly frames: number;
  readonly onMove: (frame: number) => void;
  readonly onChange: (key: LaneKey) => void;
  readonly onRemove: () => void;
  readonly onDone: () => void;
}

export function ValueKeyEditor({ laneKey, spec, frames, onMove, onChange, onRemove, onDone }: ValueKeyEditorProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const id = useId();
  const parsed = parseNumber(typed ?? String(laneKey.value), spec);
  return (
    <div className={css.editor}>
      <StartFrame frame={laneKey.frame} frames={frames} first={0} onMove={onMove} />
      <span className={css.start}>
        <span id={id}>{spec.label}</span>
        <NumberInput
          {...spec}
          label={spec.label}
          text={typed ?? String(laneKey.value)}
          value={parsed.ok ? parsed.value : undefined}
          invalid={!parsed.ok}
          describedBy={id}
          onText={(text) => {
            const wanted = parseNumber(text, spec);
            if (wanted.ok) onChange({ ...laneKey, value: wanted.value });
            setTyped(wanted.ok ? null : text);
          }}
        />
      </span>
      {!parsed.ok && <p className={css.note}>{parsed.message}</p>}
      <SelectField
        label="Changes over"
        hint="How the number goes over to this one from the one before it, up to this frame."
        value={laneKey.easing ?? "linear"}
        choices={EASINGS.map((value) => ({ value, label: EASING_LABELS[value] }))}
        onChoose={(easing) => onChange({ ...laneKey, easing })}
      />
      <div className={css.buttons}>
        <Hint text="Take this value off the timeline.">
          <button type="button" className={controls.button} onClick={onRemove}>
            <Trash2 aria-hidden />
            Remove
          </button>
        </Hint>
        <button type="button" className={controls.primary} onClick={onDone}>
          Done
        </button>
      </div>
    </div>
  );
}
