/**
 * Reading a config.json of the diffusers world strictly: each setting either has a meaning here, or the value that
 * changes nothing, or it is refused by name. Settings that are absent have diffusers' default.
 */

import { ZoetropeError } from "../core/errors.ts";

export class ConfigJson {
  /** Path for messages ("unet/config.json"). */
  readonly name: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>, name: string) {
    this.#values = values;
    this.name = name;
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  /** The setting as the file has it; undefined where it is absent. */
  value(key: string): unknown {
    return this.#values[key];
  }

  /** The class the component is of: diffusers' `_class_name` or the first of transformers' `architectures`. */
  className(): string {
    return this.text("_class_name", this.words("architectures")?.[0] ?? "");
  }

  number(key: string, fallback: number): number {
    const value = this.#values[key] ?? fallback;
    return typeof value === "number" && Number.isFinite(value) ? value : this.refuse(key);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#values[key] ?? fallback;
    return typeof value === "boolean" ? value : this.refuse(key);
  }

  text(key: string, fallback: string): string {
    const value = this.#values[key] ?? fallback;
    return typeof value === "string" ? value : this.refuse(key);
  }

  /** One of a few words. */
  oneOf<const Word extends string>(key: string, words: readonly Word[], fallback: Word): Word {
    const value = this.text(key, fallback);
    return words.find((word) => word === value) ?? this.refuse(key);
  }

  /** A number for each of `length` levels; one number stands for all. */
  numbers(key: string, length: number, fallback: number): number[] {
    const value = this.#values[key] ?? fallback;
    const list: unknown[] = Array.isArray(value) ? value : Array.from({ length }, () => value);
    if (list.length !== length || !list.every((n) => typeof n === "number" && Number.isInteger(n) && n > 0)) this.refuse(key);
    return list as number[];
  }

  /** A list of words, or null where the setting is absent. */
  words(key: string): string[] | null {
    const value = this.#values[key];
    if (value === undefined || value === null) return null;
    return Array.isArray(value) && value.every((word) => typeof word === "string") ? (value as string[]) : this.refuse(key);
  }

  /** The setting must be absent, null or one of the values under which nothing happens that is not built here. */
  mustBe(key: string, ...harmless: readonly unknown[]): void {
    const value = this.#values[key];
    if (value === undefined || value === null) return;
    const list = Array.isArray(value) ? value : [value];
    if (!list.every((entry) => harmless.includes(entry))) this.refuse(key);
  }

  refuse(key: string): never {
    throw new ZoetropeError("model/unsupported-config", {
      message: `${this.name} asks for ${key} = ${JSON.stringify(this.#values[key] ?? null)}, which Zoetrope cannot do.`,
      hint: "Choose a model with the architecture of Stable Diffusion 1.x.",
    });
  }
}
