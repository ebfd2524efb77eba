/** A person's choice of where animations are made: connects to a farm, leaves it, remembers it. */
import { ZoetropeError } from "../../core/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { refreshShelf } from "../shelf/read-shelf.ts";
import type { FarmAddress } from "../store/farm.ts";
import { remember, rememberedJson } from "../store/remembered.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { FarmApi } from "./farm-api.ts";

const storageKey = "zoetrope-farm";
/** The page must not wait long for a farm at its start. */
const PATIENCE_MS = 4000;

/** @param address as typed; a missing scheme is http, as of "cellar:4690" */
export async function connectFarm(store: StudioStore, engine: EngineClient, address: string, token: string): Promise<void> {
  const { tell, setFarm } = store.getState();
  const typed = /^https?:\/\//i.test(address) ? address : `http://${address}`;
  if (!URL.canParse(typed)) {
    setFarm({ status: "off" });
    return tell("error", { message: `"${address}" is no address.`, hint: "Enter it as http://cellar:4690." });
  }
  const at = { address: new URL("/", typed).href, token: token.trim() };
  await connect(store, at, 30_000);
  const { farm, announce } = store.getState();
  if (farm.status !== "ready") return;
  rememberFarm(at);
  announce(`Animations are now made on the farm at ${at.address}`);
  await refreshShelf(store, engine);
}

/** Makes animations on this device again. */
export async function leaveFarm(store: StudioStore, engine: EngineClient): Promise<void> {
  const before = store.getState().farm.status;
  store.getState().setFarm({ status: "off" });
  rememberFarm(null);
  store.getState().announce("Animations are now made on this device");
  if (before !== "off") await refreshShelf(store, engine);
}

/** At the start of the page. A farm that is away is named, and this device renders. */
export async function connectRemembered(store: StudioStore): Promise<void> {
  const at = rememberedFarm();
  if (at === null) return;
  await connect(store, at, PATIENCE_MS);
  const { farm, tell } = store.getState();
  if (farm.status === "away")
    tell("notice", {
      message: `${farm.error.message} Animations are made on this device.`,
      hint: "Click the device above to connect again.",
    });
}

async function connect(store: StudioStore, at: FarmAddress, patienceMs: number): Promise<void> {
  const { setFarm } = store.getState();
  setFarm({ status: "connecting", at });
  try {
    await new FarmApi(at).shelf(AbortSignal.timeout(patienceMs));
    setFarm({ status: "ready", at });
  } catch (thrown) {
    const slow = thrown instanceof DOMException;
    const error = slow
      ? { code: "farm/away", message: `The farm at ${at.address} does not answer.`, hint: "" }
      : ZoetropeError.from(thrown).toInfo();
    setFarm({ status: "away", at, error });
  }
}

function rememberedFarm(): FarmAddress | null {
  return rememberedJson(storageKey, isAddress);
}

function isAddress(value: unknown): value is FarmAddress {
  const at = value as Partial<FarmAddress> | null;
  return typeof at?.address === "string" && typeof at.token === "string" && URL.canParse(at.address);
}

function rememberFarm(at: FarmAddress | null): void {
  remember(storageKey, at === null ? null : JSON.stringify(at));
}
