/** The editor of a keyframe: its frame and its prompt. */
import { Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { EASING_LABELS, EASINGS } from "../../core/animation/easing.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { NumberInput } from "../controls/NumberInput.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { PromptBox } from "../panel/PromptBox.tsx";
import panel from "../panel/panel.module.css";
import { TokenCounter } from "../panel/TokenCounter.tsx";
import { parseNumber } from "../settings/number-fields.ts";
import { type Keyframe, withKeyframe } from "../store/keyframes.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./lane.module.css";

interface KeyframeEditorProps {
  readonly keyframe: Keyframe;
  readonly frames: number;
  readonly onMove: (frame: number) => void;
  readonly onRemove: () => void;
  readonly onDone: () => void;
}

export function KeyframeEditor({ keyframe, frames, onMove, onRemove, onDone }: KeyframeEditorProps) {
  const { frame, text } = keyframe;
  const keyframes = useStudio((state) => state.keyframes);
  const setKeyframes = useStudio((state) => state.setKeyframes);
  const id = useId();
  return (
    <div className={css.editor}>
      <div className={panel.promptHead}>
        <StartFrame frame={frame} frames={frames} onMove={onMove} />
        <TokenCounter id={id} prompt={text} />
      </div>
      <PromptBox
        label={`Prompt from frame ${frame + 1}`}
        describedBy={id}
        className={panel.prompt}
        rows={3}
        text={text}
        placeholder="What happens from here on"
        autoFocus
        onText={(next) => setKeyframes(withKeyframe(keyframes, { ...keyframe, text: next }))}
      />
      <SelectField
        label="Changes over"
        hint="How the animation goes over to this prompt from the one before it, up to this frame."
        value={keyframe.easing ?? "linear"}
        choices={EASINGS.map((value) => ({ value, label: EASING_LABELS[value] }))}
        onChoose={(easing) => setKeyframes(withKeyframe(keyframes, { ...keyframe, easing }))}
      />
      <div className={css.buttons}>
        <Hint text="Take this prompt off the timeline.">
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

/** Counted from 1, as everywhere on the page. The keyframe moves when the typed frame is free. */
function StartFrame({ frame, frames, onMove }: { frame: number; frames: number; onMove: (frame: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const id = useId();
  const bounds = { label: "Frame", min: 2, max: frames, step: 1, multipleOf: 1 };
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
