/** Finds the tensors of a model in what a pickle holds: a state dict by itself, or one among a trainer's other belongings. */

import { Instance } from "./globals.ts";
import { TensorView } from "./tensor-view.ts";

export interface StateDict {
  readonly tensors: ReadonlyMap<string, TensorView>;
  /** Text and numbers that stand beside the tensors, such as an embedding's name and steps. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A dict under one of these holds the weights, the first that is there. */
const WRAPPERS = ["state_dict", "params_ema", "model_state_dict", "controlnet", "model", "params", "module"];

/** Dicts whose names are part of their tensors' names: IP-Adapters, A1111's textual inversions. */
const PARTS = ["image_proj", "ip_adapter", "string_to_param"];

/** A trainer's records, which hold tensors but no weights. */
const TRAINING_STATE = /optim|sched|callback|loop|ema_state|scaler|rng|config/i;

const LONGEST_TEXT = 1000;

/** @param root what the pickle holds */
export function findStateDict(root: unknown): StateDict {
  if (!(root instanceof Map)) return { tensors: new Map(), metadata: {} };
  const dict = unwrap(root);
  const tensors = tensorsIn(dict);
  for (const part of PARTS) addPart(tensors, part, dict.get(part));
  // A dict of components, each with its own tensors.
  if (tensors.size === 0)
    for (const [name, value] of dict) if (typeof name === "string" && !TRAINING_STATE.test(name)) addPart(tensors, name, value);
  return { tensors: withoutModulePrefix(tensors), metadata: metadataIn(root) };
}

/** A1111's hypernetworks list their layers under the widths of the states that they change: 320, 640, 768, 1280. */
export function isHypernetwork(root: unknown): boolean {
  return root instanceof Map && [768, 320, 640, 1280].some((width) => Array.isArray(root.get(width)));
}

function unwrap(root: Map<unknown, unknown>): Map<unknown, unknown> {
  let dict = root;
  const seen = new Set<unknown>();
  while (!seen.has(dict)) {
    seen.add(dict);
    const outer: Map<unknown, unknown> = dict;
    // Beside tensors, only "state_dict" can be a wrapper: the others are names that a model may have for a part of itself.
    const names = tensorsIn(outer).size === 0 ? WRAPPERS : WRAPPERS.slice(0, 1);
    const name = names.find((key) => outer.get(key) instanceof Map);
    if (name !== undefined) dict = outer.get(name) as Map<unknown, unknown>;
  }
  return dict;
}

function tensorsIn(dict: Map<unknown, unknown>): Map<string, TensorView> {
  const tensors = new Map<string, TensorView>();
  for (const [key, value] of dict) if (typeof key === "string" && value instanceof TensorView) tensors.set(key, value);
  return tensors;
}

function addPart(tensors: Map<string, TensorView>, part: string, value: unknown): void {
  const dict = value instanceof Instance ? parametersOf(value) : value;
  if (!(dict instanceof Map)) return;
  for (const [key, tensor] of tensorsIn(dict)) tensors.set(`${part}.${key}`, tensor);
}

/** The tensors of a pickled `ParameterDict`. */
function parametersOf({ state }: Instance): unknown {
  return state instanceof Map ? state.get("_parameters") : null;
}

/** Models trained on several cards have "module." before every name. */
function withoutModulePrefix(tensors: ReadonlyMap<string, TensorView>): ReadonlyMap<string, TensorView> {
  const prefix = "module.";
  if (![...tensors.keys()].every((key) => key.startsWith(prefix))) return tensors;
  return new Map([...tensors].map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}

function metadataIn(root: Map<unknown, unknown>): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [key, value] of root) {
    const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (typeof key === "string" && plain && String(value).length <= LONGEST_TEXT) texts.push([key, String(value)]);
  }
  return Object.fromEntries(texts);
}
