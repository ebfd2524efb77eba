/** Keeps the address of the page in step with the settings, so that a reload, a bookmark or a shared link brings them back. */
import { automaticFields, fieldsOf } from "../../core/settings/fields.ts";
import type { Clip } from "../store/clip.ts";
import { keyframesOf } from "../store/keyframes.ts";
import { isLora } from "../store/selection.ts";
import { unusedLora } from "../store/shelf.ts";
import type { StudioState, StudioStore } from "../store/studio-store.ts";
import { changedParts, snapshotOf } from "../undo/snapshot.ts";
import { decodeLink, encodeLink, type Linked, type LinkedModels, type LinkedSettings } from "./settings-link.ts";

/** Browsers limit how often a page may change its address. */
const writeAfterMs = 400;

export interface SettingsLink {
  /** Applies the models and settings of the address, once the shelf is known, and follows both from then on. */
  begin(): void;
  /** Whether the address held settings when the page was opened. */
  readonly found: boolean;
  /** Makes a change that the address need not tell, because the page makes it again without it. */
  quietly(change: () => void): void;
  /** The settings and models as the part of an address behind "#". */
  text(): string;
  /** Applies the settings and models of such a text; the words of the person and the seed stay. */
  applyText(text: string): void;
  /** The address that brings back what is set now. */
  address(): string;
  /** The address that brings back a clip's settings and models. */
  addressOf(clip: Pick<Clip, "request" | "names">): string;
}

/** Applies the settings of the address at once, or a text that another app shared; the models wait for `begin`. */
export function followLink(store: StudioStore): SettingsLink {
  const first: LinkedSettings = store.getState();
  let linked = decodeLink(location.hash, first);
  if (linked !== null) store.setState(linked.settings);
  const shared = new URLSearchParams(location.search).get("prompt")?.trim();
  if (linked === null && shared) store.getState().setPrompt(shared);
  /** The settings that the address stands for. */
  let written = snapshotOf(store.getState());
  let latest = written;
  let timer: ReturnType<typeof setTimeout> | undefined;

  let quiet = false;
  const write = () => {
    written = snapshotOf(store.getState());
    const { pathname, search } = location;
    history.replaceState(history.state, "", `${pathname}${search}#${encodeLink(linkedOf(store.getState()), first)}`);
  };

  const apply = ({ settings, models }: Linked) => {
    store.setState(settings);
    const missing = chooseModels(store, models);
    if (missing.length > 0) {
      store.getState().tell("notice", {
        message: `The settings are here, but not all their models: ${missing.join(", ")}.`,
        hint: "Add the missing files to get the same animation.",
      });
    }
  };

  const addressWith = (linked: Linked) => `${location.origin}${location.pathname}#${encodeLink(linked, first)}`;

  return {
    found: linked !== null,
    quietly(change) {
      // Changes that wait to be written stay so.
      const pending = changedParts(written, latest).length > 0;
      quiet = true;
      change();
      quiet = false;
      latest = snapshotOf(store.getState());
      if (!pending) written = latest;
    },
    begin() {
      if (linked !== null) {
        // The person may have typed while the engine started; keep that.
        const { prompt, negative, keyframes, lanes } = store.getState();
        apply({ ...linked, settings: { ...linked.settings, prompt, negative, keyframes, lanes } });
      }
      written = snapshotOf(store.getState());
      latest = written;
      store.subscribe((state) => {
        if (quiet) return;
        const next = snapshotOf(state);
        // A playing clip changes the state with every frame, which must not postpone writing for ever.
        if (changedParts(latest, next).length === 0) return;
        latest = next;
        clearTimeout(timer);
        timer = setTimeout(write, writeAfterMs);
      });
      addEventListener("pagehide", () => {
        if (changedParts(written, snapshotOf(store.getState())).length > 0) write();
      });
      addEventListener("hashchange", () => {
        linked = decodeLink(location.hash, first);
        if (linked === null) return;
        clearTimeout(timer);
        apply(linked);
        written = snapshotOf(store.getState());
        store.getState().announce("Settings restored");
      });
    },
    text: () => encodeLink(linkedOf(store.getState()), first),
    applyText(text) {
      const decoded = decodeLink(text, first);
      if (decoded === null) return;
      const { prompt, negative, keyframes, seedMode, numbers } = store.getState();
      const seeds = { seed: numbers.seed, variationSeed: numbers.variationSeed };
      const settings = { ...decoded.settings, prompt, negative, keyframes, seedMode };
      apply({ ...decoded, settings: { ...settings, numbers: { ...decoded.settings.numbers, ...seeds } } });
    },
    address: () => addressWith(linkedOf(store.getState())),
    addressOf: (clip) => addressWith(linkedClip(clip, first)),
  };
}

export function linkedClip({ request, names }: Pick<Clip, "request" | "names">, first: LinkedSettings): Linked {
  const { settings, automatic = [] } = request;
  const { numbers, others } = fieldsOf(settings);
  const left = automaticFields(automatic);
  return {
    settings: {
      ...first,
      ...others,
      ...left.others,
      ...keyframesOf(settings.promptAt, settings.prompt),
      numbers: { ...first.numbers, ...numbers, ...left.numbers },
      seedMode: "locked",
    },
    models: {
      checkpoint: names.checkpoint,
      motion: names.motion,
      vae: names.vae ?? null,
      loras: names.loras.map(({ name, weight }) => ({ name, weight: String(weight) })),
    },
  };
}

function linkedOf(state: StudioState): Linked {
  const nameOf = (id: string | null) => state.shelf.find((item) => item.id === id)?.name;
  const loras = state.shelf.filter((item) => isLora(item) && state.loraUse[item.id]?.enabled);
  return {
    settings: state,
    models: {
      checkpoint: nameOf(state.checkpoint),
      motion: state.motion === null ? null : nameOf(state.motion),
      vae: nameOf(state.vae) ?? null,
      loras: loras.map((item) => ({ name: item.name, weight: (state.loraUse[item.id] ?? unusedLora(item)).weight })),
    },
  };
}

/** @returns the names of models that are not on the shelf */
function chooseModels(store: StudioStore, models: LinkedModels): string[] {
  const { shelf, chooseModel, setLora, loraUse } = store.getState();
  const missing: string[] = [];
  const find = (name: string, kinds: readonly string[]) => {
    const item = shelf.find((each) => each.name === name && kinds.includes(each.kind));
    if (item === undefined) missing.push(name);
    return item?.id;
  };
  const checkpoint = models.checkpoint === undefined ? undefined : find(models.checkpoint, ["checkpoint"]);
  const motion = typeof models.motion === "string" ? find(models.motion, ["motion", "tuned-clip"]) : models.motion;
  const vae = models.vae === null ? null : (find(models.vae, ["vae"]) ?? null);
  chooseModel({ ...(checkpoint === undefined ? {} : { checkpoint }), ...(motion === undefined ? {} : { motion }), vae });
  for (const id of Object.keys(loraUse)) setLora(id, { enabled: false });
  for (const { name, weight } of models.loras) {
    const id = find(name, ["lora", "motion-lora"]);
    if (id !== undefined) setLora(id, { enabled: true, weight });
  }
  return missing;
}
