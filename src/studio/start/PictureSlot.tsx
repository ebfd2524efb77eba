/** Where a picture or video comes in: chosen, dropped, pasted, from the camera, or the frame on the stage. */
import { Camera, Film, ImagePlus } from "lucide-react";
import { Toolbar } from "radix-ui";
import { type DragEvent, useState } from "react";
import controls from "../controls/controls.module.css";
import { Hint } from "../controls/Hint.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import { pickFiles } from "./pick-files.ts";
import css from "./start.module.css";

export function PictureSlot() {
  const actions = useActions();
  const { over, watch } = useFilesOver();
  const hasFrame = useStudio(({ clip, frame }) => clip?.pictures[frame] != null);
  return (
    <div className={css.slot} data-over={over || undefined} {...watch}>
      <span className={css.words}>Picture or video</span>
      <Toolbar.Root className={css.ways} aria-label="Picture or video">
        <Hint text="A photo, drawing, GIF or video that the clip begins with, follows or looks like. You can also drop or paste it anywhere.">
          <Toolbar.Button
            className={controls.button}
            onClick={() => void pickFiles("image/*,video/*").then(actions.inspectFiles)}
          >
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
