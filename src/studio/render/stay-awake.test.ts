import { expect, it } from "vitest";
import type { RenderRequest } from "../../protocol/engine.ts";
import { emptyClip } from "../store/clip.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { stayAwake, type WatchedPage } from "./stay-awake.ts";

const clip = emptyClip("one", { settings: { frames: 2 } } as RenderRequest, { checkpoint: "Mini", motion: null, loras: [] });

/** A page that can be hidden, and a wake lock that counts what is held. */
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
  /** After what has been asked for has been answered. */
  const settled = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    return { ...counts };
  };
  return { begin: () => store.getState().beginJob(clip, 0), end: () => store.getState().endJob(null), show, settled };
}

it("the screen stays on while something is made, and no longer", async () => {
  const { begin, end, settled } = awake();
  expect(await settled()).toEqual({ requested: 0, held: 0 });
  begin();
  expect(await settled()).toEqual({ requested: 1, held: 1 });
  end();
  expect(await settled()).toEqual({ requested: 1, held: 0 });
});

it("a tab that comes back amid it asks again", async () => {
  const { begin, show, settled } = awake();
  begin();
  show("hidden");
  expect(await settled()).toEqual({ requested: 1, held: 0 });
  show("visible");
  expect(await settled()).toEqual({ requested: 2, held: 1 });
});

it("an end that comes before the answer lets go of it all the same", async () => {
  const { begin, end, settled } = awake();
  begin();
  end();
  expect(await settled()).toEqual({ requested: 1, held: 0 });
});

it("a refusal is borne, and the next animation asks anew", async () => {
  const { begin, end, settled } = awake({ refuses: true });
  begin();
  end();
  begin();
  expect(await settled()).toEqual({ requested: 2, held: 0 });
});
