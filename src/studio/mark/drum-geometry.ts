/**
 * A zoetrope drum in three-quarter view: slits round the wall, a strip of pictures inside, projected at an angle.
 * The drum stands upright; a point at angle θ (0: right, π/2: towards the viewer) and depth y below the rim lies at
 * (cx + R cos θ, cy + r sin θ + y).
 */

export const drum = { cx: 160, cy: 70, radius: 130, tilt: 58, height: 86 } as const;

const slots = 12;
const slit = { halfAngle: 0.05, top: 7, bottom: 32 } as const;
const picture = { top: 38, bottom: 72, ballRadius: 6.5 } as const;

export interface DrumFrame {
  /** SVG path data: the slits of the far wall, seen from inside, and of the near wall, seen from outside. */
  readonly farSlits: string;
  readonly nearSlits: string;
  /** The strip of pictures on the far wall: the lines between them, and a bouncing ball, one phase further in each. */
  readonly divisions: string;
  readonly balls: string;
}

/** The drum turned by `turn` radians. */
export function drumFrame(turn: number): DrumFrame {
  let farSlits = "";
  let nearSlits = "";
  let divisions = "";
  let balls = "";
  for (let slot = 0; slot < slots; slot++) {
    const angle = (slot / slots) * 2 * Math.PI + turn;
    const facing = Math.sin(angle);
    if (facing > 0.08) nearSlits += slitPath(angle);
    if (facing < -0.08) {
      farSlits += slitPath(angle);
      divisions += `M${point(angle, picture.top)}L${point(angle, picture.bottom)}`;
      // The pictures sit between the slits.
      balls += ballPath(angle + Math.PI / slots, slot / slots);
    }
  }
  return { farSlits, nearSlits, divisions, balls };
}

function slitPath(angle: number): string {
  const [a, b] = [angle - slit.halfAngle, angle + slit.halfAngle];
  return `M${point(a, slit.top)}L${point(b, slit.top)}L${point(b, slit.bottom)}L${point(a, slit.bottom)}Z`;
}

function ballPath(angle: number, phase: number): string {
  const facing = Math.max(0, -Math.sin(angle));
  const bounce = Math.abs(Math.sin(phase * 2 * Math.PI)); // 0 on the floor, 1 at the top
  const floor = picture.bottom - picture.ballRadius - 2;
  const y = floor - bounce * (floor - picture.top - picture.ballRadius - 2);
  const [rx, ry] = [picture.ballRadius * Math.max(0.12, facing), picture.ballRadius];
  const x = drum.cx + drum.radius * Math.cos(angle);
  const cy = drum.cy + drum.tilt * Math.sin(angle) + y;
  return `M${fixed(x - rx)} ${fixed(cy)}a${fixed(rx)} ${ry} 0 1 0 ${fixed(2 * rx)} 0a${fixed(rx)} ${ry} 0 1 0 ${fixed(-2 * rx)} 0Z`;
}

/** The paper strip along the far wall. */
export function stripPath(): string {
  const { cx, cy, radius, tilt } = drum;
  const left = cx - radius;
  const right = cx + radius;
  return (
    `M${left} ${cy + picture.top}A${radius} ${tilt} 0 0 1 ${right} ${cy + picture.top}` +
    `V${cy + picture.bottom}A${radius} ${tilt} 0 0 0 ${left} ${cy + picture.bottom}Z`
  );
}

/** The floor of the drum. */
export const floor = { cx: drum.cx, cy: drum.cy + drum.height, rx: drum.radius, ry: drum.tilt } as const;

/** The near wall, from the front of the rim down to the base. */
export function wallPath(): string {
  const { cx, cy, radius, tilt, height } = drum;
  const left = cx - radius;
  const right = cx + radius;
  return `M${left} ${cy}A${radius} ${tilt} 0 0 0 ${right} ${cy}V${cy + height}A${radius} ${tilt} 0 0 1 ${left} ${cy + height}Z`;
}

function point(angle: number, y: number): string {
  return `${fixed(drum.cx + drum.radius * Math.cos(angle))} ${fixed(drum.cy + drum.tilt * Math.sin(angle) + y)}`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
