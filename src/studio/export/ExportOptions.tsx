/** What the clip is saved as, how, and how large that will be. */
import type { VideoQuality } from "../../media/export/options.ts";
import controls from "../controls/controls.module.css";
import { SelectField } from "../controls/SelectField.tsx";
import { bytesWords } from "../import/amounts.ts";
import type { ExportOptions as Options } from "../store/export.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import css from "./export.module.css";
import { exportedFrames, playbackFps } from "./export-job.ts";
import { FormatChoice, isVideo, reasonAgainst } from "./FormatChoice.tsx";
import { formatWords } from "./formats.ts";
import { canShare } from "./share.ts";
import { useSizeEstimate } from "./use-size-estimate.ts";
import { useVideoFormats } from "./use-video-formats.ts";

/** Longest side of an exported picture. */
const longestSide = 2048;

const repeats = [
  { value: "0", label: "For ever" },
  { value: "1", label: "Plays once" },
  { value: "3", label: "Three times" },
] as const;

const rounds: readonly Choice<string>[] = [
  { value: "1", label: "Once" },
  { value: "2", label: "Twice" },
  { value: "4", label: "Four times" },
  { value: "8", label: "Eight times" },
];

const qualities: readonly Choice<VideoQuality>[] = [
  { value: "small", label: "Small file" },
  { value: "good", label: "Good" },
  { value: "best", label: "Best" },
];

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
  const { format, scale } = useStudio((state) => state.exportOptions);
  const set = useStudio((state) => state.setExportOptions);
  const { width, height } = clip?.request.settings ?? { width: 0, height: 0 };
  const videos = useVideoFormats(width * scale, height * scale);
  if (clip === null) return null;
  const scales = [1, 2, 3, 4].filter((factor) => factor === 1 || Math.max(width, height) * factor <= longestSide);
  return (
    <div className={css.options}>
      <FormatChoice format={format} videos={videos} onChoose={(chosen) => set({ format: chosen })} />
      <SelectField
        label="Size"
        hint={format === "sheet" ? "Of one frame. Larger copies are smoothly enlarged." : "Larger copies are smoothly enlarged."}
        value={String(scale)}
        choices={scales.map((factor) => ({ value: String(factor), label: `${width * factor} × ${height * factor}` }))}
        onChoose={(value) => set({ scale: Number(value) })}
      />
      {(format === "gif" || format === "apng") && <RepeatsField />}
      {format === "gif" && <GifFields />}
      {isVideo(format) && <VideoFields />}
      <Summary />
      <Buttons impossible={reasonAgainst(format, videos) !== null || (isVideo(format) && videos === null)} />
    </div>
  );
}

function RepeatsField() {
  const plays = useStudio((state) => state.exportOptions.plays);
  const set = useStudio((state) => state.setExportOptions);
  return (
    <SelectField
      label="Repeats"
      hint="How often a player shows it."
      value={String(plays)}
      choices={repeats}
      onChoose={(value) => set({ plays: Number(value) })}
    />
  );
}

function VideoFields() {
  const options = useStudio((state) => state.exportOptions);
  const set = useStudio((state) => state.setExportOptions);
  return (
    <>
      <SelectField
        label="Repeats"
        hint="How often the clip is in the video: players show a video once."
        value={String(options.rounds)}
        choices={rounds}
        onChoose={(value) => set({ rounds: Number(value) })}
      />
      <SelectField
        label="Quality"
        hint="Better pictures make larger files."
        value={options.quality}
        choices={qualities}
        onChoose={(quality) => set({ quality })}
      />
    </>
  );
}

function GifFields() {
  const options = useStudio((state) => state.exportOptions);
  const set = useStudio((state) => state.setExportOptions);
  return (
    <>
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
            hint="One for all frames keeps still things still; one for each frame shows more colours and is larger. Automatic: one where it is good enough."
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
    </>
  );
}

function Summary() {
  const words = useSummary();
  return (
    <>
      <p className={css.size}>
        <span>{words}</span>
        <SizeEstimate />
      </p>
      <p className={css.note}>Prompt and settings are kept inside the file: drop it here to bring them back.</p>
    </>
  );
}

/** "16 frames at 8 per second, 2.0 s" */
function useSummary(): string {
  const store = useStudioStore();
  const count = useStudio((state) => state.clip?.pictures.length ?? 0);
  const format = useStudio((state) => state.exportOptions.format);
  const mode = useStudio((state) => state.loopMode);
  const fps = useStudio(playbackFps);
  // Of these the number of frames is made; the frame on the stage only for a single one.
  useStudio((state) => state.inPoint);
  useStudio((state) => state.outPoint);
  useStudio((state) => state.exportOptions.rounds);
  useStudio((state) => (format === "frame" ? state.frame : 0));
  const frames = exportedFrames(store.getState(), count, format);
  switch (format) {
    case "frame":
      return `Frame ${frames[0]! + 1} of ${count}`;
    case "frames":
    case "sheet":
      return `${frames.length} frames`;
    default: {
      const seconds = (frames.length / fps).toFixed(1);
      return `${frames.length} frames${mode === "ping-pong" ? ", forth and back," : ""} at ${fps} per second, ${seconds} s`;
    }
  }
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

function Buttons({ impossible }: { impossible: boolean }) {
  const format = useStudio((state) => state.exportOptions.format);
  const busy = useStudio((state) => state.exportProgress !== null);
  const actions = useActions();
  return (
    <div className={css.buttons}>
      <button
        type="button"
        className={`${controls.primary} ${css.save}`}
        disabled={impossible || busy}
        onClick={() => void actions.exportChosen()}
      >
        Save {formatWords[format].name}
      </button>
      {canShare(format) && (
        <button
          type="button"
          className={controls.button}
          disabled={impossible || busy}
          onClick={() => void actions.shareChosen()}
        >
          Share
        </button>
      )}
      <button type="button" className={controls.button} onClick={() => void actions.copyFrame()}>
        Copy frame
      </button>
      <button type="button" className={controls.button} onClick={() => void actions.copySettings()}>
        Copy settings
      </button>
    </div>
  );
}
