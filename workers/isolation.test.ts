import { expect, it } from "vitest";
import { isolated } from "./isolation.ts";

it("a response without the headers gets them and keeps everything else", async () => {
  const response = isolated(new Response("text", { status: 201, headers: { "Content-Type": "application/wasm" } }));
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "application/wasm",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
  });
  expect(response.status).toBe(201);
  expect(await response.text()).toBe("text");
});

it("a response with the headers is passed on unchanged", () => {
  const response = isolated(new Response("text"));
  expect(isolated(response)).toBe(response);
});
