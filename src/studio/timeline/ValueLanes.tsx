/** The lanes of numbers that change over time, below the prompts' lane. */
import { X } from "lucide-react";
import { EASING_LABELS } from "../../core/animation/easing.ts";
import { type Lane, type LaneKey, laneValues } from "../../core/animation/lanes.ts";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { choiceOf, type LaneChoice, withLane } from "../settings/lanes.ts";
import { nearest } from "../settings/number-fields.ts";
import { withKeyframe, withoutKeyframe } from "../store/keyframes.ts";
import { useStudio } from "../studio-context.tsx";
import { KeyLane } from "./KeyLane.tsx";
import css from "./lane.module.css";
import { useLaneChoices } from "./use-lane-choices.ts";
import { ValueKeyEditor } from "./ValueKeyEditor.tsx";

export function ValueLanes({ frames }: { frames: number }) {
  const lanes = useStudio((state) => state.lanes);
  return lanes.length === 0 ? null : <Lanes lanes={lanes} frames={frames} />;
}

function Lanes({ lanes, frames }: { lanes: readonly Lane[]; frames: number }) {
  const choices = useLaneChoices();
  return lanes.map((lane) => <ValueLane key={lane.target} lane={lane} choice={choiceOf(choices, lane)} frames={frames} />);
}

function ValueLane({ lane, choice, frames }: { lane: Lane; choice: LaneChoice; frames: number }) {
  const lanes = useStudio((state) => state.lanes);
  const setLanes = useStudio((state) => state.setLanes);
  const frame = useStudio((state) => state.frame);
  const edited = useStudio((state) => state.editedLaneKey);
  const edit = useStudio((state) => state.editLaneKey);
  const { target, keys } = lane;
  const { label } = choice.spec;
  const inside = keys.filter((key) => key.frame < frames);
  const setKeys = (next: readonly LaneKey[]) => setLanes(withLane(lanes, { target, keys: next }));
  const valueAt = (at: number) => nearest(laneValues(lane, frames)[at] ?? Number(choice.now), choice.spec);
  const openAt = (at: number | null) => edit(at === null ? null : { target, frame: at });

  return (
    <KeyLane
      label={`${label} over time`}
      frames={frames}
      first={0}
      shownFrame={frame}
      markers={inside.map(({ frame: at, value, easing }) => ({
        frame: at,
        words: `${at === inside[0]?.frame ? `${label} ` : ""}${value}`,
        label: `${label} at frame ${at + 1}: ${value}${easing === undefined ? "" : `, ${EASING_LABELS[easing].toLowerCase()}`}`,
        title: `${label} at frame ${at + 1}`,
        hint: `${label} in this frame: a click opens it, dragging moves it, Delete takes it away.`,
      }))}
      ground={{
        words: label,
        hint: `Another value of ${label} in the frame below; it changes over from one to the next, and the lane has the place of the number in the panel.`,
        label: (at) => `Set ${label} at frame ${at + 1}`,
      }}
      open={edited?.target === target ? edited.frame : null}
      onOpen={openAt}
      onAdd={(at) => {
        if (!keys.some((key) => key.frame === at)) setKeys(withKeyframe(keys, { frame: at, value: valueAt(at) }));
        openAt(at);
      }}
      onMove={(from, to) => {
        const key = keys.find((each) => each.frame === from);
        if (key !== undefined) setKeys(withKeyframe(withoutKeyframe(keys, from), { ...key, frame: to }));
      }}
      onRemove={(at) => setKeys(withoutKeyframe(keys, at))}
      editor={(at, moveTo) => {
        const key = keys.find((each) => each.frame === at);
        return (
          key !== undefined && (
            <ValueKeyEditor
              laneKey={key}
              spec={choice.spec}
              frames={frames}
              onMove={moveTo}
              onChange={(changed) => setKeys(withKeyframe(keys, changed))}
              onRemove={() => setKeys(withoutKeyframe(keys, at))}
              onDone={() => edit(null)}
            />
          )
        );
      }}
    >
      <Hint text={`${label} is the same in all frames again, as the panel says.`}>
        <button
          type="button"
          className={`${controls.icon} ${css.close}`}
          aria-label={`Remove the lane of ${label}`}
          onClick={() => setKeys([])}
        >
          <X aria-hidden />
        </button>
      </Hint>
    </KeyLane>
  );
}
