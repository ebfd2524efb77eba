/** Sums up a page's JavaScript heap by kind of object, from a heap snapshot in V8's format. */

import type { Page } from "playwright";

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      /** The first entry names the types. */
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  /** One group of numbers for each node, in the order of `node_fields`. */
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Bytes by kind, after a garbage collection: "object ImageData", "native system / JSArrayBufferData", "detached nodes". */
export async function heapBytesByKind(page: Page): Promise<Map<string, number>> {
  const { snapshot, nodes, strings } = await heapSnapshot(page);
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, name, size, detached] = ["type", "name", "self_size", "detachedness"].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
    number,
  ];
  const held = new Map<string, number>();
  const add = (kind: string, bytes: number) => held.set(kind, (held.get(kind) ?? 0) + bytes);
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type]!]!;
    const named = ["object", "native"].includes(kind) ? ` ${strings[nodes[at + name]!]}` : "";
    add(kind + named, nodes[at + size]!);
    // 2 marks a node that was removed from the document.
    if (nodes[at + detached] === 2) add("detached nodes", nodes[at + size]!);
  }
  return held;
}

async function heapSnapshot(page: Page): Promise<HeapSnapshot> {
  const devtools = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  devtools.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await devtools.detach();
  return JSON.parse(chunks.join("")) as HeapSnapshot;
}
