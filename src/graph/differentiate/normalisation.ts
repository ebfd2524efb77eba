/** The derivatives of layer norm and instance norm: dx = (g - mean(g) - x̂ mean(g x̂)) / sigma with g = dy · scale. */

import type { Value } from "../graph.ts";
import type { NodeOf } from "../operators.ts";
import { add, div, matching, mean, mul, reshape, scalar, sqrt, sub } from "../ops.ts";
import type { InputGradients } from "./rule.ts";
import { sumTo } from "./shapes.ts";

/** Over the last axis; scale and shift [C]. */
export function layerNormRule(node: NodeOf<"LayerNormalization", Value>, [dy]: readonly Value[]): InputGradients {
  const [x, scale] = node.inputs as [Value, Value];
  return normRule(x, scale, scale.shape, dy!, [x.shape.length - 1], node.attributes.epsilon);
}

/** Over all axes but the first two; scale and shift [G]. */
export function instanceNormRule(node: NodeOf<"InstanceNormalization", Value>, [dy]: readonly Value[]): InputGradients {
  const [x, scale] = node.inputs as [Value, Value];
  const axes = x.shape.map((_, axis) => axis).slice(2);
  return normRule(x, scale, [x.dim(1), ...axes.map(() => 1)], dy!, axes, node.attributes.epsilon);
}

/** @param affine shape of scale and shift that broadcasts against x */
function normRule(
  x: Value,
  scale: Value,
  affine: readonly number[],
  dy: Value,
  axes: readonly number[],
  epsilon: number,
): InputGradients {
  const normal = () => {
    const centred = sub(x, mean(x, axes));
    const sigma = sqrt(add(mean(mul(centred, centred), axes), scalar(x, epsilon)));
    return { sigma, xHat: div(centred, sigma) };
  };
  return [
    () => {
      const { sigma, xHat } = normal();
      const g = mul(dy, reshape(matching(x, scale), affine));
      return div(sub(sub(g, mean(g, axes)), mul(xHat, mean(mul(g, xHat), axes))), sigma);
    },
    () => reshape(sumTo(mul(dy, normal().xHat), affine), scale.shape),
    () => reshape(sumTo(dy, affine), scale.shape),
  ];
}
