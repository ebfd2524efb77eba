/** The lane of prompts: what is drawn from a frame on. */
import { withKeyframe, withoutKeyframe } from "../store/keyframes.ts";
import { useStudio } from "../studio-context.tsx";
import { KeyframeEditor } from "./KeyframeEditor.tsx";
import { KeyLane } from "./KeyLane.tsx";

export function PromptLane({ frames }: { frames: number }) {
  const keyframes = useStudio((state) => state.keyframes);
  const setKeyframes = useStudio((state) => state.setKeyframes);
  const prompt = useStudio((state) => state.prompt);
  const frame = useStudio((state) => state.frame);
  const editing = useStudio((state) => state.editedKeyframe);
  const edit = useStudio((state) => state.editKeyframe);
  const addKeyframe = useStudio((state) => state.addKeyframe);
  const inside = keyframes.filter((keyframe) => keyframe.frame < frames);
  const remove = (at: number) => setKeyframes(withoutKeyframe(keyframes, at));

  return (
    <KeyLane
      label="Prompts over time"
      frames={frames}
      first={1}
      shownFrame={frame}
      markers={inside.map(({ frame: at, text }) => ({
        frame: at,
        words: text === "" ? "…" : text,
        label: `Prompt from frame ${at + 1}: ${text === "" ? "empty" : text}`,
        title: `Prompt from frame ${at + 1}`,
        hint: "What is drawn from here on: a click opens it, dragging moves it, Delete takes it away.",
      }))}
      ground={{
        words: inside.length > 0 ? prompt : "Click here to change the prompt from a frame on",
        hint: "Another prompt from the frame below on; K sets one at the frame that is shown.",
        label: (at) => `Change the prompt from frame ${at + 1} on`,
      }}
      open={editing}
      onOpen={edit}
      onAdd={addKeyframe}
      onMove={(from, to) => {
        const keyframe = keyframes.find((each) => each.frame === from);
        if (keyframe !== undefined) setKeyframes(withKeyframe(withoutKeyframe(keyframes, from), { ...keyframe, frame: to }));
      }}
      onRemove={remove}
      editor={(at, moveTo) => {
        const keyframe = keyframes.find((each) => each.frame === at);
        return (
          keyframe !== undefined && (
            <KeyframeEditor
              keyframe={keyframe}
              frames={frames}
              onMove={moveTo}
              onRemove={() => remove(at)}
              onDone={() => edit(null)}
            />
          )
        );
      }}
    />
  );
}
