/** The export menu: format, options and estimated size. */

import { bytesWords } from "../../core/amounts.ts";
import { smoothCount } from "../../core/interpolate/smooth-frames.ts";
import controls from "../controls/controls.module.css";
import { SelectField } from "../controls/SelectField.tsx";
import type { ExportOptions as Options } from "../store/export.ts";
import { trimOf } from "../store/player.ts";
import { useActions, useStudio, useStudioStore } from "../studio-context.tsx";
import { type Choices, dithers, encoders, palettes, plays, qualities, rounds, smoothnesses, stillParts } from "./choices.ts";
import css from "./export.module.css";
import { exportedFrames, smoothnessOf, upscalerOf } from "./export-job.ts";
import { FormatChoice, isVideo, reasonAgainst } from "./FormatChoice.tsx";
import { formatWords } from "./formats.ts";
import { playbackFps } from "./playback-fps.ts";
import { scaleOf, scalesFor } from "./scale.ts";
import { canShare } from "./share.ts";
import { useSizeEstimate } from "./use-size-estimate.ts";
import { useVideoFormats } from "./use-video-formats.ts";

const enlarging = "Small clips are saved larger, because players blur them otherwise; each pixel stays sharp.";

export function ExportOptions() {
  const clip = useStudio((state) => state.clip);
  const { format, scale: chosen } = useStudio((state) => state.exportOptions);
  const set = useStudio((state) => state.setExportOptions);
  const { width, height } = clip?.request.settings ?? { width: 0, height: 0 };
  const scale = scaleOf(chosen, format, { width, height });
  const videos = useVideoFormats(width * scale, height * scale);
  if (clip === null) return null;
  return (
    <div className={css.options}>
      <FormatChoice format={format} videos={videos} onChoose={(chosen) => set({ format: chosen })} />
      <SelectField
        label="Size"
        hint={format === "sheet" ? `Of one frame. ${enlarging}` : enlarging}
        value={String(scale)}
        choices={scalesFor(format, { width, height }).map((factor) => ({
          value: String(factor),
          label: `${width * factor} × ${height * factor}`,
        }))}
        onChoose={(value) => set({ scale: Number(value) })}
      />
      <UpscalerChoice enlarges={scale > 1} />
      {format !== "frame" && (
        <NumberChoice
          option="smoothness"
          label="Smoothness"
          hint="Pictures between the frames, made by moving what moves. What turns, appears or changes its shape shows doubled in them."
          choices={smoothnesses}
        />
      )}
      {(format === "gif" || format === "apng") && (
        <NumberChoice option="plays" label="Repeats" hint="How often a player shows it." choices={plays} />
      )}
      {format === "gif" && <GifFields />}
      {isVideo(format) && <VideoFields />}
      <Summary />
      <Buttons impossible={reasonAgainst(format, videos) !== null || (isVideo(format) && videos === null)} />
    </div>
  );
}

function UpscalerChoice({ enlarges }: { enlarges: boolean }) {
  const shelf = useStudio((state) => state.shelf);
  const chosen = useStudio(upscalerOf);
  const set = useStudio((state) => state.setExportOptions);
  const upscalers = shelf.filter(({ kind }) => kind === "upscaler");
  return (
    <>
      <SelectField
        label="Enlarged by"
        hint="The pixels as they are, or a super-resolution model, which draws finer details; a compact one takes seconds for each frame, a large one up to a minute."
        value={chosen}
        choices={[{ value: "", label: "Its pixels" }, ...upscalers.map(({ id, name }) => ({ value: id, label: name }))]}
        onChoose={(upscaler) => set({ upscaler })}
      />
      {chosen !== "" && !enlarges && <p className={css.note}>Choose a larger size: at this one nothing is enlarged.</p>}
    </>
  );
}

function VideoFields() {
  return (
    <>
      <NumberChoice
        option="rounds"
        label="Repeats"
        hint="How often the clip is in the video: players show a video once."
        choices={rounds}
      />
      <Choice option="quality" label="Quality" hint="Better pictures make larger files." choices={qualities} />
    </>
  );
}

function GifFields() {
  const encoder = useStudio((state) => state.exportOptions.encoder);
  return (
    <>
      <Choice
        option="encoder"
        label="Encoder"
        hint="The compatible one draws every frame whole with colours of its own; its files are larger and take longer."
        choices={encoders}
      />
      {encoder === "zoetrope" && (
        <>
          <Choice
            option="palette"
            label="Palette"
            hint="One for all frames keeps still things still; one for each frame shows more colours and is larger. Automatic: one where it is good enough."
            choices={palettes}
          />
          <Choice
            option="dither"
            label="Dither"
            hint="Mixes colours that the palette lacks: a pattern that stands still, or a fine grain."
            choices={dithers}
          />
          <Choice
            option="stillPixels"
            label="Still parts"
            hint="What has not changed since the frame before need not be saved again."
            choices={stillParts}
          />
        </>
      )}
    </>
  );
}

interface ChoiceProps<Option extends keyof Options> {
  readonly option: Option;
  readonly label: string;
  readonly hint: string;
  readonly choices: Choices<Options[Option]>;
}

function Choice<Option extends "encoder" | "palette" | "dither" | "stillPixels" | "quality">({
  option,
  ...words
}: ChoiceProps<Option>) {
  const value = useStudio((state) => state.exportOptions[option]);
  const set = useStudio((state) => state.setExportOptions);
  return <SelectField<Options[Option]> {...words} value={value} onChoose={(chosen) => set({ [option]: chosen })} />;
}

function NumberChoice({ option, choices, ...words }: ChoiceProps<"plays" | "rounds" | "smoothness">) {
  const value = useStudio((state) => state.exportOptions[option]);
  const set = useStudio((state) => state.setExportOptions);
  const texts = choices.map((choice) => ({ ...choice, value: String(choice.value) }));
  return (
    <SelectField {...words} choices={texts} value={String(value)} onChoose={(chosen) => set({ [option]: Number(chosen) })} />
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
  // These determine the number of frames; the frame on the stage matters only when a single frame is saved.
  useStudio(trimOf);
  useStudio((state) => state.exportOptions.rounds);
  useStudio((state) => (format === "frame" ? state.frame : 0));
  const smoothness = useStudio((state) => state.exportOptions.smoothness);
  const frames = exportedFrames(store.getState(), count, format);
  const pictures = smoothCount(frames.length, smoothnessOf(store.getState(), format));
  switch (format) {
    case "frame":
      return `Frame ${frames[0]! + 1} of ${count}`;
    case "frames":
    case "sheet":
      return `${pictures} frames`;
    default: {
      const rate = fps * smoothness;
      const seconds = (pictures / rate).toFixed(1);
      return `${pictures} frames${mode === "ping-pong" ? ", forth and back," : ""} at ${rate} per second, ${seconds} s`;
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
        Save {formatWords[format].called}
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
