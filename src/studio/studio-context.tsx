/** The store and the actions, handed to the components. */
import { createContext, type ReactNode, useContext } from "react";
import { useStore } from "zustand";
import type { StudioActions } from "./actions.ts";
import type { StudioState, StudioStore } from "./store/studio-store.ts";

interface Studio {
  readonly store: StudioStore;
  readonly actions: StudioActions;
}

const StudioContext = createContext<Studio | null>(null);

export function StudioProvider({ store, actions, children }: Studio & { children: ReactNode }) {
  return <StudioContext value={{ store, actions }}>{children}</StudioContext>;
}

/** The part of the state that `select` returns; the component renders again when it changes. */
export function useStudio<T>(select: (state: StudioState) => T): T {
  return useStore(useStudioContext().store, select);
}

export function useStudioStore(): StudioStore {
  return useStudioContext().store;
}

export function useActions(): StudioActions {
  return useStudioContext().actions;
}

function useStudioContext(): Studio {
  const studio = useContext(StudioContext);
  if (studio === null) throw new Error("outside StudioProvider");
  return studio;
}
