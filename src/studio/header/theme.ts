/** The theme: dark, light, or as the system (the default). The choice is remembered, and `public/theme.js` applies it before the first paint. */
import { useSyncExternalStore } from "react";
import { remember } from "../store/remembered.ts";

export type Theme = "dark" | "light" | "system";

const storageKey = "zoetrope-theme";
const listeners = new Set<() => void>();

/** The media query under which the browser's own bars take the lighter of the two colours in index.html. */
const lightBars: Readonly<Record<Theme, string>> = { dark: "not all", light: "all", system: "(prefers-color-scheme: light)" };

export function useTheme(): [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, currentTheme), setTheme];
}

/** Applies the theme to the browser's own bars; the page has it already. */
export function colourBars(): void {
  document.querySelector<HTMLMetaElement>('meta[name="theme-color"][media]')!.media = lightBars[currentTheme()];
}

function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  remember(storageKey, theme);
  colourBars();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
