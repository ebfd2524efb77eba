/** The editor of a keyframe: its frame and its prompt. */
import { Trash2 } from "lucide-react";
import { useId } from "react";
import { EASING_LABELS, EASINGS } from "../../core/animation/easing.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { SelectField } from "../controls/SelectField.tsx";
import { PromptBox } from "../panel/PromptBox.tsx";
import panel from "../panel/panel.module.css";
import { TokenCounter } from "../panel/TokenCounter.tsx";
import { type Keyframe, withKeyframe } from "../store/keyframes.ts";
import { useStudio } from "../studio-context.tsx";
import css from "./lane.module.css";
import { StartFrame } from "./StartFrame.tsx";

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
        <StartFrame frame={frame} frames={frames} first={1} onMove={onMove} />
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
