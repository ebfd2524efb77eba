/** The dialog that shows the camera, and takes one picture. */
import { Dialog } from "radix-ui";
import { type RefObject, useEffect, useRef, useState } from "react";
import controls from "../controls/controls.module.css";
import dialog from "../controls/dialog.module.css";
import { PlainDialog } from "../controls/PlainDialog.tsx";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./start.module.css";

export function CameraDialog() {
  const open = useStudio((state) => state.cameraOpen);
  const { setCameraOpen } = useActions();
  return (
    <PlainDialog open={open} onClose={() => setCameraOpen(false)} className={css.camera}>
      <CameraView />
    </PlainDialog>
  );
}

function CameraView() {
  const actions = useActions();
  const video = useRef<HTMLVideoElement>(null);
  const state = useCamera(video);
  return (
    <>
      <Dialog.Title className={dialog.title}>Take a picture</Dialog.Title>
      {state === "refused" ? (
        <p className={dialog.text} role="alert">
          The camera could not be used. Allow this page to use it in the browser's settings for this site, or drop a photo
          instead.
        </p>
      ) : (
        <video ref={video} className={css.view} muted playsInline autoPlay aria-label="What the camera sees" />
      )}
      <div className={dialog.buttons}>
        <Dialog.Close className={controls.button}>Cancel</Dialog.Close>
        <button
          type="button"
          className={controls.primary}
          disabled={state !== "shown"}
          onClick={() => video.current !== null && void actions.takeStill(video.current)}
        >
          Take it
        </button>
      </div>
    </>
  );
}

/** Shows the camera in the element for as long as that is there. */
function useCamera(video: RefObject<HTMLVideoElement | null>): "starting" | "shown" | "refused" {
  const [state, setState] = useState<"starting" | "shown" | "refused">("starting");
  useEffect(() => {
    let stream: MediaStream | null = null;
    let wanted = true;
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    void (async () => {
      try {
        // Browsers offer cameras to secure pages only.
        stream = await navigator.mediaDevices.getUserMedia({ video: true });
        if (!wanted || video.current === null) return stop();
        video.current.srcObject = stream;
        await video.current.play();
        if (wanted) setState("shown");
      } catch {
        if (wanted) setState("refused");
      }
    })();
    return () => {
      wanted = false;
      stop();
    };
  }, [video]);
  return state;
}
