/** What a person saved under a name: presets and styles, in IndexedDB, or for as long as the tab lasts where the browser keeps none. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { translateStorageError } from "./storage-errors.ts";

/** Settings and models. */
export interface Preset {
  readonly kind: "preset";
  readonly id: string;
  readonly name: string;
  /** As the part of a link behind "#", which names models. */
  readonly settings: string;
}

/** Words to go with any prompt; `{prompt}` in them stands for it. */
export interface Style {
  readonly kind: "style";
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  readonly negative: string;
}

export type Named = Preset | Style;

export interface PresetStore {
  /** Whether they outlive the tab. */
  readonly lasting: boolean;
  list(): Promise<readonly Named[]>;
  /** Replaces the one with the same id. Throws `storage/full`. */
  put(named: Named): Promise<void>;
  remove(id: string): Promise<void>;
}

interface PresetSchema extends DBSchema {
  named: { key: string; value: Named };
}

export async function openPresetStore(): Promise<PresetStore> {
  return IdbPresetStore.open().catch(() => new MemoryPresetStore());
}

class IdbPresetStore implements PresetStore {
  readonly lasting = true;
  readonly #db: IDBPDatabase<PresetSchema>;

  private constructor(db: IDBPDatabase<PresetSchema>) {
    this.#db = db;
  }

  /** Rejects where the browser keeps no database (some private windows). */
  static async open(): Promise<IdbPresetStore> {
    return new IdbPresetStore(
      await openDB<PresetSchema>("zoetrope-presets", 1, {
        upgrade: (created) => void created.createObjectStore("named", { keyPath: "id" }),
        // A tab with a newer version of the page must not wait for this one to upgrade the database.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      }),
    );
  }

  list(): Promise<readonly Named[]> {
    return this.#db.getAll("named");
  }

  async put(named: Named): Promise<void> {
    try {
      await this.#db.put("named", named);
    } catch (thrown) {
      throw translateStorageError(thrown);
    }
  }

  async remove(id: string): Promise<void> {
    await this.#db.delete("named", id);
  }
}

export class MemoryPresetStore implements PresetStore {
  readonly lasting = false;
  readonly #named = new Map<string, Named>();

  async list(): Promise<readonly Named[]> {
    return [...this.#named.values()];
  }

  async put(named: Named): Promise<void> {
    this.#named.set(named.id, named);
  }

  async remove(id: string): Promise<void> {
    this.#named.delete(id);
  }
}
