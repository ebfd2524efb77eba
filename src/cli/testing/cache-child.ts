/** Renders what it is sent, one clip at a time, until its parent disconnects. */

import { parseRenderArguments } from "../arguments.ts";
import { render } from "../render.ts";

export type ChildMessage =
  | { readonly type: "report" }
  | { readonly type: "made" }
  | { readonly type: "failed"; readonly message: string };

const say = (message: ChildMessage) => process.send!(message);

process.on("message", async (args: readonly string[]) => {
  try {
    await render(parseRenderArguments(args), new AbortController().signal, () => say({ type: "report" }));
    say({ type: "made" });
  } catch (thrown) {
    say({ type: "failed", message: String(thrown) });
  }
});
