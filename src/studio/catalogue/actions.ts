/** The actions of the catalogue. Nothing is fetched before the person has agreed to a plan. */
import { ZoetropeError } from "../../core/errors.ts";
import type { DownloadApi } from "../../protocol/download.ts";
import type { EngineClient } from "../engine/client.ts";
import type { CatalogueEntry, CatalogueSet, FetchPlan } from "../store/catalogue.ts";
import type { StudioStore } from "../store/studio-store.ts";
import { parseCatalogue } from "./parse-catalogue.ts";
import { planEntry, planSet, withHostsFacts } from "./plan.ts";
import { rememberedIds, rememberHidden } from "./remembered.ts";
import { cancelPlan, runPlan } from "./run-plan.ts";

/** Next to the page. */
const address = "catalogue.json";

export function catalogueActions(store: StudioStore, engine: EngineClient, downloads: DownloadApi) {
  const parts = { store, engine, downloads };

  async function plan(of: FetchPlan): Promise<void> {
    const { catalogue: state, setCatalogue } = store.getState();
    if (state.status !== "choosing") return;
    const begun = {
      status: "agreeing",
      catalogue: state.catalogue,
      plan: of,
      accepted: false,
      asking: true,
      error: null,
      loginAt: null,
    } as const;
    setCatalogue(begun);
    const exact = await withHostsFacts(of, downloads);
    if (store.getState().catalogue === begun) setCatalogue({ ...begun, plan: exact, asking: false });
  }

  return {
    /** Opens the catalogue, or the files that are being fetched from it. */
    async openCatalogue(): Promise<void> {
      const { catalogue, setCatalogue, setCatalogueOpen } = store.getState();
      setCatalogueOpen(true);
      if (catalogue.status === "fetching") return;
      if (catalogue.status !== "loading" && catalogue.status !== "failed") {
        return setCatalogue({ status: "choosing", catalogue: catalogue.catalogue });
      }
      setCatalogue({ status: "loading" });
      try {
        setCatalogue({ status: "choosing", catalogue: parseCatalogue(await readCatalogue()) });
      } catch (thrown) {
        setCatalogue({ status: "failed", error: ZoetropeError.from(thrown).toInfo() });
      }
    },
    closeCatalogue: () => store.getState().setCatalogueOpen(false),
    chooseSet: (set: CatalogueSet) => plan(planSet(set, store.getState().shelf, rememberedIds())),
    chooseEntry: (entry: CatalogueEntry) => plan(planEntry(entry, store.getState().shelf, rememberedIds())),
    backToCatalogue(): void {
      const { catalogue, setCatalogue } = store.getState();
      if (catalogue.status === "agreeing") setCatalogue({ status: "choosing", catalogue: catalogue.catalogue });
    },
    /** Fetches what the person agreed to. `token`: an access token for the host that refused before; empty: none. */
    async fetchPlan(token: string): Promise<void> {
      const { catalogue } = store.getState();
      if (catalogue.status !== "agreeing") return;
      if (catalogue.loginAt !== null && token !== "") await downloads.setToken(catalogue.loginAt, token);
      await runPlan(parts, catalogue);
    },
    cancelPlan: () => cancelPlan(parts),
    /** Takes the button off the panel, or puts it back; the browser remembers it. */
    hideCatalogue(hidden: boolean): void {
      rememberHidden(hidden);
      store.getState().setCatalogueHidden(hidden);
      if (hidden) store.getState().setCatalogueOpen(false);
    },
  };
}

async function readCatalogue(): Promise<unknown> {
  const unavailable = (cause?: unknown) =>
    new ZoetropeError("catalogue/unavailable", {
      message: "The list of models could not be read from this site.",
      hint: "Look whether this device is online, and open it again.",
      cause,
    });
  const response = await fetch(address, { cache: "no-cache" }).catch((cause: unknown) => {
    throw unavailable(cause);
  });
  if (!response.ok) throw unavailable();
  return response.json().catch((cause: unknown) => {
    throw unavailable(cause);
  });
}
