/**
 * The noise schedule of Stable Diffusion as a table over the 1000 training timesteps, and how to read it at and between them.
 * Bit for bit what torch and diffusers compute: fp32 betas, a cumulative product accumulated in double and stored as fp32.
 */

/** Names as diffusers has them; "sqrt_linear" is what the LDM code base calls diffusers' "linear". */
export type BetaSchedule = "linear" | "scaled_linear" | "sqrt_linear";

export const TRAINING_STEPS = 1000;
const DEFAULT_BETA_START = 0.00085;
const DEFAULT_BETA_END = 0.012;

/** Amount of noise in a sample: sigma² = (1 - alphaBar) / alphaBar. */
export interface NoiseLevel {
  readonly sigma: number;
  readonly alphaBar: number;
}

/** A noise level, and the timestep that the network gets for it. The two are independent: Karras spacing rounds one and not the other. */
export interface ScheduleRow extends NoiseLevel {
  readonly timestep: number;
}

/** One step of a sampler: the network is asked at `at`, the sample moves to `to`. */
export interface ScheduleStep {
  readonly at: ScheduleRow;
  readonly to: NoiseLevel;
}

/** alphaBar[t] and sigma[t] for every training timestep, as fp32. */
export interface NoiseTable {
  readonly alphaBar: Float32Array;
  readonly sigma: Float32Array;
}

/** The end of sampling: no noise left. */
export const CLEAN: NoiseLevel = { sigma: 0, alphaBar: 1 };

/** The cumulative product of 1 - beta over the training timesteps (Ho et al. 2020), as torch computes it. */
export function alphasCumprod(
  schedule: BetaSchedule,
  betaStart: number = DEFAULT_BETA_START,
  betaEnd: number = DEFAULT_BETA_END,
): Float32Array {
  const betas = schedule === "scaled_linear" ? scaledLinearBetas(betaStart, betaEnd) : linspace(betaStart, betaEnd);
  const alphaBar = new Float32Array(TRAINING_STEPS);
  let product = 1;
  for (const [t, beta] of betas.entries()) {
    product *= Math.fround(1 - beta);
    alphaBar[t] = product;
  }
  return alphaBar;
}

function scaledLinearBetas(betaStart: number, betaEnd: number): Float32Array {
  return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd)).map((root) => root * root);
}

/** torch.linspace in fp32: it walks from both ends to the middle, with a fused multiply-add (one rounding). */
function linspace(from: number, to: number): Float32Array {
  const [start, end] = [Math.fround(from), Math.fround(to)];
  const step = Math.fround(Math.fround(end - start) / (TRAINING_STEPS - 1));
  return Float32Array.from({ length: TRAINING_STEPS }, (_, i) =>
    i < TRAINING_STEPS / 2 ? start + step * i : end - step * (TRAINING_STEPS - 1 - i),
  );
}

/** alphaBar that stands for 0 where a sampler divides by it, as in diffusers: sigma is then 4096. */
const NO_SIGNAL = 2 ** -24;

export function noiseTable(alphaBar: Float32Array): NoiseTable {
  const sigma = alphaBar.map((a) => Math.sqrt(Math.fround(Math.fround(1 - a) / (a || NO_SIGNAL))));
  return { alphaBar, sigma };
}

/**
 * Shifts and scales √alphaBar so that the last timestep is pure noise and the first stays as it was
 * (Lin et al. 2024, "Common diffusion noise schedules…", algorithm 1).
 */
export function withZeroTerminalSnr(alphaBar: Float32Array): Float32Array {
  const root = alphaBar.map(Math.sqrt);
  const [first, last] = [root[0]!, root[TRAINING_STEPS - 1]!];
  return root.map((value) => (((value - last) * first) / (first - last)) ** 2);
}

/** The row of a whole timestep; outside the table its nearest end. */
export function rowAtTimestep(table: NoiseTable, timestep: number): ScheduleRow {
  const t = Math.min(Math.max(timestep, 0), TRAINING_STEPS - 1);
  return { timestep: t, sigma: table.sigma[t]!, alphaBar: table.alphaBar[t]! };
}

/** The row of a noise level that is not (or not exactly) in the table. */
export function rowAtSigma(timestep: number, sigma: number): ScheduleRow {
  const rounded = Math.fround(sigma);
  return { timestep, sigma: rounded, alphaBar: 1 / (1 + rounded * rounded) };
}

/** The value of a table at a fractional position, linear between neighbours, constant beyond the ends (numpy.interp). */
export function interpolate(values: Float32Array, position: number): number {
  const last = values.length - 1;
  const clamped = Math.min(Math.max(position, 0), last);
  const low = Math.min(Math.floor(clamped), last - 1);
  return values[low]! + (values[low + 1]! - values[low]!) * (clamped - low);
}

/**
 * The fractional timestep whose noise level is `sigma`: linear in ln sigma between neighbours, clamped to the table. The logarithms of
 * the table are fp32, because diffusers' multistep solvers cut the result to a whole number: the last bit decides between 998 and 999.
 */
export function timestepOfSigma(sigmas: Float32Array, sigma: number): number {
  const logs = sigmas.map(Math.log);
  const log = Math.log(Math.max(sigma, 1e-10));
  const above = logs.findIndex((value) => value > log);
  const low = Math.min(Math.max((above < 0 ? logs.length : above) - 1, 0), logs.length - 2);
  const w = Math.min(Math.max((log - logs[low]!) / Math.fround(logs[low + 1]! - logs[low]!), 0), 1);
  return (1 - w) * low + w * (low + 1);
}

/** Rounds halves to the even neighbour, as numpy and Python do: 832.5 -> 832, 499.5 -> 500. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
