/** The models of a farm's worker: those that ship with Zoetrope, and those in its folder. Ids are those of the page's shelf. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ZoetropeError } from "../core/errors.ts";
import { groupFiles, type ModelFile } from "../models/files.ts";
import { identify } from "../models/identify.ts";
import type { ShelfItem } from "../protocol/engine.ts";
import type { ContentIds } from "../runtime/node/content-id.ts";
import { modelFiles } from "../runtime/node/file-source.ts";
import { builtIn, shelfItemOf } from "../runtime/web/library/shelf.ts";

export interface ShelfModel {
  readonly item: ShelfItem;
  /** A file, or the folder of a model of several files; null: it ships with Zoetrope. */
  readonly path: string | null;
}

/** By id. */
export type Shelf = ReadonlyMap<string, ShelfModel>;

/**
 * @param folder null: only what ships with Zoetrope
 * @param say receives a sentence about each file that cannot be used
 * @throws ZoetropeError `arguments/models` when there is no such folder
 */
export async function readShelf(folder: string | null, ids: ContentIds, say: (sentence: string) => void): Promise<Shelf> {
  const shelf = new Map<string, ShelfModel>(builtIn().map((item) => [item.id, { item, path: null }]));
  if (folder === null) return shelf;
  if (!existsSync(folder)) {
    throw new ZoetropeError("arguments/models", {
      message: `There is no folder ${folder}.`,
      hint: "Name the folder of your models, or leave --models out to render with Mini.",
    });
  }
  for (const group of groupFiles(await modelFiles(folder))) {
    const path = pathOf(folder, group);
    try {
      const found = await identify(group);
      const id = await ids.of(path);
      shelf.set(id, { item: shelfItemOf(id, found), path });
    } catch (thrown) {
      say(`${path} was left out: ${ZoetropeError.from(thrown).message}`);
    }
  }
  return shelf;
}

function pathOf(folder: string, group: readonly ModelFile[]): string {
  const [first, ...others] = group.map(({ path }) => path.split("/"));
  if (others.length === 0) {
    const path = join(folder, ...first!);
    // Packed files go by their names without the ending.
    return existsSync(path) ? path : `${path}.gz`;
  }
  const common = first!
    .slice(0, -1)
    .filter((part, i, parts) =>
      others.every((other) => parts.slice(0, i + 1).every((each, k) => other[k] === each) && other[i] === part),
    );
  return join(folder, ...common);
}
