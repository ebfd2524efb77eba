/**
 * Reverse-mode differentiation: walks a graph backwards from its loss and adds the nodes that compute the gradients, so that one run
 * returns both. The rule of each operator is in rules.ts (Griewank & Walther, "Evaluating Derivatives", chapter 3).
 */

import type { Value } from "../graph.ts";
import type { GraphNode, Operator } from "../operators.ts";
import { add, expand, scalar } from "../ops.ts";
import { Recomputation } from "./recomputation.ts";
import type { Rule } from "./rule.ts";
import { rules } from "./rules.ts";

/**
 * The gradients of `loss` with respect to each of `wrt`, in the shapes of these. Adds nodes to the graph of `loss`.
 * @param loss one number, of any shape
 * @param cuts where segments begin whose values are computed again (see `chooseCuts`); none: every value is kept
 * @throws RangeError if an operator without a rule lies between, or the loss does not depend on one of `wrt`
 */
export function differentiate(loss: Value, wrt: readonly Value[], cuts: readonly number[] = []): Value[] {
  const { graph } = loss;
  const nodes = [...graph.nodes];
  const varying = varyingNames(nodes, wrt);
  const gradients = new Map<string, Value>([[loss.name, expand(scalar(loss, 1), loss.shape)]]);
  const recomputation = new Recomputation(graph, nodes, cuts);
  const waiting = new Set(wrt.map(({ name }) => name));
  for (const [index, node] of [...nodes.entries()].reverse()) {
    if (!node.outputs.some(({ name }) => varying.has(name) && gradients.has(name))) continue;
    if (recomputation.leavesAt(index)) {
      const found = [...waiting].filter((name) => gradients.has(name));
      for (const name of found) waiting.delete(name);
      const before = [...node.outputs.map(({ name }) => name), ...found].flatMap((name) => gradients.get(name) ?? []);
      recomputation.enter(index, before);
    }
    const received = node.outputs.map((output) => gradients.get(output.name) ?? zeros(output));
    for (const [i, gradient] of ruleOf(node)(recomputation.copied(node), received).entries()) {
      const input = node.inputs[i];
      if (gradient === null || input == null || !varying.has(input.name)) continue;
      const own = gradient();
      const before = gradients.get(input.name);
      gradients.set(input.name, before === undefined ? own : add(before, own));
    }
  }
  return wrt.map(({ name }) => {
    const gradient = gradients.get(name);
    if (gradient === undefined) throw new RangeError(`the loss does not depend on ${name}`);
    return gradient;
  });
}

/** Names of `wrt` and of every value that is computed from them. */
function varyingNames(nodes: readonly GraphNode<Value>[], wrt: readonly Value[]): ReadonlySet<string> {
  const varying = new Set(wrt.map(({ name }) => name));
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((input) => input !== null && varying.has(input.name))) for (const { name } of outputs) varying.add(name);
  }
  return varying;
}

/** The table holds each operator's rule under its name, so the rule takes this node. */
function ruleOf({ op }: GraphNode<Value>): Rule<Operator> {
  const rule = rules[op] as Rule<Operator> | null;
  if (rule === null) throw new RangeError(`${op} has no derivative; a graph for training must not contain it`);
  return rule;
}

function zeros(value: Value): Value {
  return expand(scalar(value, 0), value.shape);
}
