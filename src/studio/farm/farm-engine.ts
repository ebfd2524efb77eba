/**
 * The engine of a page that may hand its animations to a farm. Everything but the rendering stays on this device; while no farm is chosen,
 * or the chosen one is away, this device renders, too.
 */
import { ZoetropeError } from "../../core/errors.ts";
import type { ShelfItem } from "../../protocol/engine.ts";
import type { EngineClient } from "../engine/client.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { FarmApi, farmAway } from "./farm-api.ts";

export function withFarm(local: EngineClient, store: Pick<StudioStore, "getState">): EngineClient {
  let stop: AbortController | null = null;

  function chosen(): FarmApi | null {
    const { farm } = store.getState();
    return farm.status === "ready" ? new FarmApi(farm.at) : null;
  }

  function cancelled(): boolean {
    if (stop === null) return false;
    stop.abort();
    return true;
  }

  return {
    ...local,
    /** The farm's models stand beside this device's; they are not removed from here. */
    shelf: async () => {
      const own = await local.shelf();
      const farm = chosen();
      if (farm === null) return own;
      const theirs = await farm.shelf().catch((thrown: unknown) => {
        lost(store, thrown);
        return [] as readonly ShelfItem[];
      });
      const here = new Set(own.map(({ id }) => id));
      return [...own, ...theirs.filter(({ id }) => !here.has(id)).map((item) => ({ ...item, builtIn: true, bytes: 0 }))];
    },
    render: async (request, onEvent) => {
      const farm = chosen();
      if (farm === null) return local.render(request, onEvent);
      const controller = new AbortController();
      stop = controller;
      try {
        // Most people have no farm, and the page fetches this only for those who do.
        const { renderOnFarm } = await import("./render-on-farm.ts");
        await renderOnFarm(farm, local, store.getState().shelf, request, onEvent, controller.signal);
      } catch (thrown) {
        if (controller.signal.aborted) return onEvent({ type: "cancelled" });
        lost(store, thrown);
        onEvent({ type: "failed", error: ZoetropeError.from(thrown).toInfo() });
      } finally {
        stop = null;
      }
    },
    cancelRender: async () => {
      if (!cancelled()) await local.cancelRender();
    },
    restart: () => {
      if (!cancelled()) local.restart();
    },
  };
}

/** From now on this device renders, until the person connects again. */
function lost(store: Pick<StudioStore, "getState">, thrown: unknown): void {
  const error = ZoetropeError.from(thrown);
  const { farm, setFarm } = store.getState();
  if (error.code === farmAway && farm.status === "ready") setFarm({ status: "away", at: farm.at, error: error.toInfo() });
}
