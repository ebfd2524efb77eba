import { expect, it } from "vitest";
import { ZoetropeError } from "../core/errors.ts";
import { expose, wrap } from "./comlink.ts";

/** What the caller at the other end of a channel catches when a call throws `thrown`. */
async function caught(thrown: unknown): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  expose({ fail: () => Promise.reject(thrown) }, port1);
  const remote = wrap<{ fail(): Promise<void> }>(port2);
  const error = await remote.fail().catch((reason: unknown) => reason);
  port1.close();
  return error;
}

it("a ZoetropeError thrown by a worker is a ZoetropeError on the page, with its code and hint", async () => {
  const text = { message: "big.safetensors is an SDXL checkpoint.", hint: "Choose one of SD 1.5." };
  const error = await caught(new ZoetropeError("checkpoint/unsupported-family", text));
  expect(error).toBeInstanceOf(ZoetropeError);
  expect(error).toMatchObject({ code: "checkpoint/unsupported-family", ...text });
});

it("any other error keeps its name and message", async () => {
  const error = await caught(new RangeError("too long"));
  expect(error).not.toBeInstanceOf(ZoetropeError);
  expect(error).toMatchObject({ name: "RangeError", message: "too long" });
});
