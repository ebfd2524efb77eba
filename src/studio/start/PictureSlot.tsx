/** Where a picture or video comes in: chosen, dropped, pasted, from the camera, or the frame on the stage. */
import { Camera, Film, ImagePlus } from "lucide-react";
import { Toolbar } from "radix-ui";
import { type DragEvent, useRef, useState } from "react";
import controls from "../controls/controls.module.css";
import { filesOfInput } from "../controls/dropped-files.ts";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./start.module.css";

export function PictureSlot() {
  const actions = useActions();
  const input = useRef<HTMLInputElement>(null);
  const { over, watch } = useFilesOver();
  const hasFrame = useStudio(({ clip, frame }) => clip?.pictures[frame] != null);
  return (
    <div className={css.slot} data-over={over || undefined} {...watch}>
      <span className={css.words}>Picture or video</span>
      <Toolbar.Root className={css.ways} aria-label="Picture or video">
        <Hint text="A photo, drawing, GIF or video that the clip begins with, follows or looks like. You can also drop or paste it anywhere.">
          <Toolbar.Button className={controls.button} onClick={() => input.current?.click()}>
            <ImagePlus aria-hidden />
            Choose
          </Toolbar.Button>
        </Hint>
        <Hint text="The frame on the stage, as a picture for the next clip.">
          <Toolbar.Button
            className={controls.icon}
            aria-label="This frame"
            disabled={!hasFrame}
            onClick={() => void actions.takeFrame()}
          >
            <Film aria-hidden />
          </Toolbar.Button>
        </Hint>
        <Hint text="A picture from this device's camera. It stays in this tab.">
          <Toolbar.Button className={controls.icon} aria-label="Camera" onClick={() => actions.setCameraOpen(true)}>
            <Camera aria-hidden />
          </Toolbar.Button>
        </Hint>
      </Toolbar.Root>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept="image/*,video/*"
        aria-label="Picture or video to use"
        onChange={({ currentTarget }) => {
          void actions.inspectFiles(filesOfInput(currentTarget));
          currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </div>
  );
}

/** Whether files are dragged over the element; the page takes the drop. */
function useFilesOver() {
  const [over, setOver] = useState(false);
  const follow = ({ dataTransfer }: DragEvent) => setOver(dataTransfer.types.includes("Files"));
  const leave = () => setOver(false);
  return { over, watch: { onDragEnter: follow, onDragOver: follow, onDragLeave: leave, onDrop: leave } };
}
