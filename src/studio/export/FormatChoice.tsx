/** The formats side by side, the use of the chosen one, and the reasons why some are unavailable. */
import { useId } from "react";
import type { ExportFormat, VideoContainer } from "../../media/export/options.ts";
import css from "./export.module.css";
import { formats, formatWords } from "./formats.ts";

interface FormatChoiceProps {
  readonly format: ExportFormat;
  /** null: unknown as yet. */
  readonly videos: readonly VideoContainer[] | null;
  readonly onChoose: (format: ExportFormat) => void;
}

export function FormatChoice({ format, videos, onChoose }: FormatChoiceProps) {
  const id = useId();
  const reasons = formats.flatMap((each) => {
    const reason = reasonAgainst(each, videos);
    return reason === null ? [] : [{ each, reason }];
  });
  return (
    <fieldset className={css.formats}>
      <legend className="visually-hidden">Format</legend>
      <div className={css.chips}>
        {formats.map((each) => {
          const refused = reasons.some((entry) => entry.each === each);
          return (
            <label key={each} className={css.chip}>
              <input
                type="radio"
                name={id}
                checked={each === format}
                disabled={refused || (isVideo(each) && videos === null && each !== format)}
                aria-describedby={refused ? `${id}-${each}` : `${id}-text`}
                onChange={() => onChoose(each)}
              />
              {formatWords[each].name}
            </label>
          );
        })}
      </div>
      <p id={`${id}-text`} className={css.note}>
        {formatWords[format].text}
      </p>
      {reasons.map(({ each, reason }) => (
        <p key={each} id={`${id}-${each}`} className={css.note}>
          {reason}
        </p>
      ))}
    </fieldset>
  );
}

export function isVideo(format: ExportFormat): format is VideoContainer {
  return format === "mp4" || format === "webm";
}

/** The reason why a format is unavailable; null: it is available, or that is unknown as yet. */
export function reasonAgainst(format: ExportFormat, videos: readonly VideoContainer[] | null): string | null {
  if (!isVideo(format) || videos === null || videos.includes(format)) return null;
  const { name } = formatWords[format];
  if (!("VideoEncoder" in globalThis)) return `No ${name}: this browser has no video encoder.`;
  return `No ${name}: this browser's video encoder lacks ${format === "mp4" ? "H.264" : "VP9, AV1 and VP8"}, or not in this size.`;
}
