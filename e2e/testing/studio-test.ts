/** Playwright's `test` with the studio's page, which fails on every error that the browser reports along the way. */

import { test as base, expect, type Page } from "@playwright/test";
import { recordEngineLog } from "./engine-log.ts";
import { Studio } from "./studio.ts";

export { expect };

interface StudioFixtures {
  readonly studio: Studio;
  /** Errors that a test expects, for instance those about a host that does not answer. */
  readonly expectComplaints: (about: RegExp) => void;
}

/** Gives each test a page of its own. */
export const test = base.extend<StudioFixtures & { expected: RegExp[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from the pattern
  expected: async ({}, use) => use([]),
  expectComplaints: async ({ expected }, use) => use((about) => void expected.push(about)),
  studio: async ({ page, expected }, use) => {
    const complaints = collectComplaints(page);
    await recordEngineLog(page);
    await use(new Studio(page));
    const unexpected = complaints.filter((complaint) => !expected.some((about) => about.test(complaint)));
    expect(unexpected, "complaints of the browser").toEqual([]);
  },
});

/** Gives all tests of a file one page, in order, so that it fetches and loads the models once. */
export function sharedStudio(): { readonly studio: Studio } {
  const shared: { studio: Studio | null; complaints: readonly string[] } = { studio: null, complaints: [] };
  base.beforeAll(async ({ browser, baseURL }) => {
    const page = await browser.newPage({ baseURL: baseURL! });
    shared.complaints = collectComplaints(page);
    await recordEngineLog(page);
    shared.studio = new Studio(page);
    await shared.studio.open();
  });
  base.afterEach(() => expect(shared.complaints, "complaints of the browser").toEqual([]));
  base.afterAll(() => shared.studio?.page.close());
  return {
    get studio(): Studio {
      return shared.studio!;
    },
  };
}

/** Console errors, uncaught errors, violations of the page's Content-Security-Policy and failed requests; grows as they occur. */
function collectComplaints(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("crash", () => complaints.push("the page crashed"));
  // This includes workers' messages; a violation of the policy is a console error.
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`HTTP ${response.status()}: ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    const { errorText } = request.failure()!;
    // The page itself aborted these: it reloaded or closed, or the test pressed Cancel.
    if (errorText !== "net::ERR_ABORTED") complaints.push(`${errorText}: ${request.url()}`);
  });
  return complaints;
}
