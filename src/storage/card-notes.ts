/** What was found out about graphics cards on this device, in IndexedDB: it takes seconds to find out, and holds until driver or engine change. */

import { type DBSchema, openDB } from "idb";

interface CardSchema extends DBSchema {
  /** By a key that names card, driver and engine. */
  cards: { key: string; value: unknown };
}

const DATABASE = "zoetrope-cards";
/** Cards with all their drivers that are kept; the others are forgotten. */
const KEPT = 8;

/** @returns what was kept under the key; undefined: nothing, or the browser keeps nothing */
export function readCardNotes(key: string): Promise<unknown> {
  return inDatabase((db) => db.get("cards", key)).catch(() => undefined);
}

/** Does nothing where the browser keeps nothing: the next start finds out again. */
export async function keepCardNotes(key: string, notes: unknown): Promise<void> {
  await inDatabase(async (db) => {
    const keys = await db.getAllKeys("cards");
    for (const old of keys.filter((other) => other !== key).slice(KEPT - 1)) await db.delete("cards", old);
    await db.put("cards", notes, key);
  }).catch(() => undefined);
}

async function inDatabase<T>(use: (db: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const db = await open();
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

function open() {
  return openDB<CardSchema>(DATABASE, 1, { upgrade: (db) => void db.createObjectStore("cards") });
}
