/**
 * Prompts that change while an animation denoises, as AUTOMATIC1111's web UI writes them: `[from:to:0.5]` changes over at half of the
 * steps, `[from:to:8]` after step 8, `[to:8]` adds and `[from::8]` takes away; `[cow|horse]` alternates from step to step.
 * Source: AUTOMATIC1111 `modules/prompt_parser.py`.
 */

/**
 * The prompt at a step.
 * @param step counted from 0, as the sampler takes it; like the web UI, which counts from 1, the first two see the same
 * @param steps all steps of the animation; a `when` below 1 is a share of them
 */
export function promptAtStep(text: string, step: number, steps: number): string {
  return evaluated(parse(text), { step: Math.max(1, step), steps });
}

/** Whether a prompt has anything that changes with the steps. */
export function changesWithSteps(text: string): boolean {
  return parse(text).some(isChanging);
}

/** Words of a prompt that no step reads. */
export interface UnreadWords {
  readonly words: string;
  /** The brackets that hold them, as written. */
  readonly change: string;
}

/** @returns words whose turn never comes in so many steps, because the change is too early, too late, or one of too many */
export function wordsNeverRead(text: string, steps: number): UnreadWords[] {
  const pieces = parse(text);
  const taken = Array.from({ length: Math.max(1, steps - 1) }, (_, i) => ({ step: i + 1, steps }));
  return pieces.flatMap((piece) => neverRead(piece, taken));
}

function neverRead(piece: Piece, at: readonly At[]): UnreadWords[] {
  if (typeof piece === "string") return [];
  if (piece.form === "brackets") return piece.inside.flatMap((inner) => neverRead(inner, at));
  const options = piece.form === "alternate" ? piece.options : [piece.from, piece.to];
  return options.flatMap((option) => {
    const turns = at.filter((each) => chosen(piece, each) === option);
    if (turns.length > 0) return option.flatMap((inner) => neverRead(inner, turns));
    const words = written(option).trim();
    return words === "" ? [] : [{ words, change: written([piece]) }];
  });
}

interface At {
  readonly step: number;
  readonly steps: number;
}

type Piece =
  | string
  | { readonly form: "brackets"; readonly open: string; readonly inside: readonly Piece[]; readonly close: string }
  | Change;

type Change =
  | { readonly form: "scheduled"; readonly from: readonly Piece[]; readonly to: readonly Piece[]; readonly when: number }
  | { readonly form: "alternate"; readonly options: readonly (readonly Piece[])[] };

function evaluated(pieces: readonly Piece[], at: At): string {
  return pieces.map((piece) => evaluate(piece, at)).join("");
}

function evaluate(piece: Piece, at: At): string {
  if (typeof piece === "string") return piece;
  switch (piece.form) {
    case "brackets":
      return `${piece.open}${evaluated(piece.inside, at)}${piece.close}`;
    default:
      return evaluated(chosen(piece, at), at);
  }
}

/** What stands in the place of a change at a step. */
function chosen(piece: Change, at: At): readonly Piece[] {
  if (piece.form === "alternate") return piece.options[(at.step - 1) % piece.options.length]!;
  const when = Math.min(at.steps, Math.floor(piece.when < 1 ? piece.when * at.steps : piece.when));
  return at.step <= when ? piece.from : piece.to;
}

/** Pieces as the person wrote them, spaces around numbers aside. */
function written(pieces: readonly Piece[]): string {
  return pieces.map(writtenPiece).join("");
}

function writtenPiece(piece: Piece): string {
  if (typeof piece === "string") return piece;
  switch (piece.form) {
    case "brackets":
      return `${piece.open}${written(piece.inside)}${piece.close}`;
    case "scheduled":
      return `[${piece.from.length > 0 ? `${written(piece.from)}:` : ""}${written(piece.to)}:${piece.when}]`;
    case "alternate":
      return `[${piece.options.map(written).join("|")}]`;
  }
}

function isChanging(piece: Piece): boolean {
  if (typeof piece === "string") return false;
  return piece.form !== "brackets" || piece.inside.some(isChanging);
}

/** An escaped character, a LoRA's call, a bracket, a separator, or plain text. */
const TOKENS = /\\.|<[^<>]*>|[()[\]:|]|[^\\()[\]:|<]+|[\\<]/gs;
const NUMBER = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*$/;

function parse(text: string): Piece[] {
  const tokens = text.match(TOKENS) ?? [];
  return piecesOf(tokens, 0, tokens.length);
}

function piecesOf(tokens: readonly string[], start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = start; at < end; at++) {
    const token = tokens[at]!;
    const partner = token === "(" || token === "[" ? partnerOf(tokens, at, end) : null;
    if (partner === null) pieces.push(token);
    else {
      pieces.push(token === "[" ? squareOf(tokens, at + 1, partner) : roundOf(tokens, at + 1, partner));
      at = partner;
    }
  }
  return pieces;
}

function roundOf(tokens: readonly string[], start: number, end: number): Piece {
  return { form: "brackets", open: "(", inside: piecesOf(tokens, start, end), close: ")" };
}

function squareOf(tokens: readonly string[], start: number, end: number): Piece {
  const options = splitAt(tokens, start, end, "|");
  if (options.length > 1) return { form: "alternate", options: options.map(([from, to]) => piecesOf(tokens, from, to)) };
  const parts = splitAt(tokens, start, end, ":");
  const when = NUMBER.exec(tokens.slice(...parts.at(-1)!).join(""))?.[1];
  if (when === undefined || parts.length < 2 || parts.length > 3)
    return { form: "brackets", open: "[", inside: piecesOf(tokens, start, end), close: "]" };
  const [from, to] = parts.length === 3 ? [parts[0]!, parts[1]!] : [null, parts[0]!];
  return {
    form: "scheduled",
    from: from === null ? [] : piecesOf(tokens, ...from),
    to: piecesOf(tokens, ...to),
    when: Number(when),
  };
}

/** The closing bracket's place, null where there is none. Brackets of the other kind count only as whole pairs. */
function partnerOf(tokens: readonly string[], open: number, end: number): number | null {
  const [opening, closing] = tokens[open] === "[" ? ["[", "]"] : ["(", ")"];
  let depth = 0;
  for (let at = open; at < end; at++) {
    if (tokens[at] === opening) depth++;
    if (tokens[at] === closing && --depth === 0) return at;
  }
  return null;
}

/** Ranges between the separators that no brackets enclose. */
function splitAt(tokens: readonly string[], start: number, end: number, separator: string): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let from = start;
  for (let at = start; at < end; at++) {
    const partner = tokens[at] === "(" || tokens[at] === "[" ? partnerOf(tokens, at, end) : null;
    if (partner !== null) at = partner;
    else if (tokens[at] === separator) {
      ranges.push([from, at]);
      from = at + 1;
    }
  }
  return [...ranges, [from, end]];
}
