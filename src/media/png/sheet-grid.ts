/** How the frames of a sprite sheet are laid out. */

export interface SheetGrid {
  readonly columns: number;
  readonly rows: number;
}

/** As square a sheet as whole rows of `frameCount` frames allow; the last row may have room left. */
export function sheetGrid(frameCount: number, width: number, height: number): SheetGrid {
  const columns = Math.max(1, Math.min(frameCount, Math.round(Math.sqrt((frameCount * height) / width))));
  const rows = Math.ceil(frameCount / columns);
  return { columns, rows };
}
