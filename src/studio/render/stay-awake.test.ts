import { expect, it } from "vitest";
import type { RenderRequest } from "../../protocol/engine.ts";
import { emptyClip } from "../store/clip.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { stayAwake, type WatchedPage } from "./stay-awake.ts";

const clip = emptyClip("one", { settings: { frames: 2 } } as RenderRequest, { checkpoint: "Mini", motion: null, loras: [] });

/** A page that can be hidden, and a wake lock that counts its holders. */
function awake({ refuses }: { refuses: boolean } = { refuses: false }) {
  const events = new EventTarget();
  const page = Object.assign(events, { visibilityState: "visible" as DocumentVisibilityState }) as EventTarget &
    WatchedPage & {
      visibilityState: DocumentVisibilityState;
    };
  const counts = { requested: 0, held: 0 };
  const wakeLock = {
    async request() {
      counts.requested += 1;
      if (refuses) throw new DOMException("battery is low", "NotAllowedError");
      counts.held += 1;
      return {
        async release() {
          counts.held -= 1;
        },
      } as WakeLockSentinel;
    },
  };
  const store = createStudioStore();
  stayAwake(store, page, wakeLock);
  const show = (visibilityState: DocumentVisibilityState) => {
    page.visibilityState = visibilityState;
    events.dispatchEvent(new Event("visibilitychange"));
  };
  /** Waits until pending requests are answered. */
  const settled = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    return { ...counts };
  };
  return { begin: () => store.getState().beginJob(clip, 0), end: () => store.getState().endJob(null), show, settled };
}

it("keeps the screen on during a rendering and no longer", async () => {
  const { begin, end, settled } = awake();
  expect(await settled()).toEqual({ requested: 0, held: 0 });
  begin();
  expect(await settled()).toEqual({ requested: 1, held: 1 });
  end();
  expect(await settled()).toEqual({ requested: 1, held: 0 });
});

it("requests the lock again when the tab becomes visible during a rendering", async () => {
  const { begin, show, settled } = awake();
  begin();
  show("hidden");
  expect(await settled()).toEqual({ requested: 1, held: 0 });
  show("visible");
  expect(await settled()).toEqual({ requested: 2, held: 1 });
});

it("releases the lock even if the rendering ends before it is granted", async () => {
  const { begin, end, settled } = awake();
  begin();
  end();
  expect(await settled()).toEqual({ requested: 1, held: 0 });
});

it("survives a refusal, and requests the lock again for the next animation", async () => {
  const { begin, end, settled } = awake({ refuses: true });
  begin();
  end();
  begin();
  expect(await settled()).toEqual({ requested: 2, held: 0 });
});
