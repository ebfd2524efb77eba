import { expect, it } from "vitest";
import { layoutCells } from "./side-by-side-layout.ts";

const columnsOf = (count: number, width: number, height: number, aspect = 1) =>
  layoutCells(count, { width, height }, aspect).columns;

it("places two side by side on a wide stage and one above the other on a tall one", () => {
  expect(columnsOf(2, 900, 480)).toBe(2);
  expect(columnsOf(2, 360, 700)).toBe(1);
});

it("places three in a row if they fit, and wide pictures one above the other", () => {
  expect(columnsOf(3, 1500, 600)).toBe(3);
  expect(columnsOf(2, 900, 900, 2)).toBe(1);
});

it("fills the stage with ten squares without leaving it", () => {
  const { columns, cellWidth } = layoutCells(10, { width: 886, height: 478 }, 1);
  expect(columns * cellWidth + (columns - 1) * 12).toBeLessThanOrEqual(886);
  const rows = Math.ceil(10 / columns);
  expect(rows * (cellWidth + 44) + (rows - 1) * 12).toBeLessThanOrEqual(478);
  expect(cellWidth).toBeGreaterThan(160);
});

it("a stage without room has cells without width", () => {
  expect(layoutCells(4, { width: 0, height: 0 }, 1).cellWidth).toBe(0);
});
