/** Quantiles of the symmetric beta distribution, for the beta spacing (Lee et al. 2024, "Beta Sampling is All You Need"). */

/** Terms of the series: its ratio is below 1/2, so that 60 of them exhaust double precision. */
const TERMS = 60;

/**
 * The x with P(X <= x) = p for X ~ Beta(a, a), as scipy.stats.beta.ppf(p, a, a).
 * @param p in [0, 1]
 * @param a above 0
 */
export function betaQuantile(p: number, a: number): number {
  if (p > 0.5) return 1 - betaQuantile(1 - p, a);
  // Half of the mass lies below 1/2, so the integral up to there takes the place of the beta function.
  const whole = 2 * incompleteBeta(0.5, a);
  let [low, high] = [0, 0.5];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return low;
    if (incompleteBeta(middle, a) / whole <= p) low = middle;
    else high = middle;
  }
}

/** ∫ from 0 to x of (t (1 - t))^(a - 1) dt for x <= 1/2, from the binomial series of its second factor. */
function incompleteBeta(x: number, a: number): number {
  let sum = 0;
  let term = 1;
  for (let n = 0; n < TERMS; n++) {
    sum += term / (a + n);
    term *= ((n + 1 - a) / (n + 1)) * x;
  }
  return x ** a * sum;
}
