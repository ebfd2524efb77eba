/** The page carries a Content-Security-Policy that lets no script run except the page's own files. */

import { expect, test } from "@playwright/test";
import { PAGE_URL } from "./addresses.ts";

test("inline, evaluated and foreign scripts do not run", async ({ page }) => {
  await page.goto(PAGE_URL);
  const tried = await page.evaluate(async () => {
    const breaches: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => breaches.push(event.effectiveDirective));
    const state = window as { ran?: string };
    const run = async (prepare: (script: HTMLScriptElement) => void) => {
      const script = document.createElement("script");
      prepare(script);
      const loading = new Promise((resolve) => {
        script.onload = resolve;
        script.onerror = resolve;
        setTimeout(resolve, 1000);
      });
      document.head.append(script);
      await loading;
    };
    await run((script) => {
      script.textContent = "window.ran = 'inline'";
    });
    await run((script) => {
      script.src = URL.createObjectURL(new Blob(["window.ran = 'blob'"], { type: "text/javascript" }));
    });
    await run((script) => {
      script.src = "data:text/javascript,window.ran='data'";
    });
    document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror=\"window.ran = 'handler'\">");
    await new Promise((resolve) => setTimeout(resolve, 500));
    let evaluated = true;
    try {
      new Function("return 1")();
    } catch {
      evaluated = false;
    }
    return { ran: state.ran ?? null, evaluated, breaches: [...new Set(breaches)].sort() };
  });
  expect(tried.ran).toBeNull();
  expect(tried.evaluated).toBe(false);
  expect(tried.breaches).toEqual(expect.arrayContaining(["script-src-attr", "script-src-elem"]));
});
