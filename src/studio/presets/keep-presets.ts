/** Connects the presets and styles in the store with those that are stored, which all tabs share. */
import { ZoetropeError } from "../../core/errors.ts";
import type { Named, PresetStore } from "../../storage/preset-store.ts";
import type { StudioStore } from "../store/studio-store.ts";

export interface PresetKeeper {
  read(): Promise<void>;
  /** Stores a new one, or replaces the one with the same id. */
  keep(named: Named): Promise<void>;
  remove(id: string): Promise<void>;
}

export function keepPresets(store: StudioStore, open: () => Promise<PresetStore>): PresetKeeper {
  /** Tells the other tabs to read again. */
  const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("zoetrope-presets");
  let opened: Promise<PresetStore> | null = null;
  const stored = () => {
    opened ??= open();
    return opened;
  };
  const read = async () => {
    const presets = await stored();
    store.getState().setNamed(await presets.list(), presets.lasting);
  };
  const told = (work: Promise<void>) => work.catch((thrown) => store.getState().tell("error", ZoetropeError.from(thrown)));
  const change = async (make: (presets: PresetStore) => Promise<void>) => {
    await make(await stored());
    await read();
    tabs?.postMessage(null);
  };
  tabs?.addEventListener("message", () => void told(read()));
  return {
    read: () => told(read()),
    keep: (named) => told(change((presets) => presets.put(named))),
    remove: (id) => told(change((presets) => presets.remove(id))),
  };
}
