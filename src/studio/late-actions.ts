/** Actions of a feature whose program is a late part of the page. */
import type { LatePart } from "./controls/late-part.ts";
import type { StudioStore } from "./store/studio-store.ts";

type Action = (...values: never[]) => unknown;
type Late<A> = A extends (...values: infer Values) => infer Result
  ? (...values: Values) => Result | Promise<Awaited<Result>>
  : never;

/**
 * The actions of these names. Before the program is there, a call fetches it first; the person is told if that fails. Afterwards
 * an action runs within the call, as typing and the browser's clipboard need it.
 */
export function lateActions<Actions extends { [Name in keyof Actions]: Action }, Name extends keyof Actions>(
  store: StudioStore,
  part: LatePart<Actions>,
  names: readonly Name[],
): { [Key in Name]: Late<Actions[Key]> } {
  const late =
    (name: Name) =>
    (...values: never[]) => {
      const loaded = part.now();
      return loaded === null ? fetched().then((actions) => actions[name](...values)) : loaded[name](...values);
    };
  const fetched = () =>
    part.fetched().catch((thrown) => {
      store.getState().tell("error", thrown);
      throw thrown;
    });
  return Object.fromEntries(names.map((name) => [name, late(name)])) as { [Key in Name]: Late<Actions[Key]> };
}
