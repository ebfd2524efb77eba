/** The loss of every step, and its running mean, which shows whether anything is being learned. */
import { runningMeans } from "./running-means.ts";
import css from "./teach.module.css";

const width = 320;
const height = 120;

interface LossCurveProps {
  readonly losses: readonly number[];
  /** All steps of the training. */
  readonly steps: number;
}

export function LossCurve({ losses, steps }: LossCurveProps) {
  const means = runningMeans(losses);
  const top = Math.max(...losses, 1e-6);
  const lines = (values: readonly number[]) =>
    values.map((value, i) => `${x(i, steps).toFixed(1)},${(height * (1 - value / top)).toFixed(1)}`).join(" ");
  const [first, last] = [means[0], means.at(-1)];
  const words = first === undefined ? "No loss yet" : `Loss: ${first.toPrecision(2)} at first, ${last!.toPrecision(2)} now`;
  return (
    <figure className={css.loss}>
      <svg className={css.lossChart} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <line className={css.lossGround} x1={0} x2={width} y1={height} y2={height} />
        <polyline className={css.lossRaw} points={lines(losses)} />
        <polyline className={css.lossMean} points={lines(means)} />
      </svg>
      <figcaption className={css.soft}>{words}</figcaption>
    </figure>
  );
}

function x(step: number, steps: number): number {
  return (width * step) / Math.max(1, steps - 1);
}
