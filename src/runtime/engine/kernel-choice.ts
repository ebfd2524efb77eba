/**
 * Measures on the device at hand which kernels of onnxruntime are faster for products with weights of each width, and chooses the forms
 * that reach them. Which one wins differs between makers: Intel's matrix units, for example, are slower than its 8-bit dot products.
 */

import { blockQuantised } from "../../graph/encodings.ts";
import { Graph, type Value } from "../../graph/graph.ts";
import type { Accuracy } from "../../graph/operators.ts";
import { cast, expand, matching, matmul, slice } from "../../graph/ops.ts";
import { product } from "../../graph/products.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import type { GraphForms, GraphStyle } from "../../graph/style.ts";
import type { KernelTiming } from "../../protocol/engine.ts";
import { floats, type Session } from "./backend.ts";

export interface KernelChoice {
  /** Widths in rising order, with the accuracy level of quantised products from each width on. */
  readonly accuracy: readonly { readonly width: number; readonly level: Accuracy }[];
  /** Whether rows are padded to multiples of 128 (`GraphForms.alignedRows`). */
  readonly alignedRows: boolean;
  readonly timings: readonly KernelTiming[];
}

/** The forms that are compared, by the names that diagnostics give them. */
type Family = KernelTiming["family"];

/** Widths of SD 1.5's levels; 320 is the one that is no multiple of 128. */
const WIDTHS = [320, 640, 1280] as const;
/** Products in a row, so that a run computes for longer than it takes to start. */
const CHAIN = 4;
/** Another form is taken only when it needs less than this share of the usual one's time; smaller differences are noise. */
const CLEARLY = 0.9;
/** A run should take about this long, so that its start counts little. */
const LONG_ENOUGH_MS = 8;
const FEWEST_ROWS = 64;
const MOST_ROWS = 16384;
const RUNS = 3;

export interface MeasureOptions {
  /** Whether the device computes in fp16; quantised products are then measured in it, as the UNet runs them. */
  readonly fp16: boolean;
  /** All measuring ends after this time. */
  readonly budgetMs: number;
  /** Milliseconds of a clock. */
  readonly now: () => number;
}

/**
 * @param open makes a session of a model without external data
 * @returns what was measured within the budget; widths that were not keep the usual form
 */
export async function chooseKernels(
  open: (model: Uint8Array<ArrayBuffer>) => Promise<Session>,
  { fp16, budgetMs, now }: MeasureOptions,
): Promise<KernelChoice> {
  const ends = now() + budgetMs;
  const time = (family: Family, width: number, rows: number) => timeOf(open, now, productGraph(family, width, rows, fp16), width);
  let rows = FEWEST_ROWS;
  let ms = await time("8 bit, rounded", WIDTHS[0], rows);
  while (ms < LONG_ENOUGH_MS && rows < MOST_ROWS && now() < ends) {
    rows *= 4;
    ms = await time("8 bit, rounded", WIDTHS[0], rows);
  }
  const msOfValue = ms / (rows * WIDTHS[0] ** 2);
  const first: KernelTiming = { family: "8 bit, rounded", width: WIDTHS[0], rows, ms };
  const timings = [first];
  for (const width of WIDTHS) {
    const fitting = Math.max(FEWEST_ROWS, Math.round((rows * (WIDTHS[0] / width) ** 2) / FEWEST_ROWS) * FEWEST_ROWS);
    for (const family of familiesOf(width, fp16)) {
      if (width === first.width && family === first.family) continue;
      const expected = msOfValue * fitting * width ** 2 * (RUNS + 1);
      if (now() + expected > ends) continue;
      timings.push({ family, width, rows: fitting, ms: await time(family, width, fitting) });
    }
  }
  return choiceOf(timings);
}

/** The forms to take, from the times of those that were measured. */
export function choiceOf(timings: readonly KernelTiming[]): KernelChoice {
  const msOf = (family: Family, width: number) =>
    timings.find((timing) => timing.family === family && timing.width === width)?.ms ?? null;
  const faster = (family: Family, width: number) => {
    const [other, usual] = [msOf(family, width), msOf("8 bit, rounded", width)];
    return other !== null && usual !== null && other < CLEARLY * usual;
  };
  const alignedRows = WIDTHS.some((width) => faster("8 bit, rounded, rows of 128s", width));
  const accuracy = WIDTHS.map((width) => {
    const level: Accuracy = faster("8 bit, exact", width) && !(alignedRows && width % 128 !== 0) ? 0 : 4;
    return { width, level };
  });
  return { accuracy, alignedRows, timings };
}

/** What the choice means for graphs. */
export function styleOf({ accuracy, alignedRows }: KernelChoice): Pick<GraphStyle, "accuracy" | "forms"> {
  return {
    accuracy: (k) => (accuracy.findLast(({ width }) => width <= k) ?? accuracy[0]!).level,
    ...(alignedRows ? { forms: { alignedRows: 128 } } : {}),
  };
}

function familiesOf(width: number, fp16: boolean): readonly Family[] {
  return [
    "8 bit, rounded",
    "8 bit, exact",
    ...(width % 128 === 0 ? [] : (["8 bit, rounded, rows of 128s"] as const)),
    "fp32",
    ...(fp16 ? (["fp16"] as const) : []),
  ];
}

/** A chain of products of one family, [rows, width] each; one row goes in and out, so that copying takes no time. */
function productGraph(family: Family, width: number, rows: number, fp16: boolean): Graph {
  const forms: GraphForms = family === "8 bit, rounded, rows of 128s" ? { alignedRows: 128 } : {};
  const level: Accuracy = family === "8 bit, exact" ? 0 : 4;
  const graph = new Graph("kernels", { precision: "q8", attention: "plain", forms, accuracy: () => level });
  const half = family === "fp16" || (fp16 && family !== "fp32");
  const row = cast(graph.input("x", "float32", [1, width]), half ? "float16" : "float32");
  let x = expand(row, [rows, width]);
  for (let i = 0; i < CHAIN; i++) x = family === "fp32" || family === "fp16" ? whole(x, width) : quantised(x, width);
  graph.output("y", cast(slice(x, 0, 0, 1), "float32"));
  return graph;
}

function whole(x: Value, width: number): Value {
  return matmul(
    x,
    matching(
      x,
      x.graph.floats("weights", [width, width], () => weights(width)),
    ),
  );
}

function quantised(x: Value, width: number): Value {
  const block = 32;
  const encoded = blockQuantised(8, block).encode(weights(width), [width, width]) as [Uint8Array, Uint8Array];
  const packed = x.graph.constant("packed", "uint8", [width, width / block, block], () => encoded[0]);
  const scale = x.graph.constant("scale", "float32", [(width * width) / block], () => encoded[1]);
  return product(x, { stored: "blocks", packed, scale, k: width, n: width, bits: 8, block });
}

/** Small enough that a chain of products stays in the range of fp16. */
function weights(width: number): Float32Array {
  return Float32Array.from({ length: width * width }, (_, i) => Math.sin(i * 0.7) / Math.sqrt(width));
}

/** The least of several runs after one that prepares the kernels, in ms. */
async function timeOf(
  open: (model: Uint8Array<ArrayBuffer>) => Promise<Session>,
  now: () => number,
  graph: Graph,
  width: number,
): Promise<number> {
  const session = await open(graph.encode(new ShardLayout({})));
  try {
    const feeds = { x: floats(new Float32Array(width).fill(0.5), [1, width]) };
    await session.run(feeds);
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run++) {
      const began = now();
      await session.run(feeds);
      least = Math.min(least, now() - began);
    }
    return least;
  } finally {
    await session.release();
  }
}
