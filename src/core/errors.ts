/** The project's error: a code for programs, a sentence for the person, and a hint about what to do next. */
export class ZoetropeError extends Error {
  override readonly name = "ZoetropeError";
  readonly code: string;
  /** One sentence about what the person can do next; empty if the message says it. */
  readonly hint: string;

  constructor(code: string, text: { message: string; hint?: string; cause?: unknown }) {
    super(text.message, text.cause === undefined ? undefined : { cause: text.cause });
    this.code = code;
    this.hint = text.hint ?? "";
  }

  /** Plain data for `postMessage`; `fromInfo` restores the error on the other side. */
  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message, hint: this.hint };
  }

  static fromInfo(info: ErrorInfo): ZoetropeError {
    return new ZoetropeError(info.code, info);
  }

  /** Any thrown value as a ZoetropeError; foreign values get the code "internal". */
  static from(thrown: unknown): ZoetropeError {
    if (thrown instanceof ZoetropeError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new ZoetropeError("internal", {
      message: `Something went wrong that Zoetrope did not foresee: ${message}`,
      hint: "Please try again; if it happens again, report it with the steps that led here.",
      cause: thrown,
    });
  }
}

export interface ErrorInfo {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}
