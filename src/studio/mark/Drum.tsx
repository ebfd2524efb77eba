/** The turning drum on the empty stage. It stands still if the person prefers less motion. */
import { useEffect, useRef } from "react";
import { prefersReducedMotion } from "../controls/motion-preference.ts";
import css from "./drum.module.css";
import { drum, drumFrame, floor, stripPath, wallPath } from "./drum-geometry.ts";

const turnsPerSecond = 0.045;
/** The frame rate of film, which any device can draw. */
const frameMs = 1000 / 24;
const restingTurn = 0.13;
const first = drumFrame(restingTurn);

export function Drum() {
  const far = useRef<SVGPathElement>(null);
  const near = useRef<SVGPathElement>(null);
  const divisions = useRef<SVGPathElement>(null);
  const balls = useRef<SVGPathElement>(null);

  useEffect(() => {
    if (prefersReducedMotion()) return;
    let request = 0;
    const start = performance.now();
    let drawnAt = 0;
    const draw = (now: number) => {
      request = requestAnimationFrame(draw);
      if (now - drawnAt < frameMs) return;
      drawnAt = now;
      const frame = drumFrame(restingTurn + ((now - start) / 1000) * turnsPerSecond * 2 * Math.PI);
      far.current?.setAttribute("d", frame.farSlits);
      near.current?.setAttribute("d", frame.nearSlits);
      divisions.current?.setAttribute("d", frame.divisions);
      balls.current?.setAttribute("d", frame.balls);
    };
    request = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(request);
  }, []);

  const { cx, cy, radius, tilt, height } = drum;
  return (
    <svg className={css.drum} viewBox="0 0 320 250" aria-hidden>
      <clipPath id="drum-opening">
        <ellipse cx={cx} cy={cy} rx={radius} ry={tilt} />
      </clipPath>
      <path className={css.foot} d={`M${cx - 8} ${cy + height + tilt - 4}v22h16v-22z`} />
      <ellipse className={css.foot} cx={cx} cy={cy + height + tilt + 22} rx="46" ry="10" />
      <g clipPath="url(#drum-opening)">
        <ellipse className={css.inside} cx={cx} cy={cy} rx={radius} ry={tilt} />
        <path ref={far} className={css.farSlits} d={first.farSlits} />
        <path className={css.strip} d={stripPath()} />
        <path ref={divisions} className={css.divisions} d={first.divisions} />
        <path ref={balls} className={css.balls} d={first.balls} />
        <ellipse className={css.floor} {...floor} />
      </g>
      <path className={css.wall} d={wallPath()} />
      <path ref={near} className={css.nearSlits} d={first.nearSlits} />
      <ellipse className={css.rim} cx={cx} cy={cy} rx={radius} ry={tilt} />
    </svg>
  );
}
