/** Tabs share stored models, so a tab that changes the shelf tells the others. */
const changes = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("zoetrope-shelf");

export function tellOtherTabs(): void {
  changes?.postMessage(null);
}

export function whenOtherTabsChange(read: () => void): void {
  changes?.addEventListener("message", read);
}
