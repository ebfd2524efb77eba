import { expect, it } from "vitest";
import { wholeParts } from "./whole-parts.ts";

const bytes = Uint8Array.from({ length: 30_000 }, (_, i) => i % 251);

it("is still a Blob, and its parts read as one piece of the right bytes", async () => {
  const blob = wholeParts(new Blob([bytes]));
  expect(blob).toBeInstanceOf(Blob);
  expect(blob.size).toBe(bytes.length);
  const reader = blob.slice(1000, 25_000).stream().getReader();
  const { value, done } = await reader.read();
  expect(done).toBe(false);
  expect(value).toEqual(bytes.subarray(1000, 25_000));
  expect(await reader.read()).toEqual({ done: true, value: undefined });
});

it("a part that can no longer be read fails instead of ending early", async () => {
  const part = wholeParts(new Blob([bytes])).slice(0, 10);
  Object.assign(part, { arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) });
  await expect(part.stream().getReader().read()).rejects.toThrow("gone");
});
