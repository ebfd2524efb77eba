/** The actions that bring in a picture to begin with, to follow or to look like; the import asks which. */
import { ZoetropeError } from "../../core/errors.ts";
import { pngOf } from "../../media/png/png-of.ts";
import type { DroppedFile } from "../../protocol/engine.ts";
import type { StudioStore } from "../store/studio-store.ts";

type Inspect = (files: readonly DroppedFile[]) => Promise<void>;

export function startActions(store: StudioStore, inspectFiles: Inspect) {
  const take = async (picture: CanvasImageSource, width: number, height: number, name: string) => {
    const file = new File([await pngOf(picture, width, height)], name, { type: "image/png" });
    await inspectFiles([{ path: name, file }]);
  };
  return {
    setCameraOpen: (open: boolean) => store.getState().setCameraOpen(open),
    /** Takes the frame on the stage. */
    async takeFrame(): Promise<void> {
      const { clip, frame } = store.getState();
      const image = clip?.pictures[frame]?.image;
      if (image === undefined) return;
      const picture = await createImageBitmap(image);
      await take(picture, image.width, image.height, `frame-${frame + 1}.png`);
      picture.close();
    },
    /** Takes the picture that the camera shows, and closes it. */
    async takeStill(video: HTMLVideoElement): Promise<void> {
      const { setCameraOpen, tell } = store.getState();
      try {
        await take(video, video.videoWidth, video.videoHeight, "camera.png");
      } catch (cause) {
        const message = "The camera's picture could not be taken.";
        tell("error", new ZoetropeError("picture/camera", { message, hint: "Try again, or drop a photo.", cause }));
      } finally {
        setCameraOpen(false);
      }
    },
  };
}
