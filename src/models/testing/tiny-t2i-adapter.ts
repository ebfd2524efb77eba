/** T2I-Adapters for tests, of any widths, in diffusers' names or TencentARC's. */

import type { TinyTensor } from "./tiny-files.ts";

export function t2iAdapterTensors(channels: readonly number[], hintChannels = 3): TinyTensor[] {
  const levels = channels.flatMap((width, level): TinyTensor[] => {
    const path = `adapter.body.${level}`;
    const before = channels[level - 1] ?? width;
    return [
      ...(before === width ? [] : convolution(`${path}.in_conv`, [width, before, 1, 1])),
      ...[0, 1].flatMap((n) => [
        ...convolution(`${path}.resnets.${n}.block1`, [width, width, 3, 3]),
        ...convolution(`${path}.resnets.${n}.block2`, [width, width, 1, 1]),
      ]),
    ];
  });
  return [...convolution("adapter.conv_in", [channels[0]!, 64 * hintChannels, 3, 3]), ...levels];
}

/** The levels' blocks in one list. */
export function originalName(name: string): string {
  return name
    .replace(/^adapter\./, "")
    .replace(/^body\.(\d+)\.resnets\.(\d+)\./, (_, level, n) => `body.${2 * Number(level) + Number(n)}.`)
    .replace(/^body\.(\d+)\.in_conv/, (_, level) => `body.${2 * Number(level)}.in_conv`);
}

function convolution(path: string, kernel: readonly number[]): TinyTensor[] {
  return [
    [`${path}.weight`, kernel],
    [`${path}.bias`, [kernel[0]!]],
  ];
}
