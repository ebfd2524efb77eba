/** The form of a derivative's rule. `dy` stands for the gradient of the loss with respect to an output. */

import type { Value } from "../graph.ts";
import type { NodeOf, Operator } from "../operators.ts";

/** For each input a function that adds the nodes of its gradient; null: the input has none (a shape, an axis). */
export type InputGradients = readonly ((() => Value) | null)[];

/** @param gradients dy of each output */
export type Rule<Op extends Operator> = (node: NodeOf<Op, Value>, gradients: readonly Value[]) => InputGradients;
