/** How the GIF is saved, and how large it will be. */
import controls from "../controls/controls.module.css";
import { SelectField } from "../controls/SelectField.tsx";
import { bytesWords } from "../import/amounts.ts";
import type { ExportOptions as Options } from "../store/export.ts";
import { playOrder, playRange } from "../store/player.ts";
import { useActions, useStudio } from "../studio-context.tsx";
import css from "./export.module.css";
import { playbackFps } from "./run-export.ts";
import { useSizeEstimate } from "./use-size-estimate.ts";

/** Longest side of an exported GIF. */
const longestSide = 2048;

const repeats = [
  { value: "0", label: "For ever" },
  { value: "1", label: "Plays once" },
  { value: "3", label: "Three times" },
] as const;

const encoders: readonly Choice<Options["encoder"]>[] = [
  { value: "zoetrope", label: "Small and fast" },
  { value: "gif.js", label: "Compatible (gif.js)" },
];

const palettes: readonly Choice<Options["palette"]>[] = [
  { value: "automatic", label: "Automatic" },
  { value: "global", label: "One for all frames" },
  { value: "per-frame", label: "One for each frame" },
];

const dithers: readonly Choice<Options["dither"]>[] = [
  { value: "none", label: "None" },
  { value: "ordered", label: "Pattern" },
  { value: "diffusion", label: "Grain" },
];

const stillChoices: readonly Choice<Options["stillPixels"]>[] = [
  { value: "same", label: "Left out where the same" },
  { value: "near", label: "Left out where nearly so" },
  { value: "draw", label: "Drawn again" },
];

interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

export function ExportOptions() {
  const clip = useStudio((state) => state.clip);
  const options = useStudio((state) => state.exportOptions);
  const set = useStudio((state) => state.setExportOptions);
  if (clip === null) return null;
  const { width, height } = clip.request.settings;
  const scales = [1, 2, 3, 4].filter((factor) => factor === 1 || Math.max(width, height) * factor <= longestSide);
  return (
    <div className={css.options}>
      <SelectField
        label="Size"
        hint="Larger copies are smoothly enlarged."
        value={String(options.scale)}
        choices={scales.map((factor) => ({ value: String(factor), label: `${width * factor} × ${height * factor}` }))}
        onChoose={(value) => set({ scale: Number(value) })}
      />
      <SelectField
        label="Repeats"
        hint="How often a player shows it."
        value={String(options.plays)}
        choices={repeats}
        onChoose={(value) => set({ plays: Number(value) })}
      />
      <SelectField
        label="Encoder"
        hint="The compatible one draws every frame whole with colours of its own; its files are larger and take longer."
        value={options.encoder}
        choices={encoders}
        onChoose={(encoder) => set({ encoder })}
      />
      {options.encoder === "zoetrope" && (
        <>
          <SelectField
            label="Palette"
            hint="One for all frames keeps still things still; one for each frame shows more colours and is larger."
            value={options.palette}
            choices={palettes}
            onChoose={(palette) => set({ palette })}
          />
          <SelectField
            label="Dither"
            hint="Mixes colours that the palette lacks: a pattern that stands still, or a fine grain."
            value={options.dither}
            choices={dithers}
            onChoose={(dither) => set({ dither })}
          />
          <SelectField
            label="Still parts"
            hint="What has not changed since the frame before need not be saved again."
            value={options.stillPixels}
            choices={stillChoices}
            onChoose={(stillPixels) => set({ stillPixels })}
          />
        </>
      )}
      <Summary />
    </div>
  );
}

function Summary() {
  const count = useStudio((state) => state.clip?.pictures.length ?? 0);
  const mode = useStudio((state) => state.loopMode);
  const inPoint = useStudio((state) => state.inPoint);
  const outPoint = useStudio((state) => state.outPoint);
  const fps = useStudio(playbackFps);
  const copySettings = useActions().copySettings;
  const frames = playOrder(count, mode, playRange({ inPoint, outPoint }, count)).length;
  return (
    <>
      <p className={css.size}>
        <span>
          {frames} frames{mode === "ping-pong" ? ", forth and back," : ""} at {fps} per second, {(frames / fps).toFixed(1)} s
        </span>
        <SizeEstimate />
      </p>
      <div className={css.foot}>
        <p className={css.note}>Prompt and settings are kept inside the file: drop it here to bring them back.</p>
        <button type="button" className={controls.button} onClick={() => void copySettings()}>
          Copy settings
        </button>
      </div>
    </>
  );
}

function SizeEstimate() {
  const estimate = useSizeEstimate();
  if (estimate === null) return <output className={css.bytes}>…</output>;
  return (
    <output className={css.bytes}>
      {estimate.exact ? "" : "about "}
      {bytesWords(estimate.bytes)}
    </output>
  );
}
