/** The one error of the project: a code for programs, a sentence for the person, and what to do next. */
export class ZoetropeError extends Error {
  override readonly name = "ZoetropeError";
  readonly code: string;
  /** One sentence on what the person can do next; may be empty when the message says it. */
  readonly hint: string;

  constructor(code: string, text: { message: string; hint?: string; cause?: unknown }) {
    super(text.message, text.cause === undefined ? undefined : { cause: text.cause });
    this.code = code;
    this.hint = text.hint ?? "";
  }

  /** Plain data that survives `postMessage`; `fromInfo` restores it on the other side. */
  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message, hint: this.hint };
  }

  static fromInfo(info: ErrorInfo): ZoetropeError {
    return new ZoetropeError(info.code, info);
  }

  /** Any thrown value as a ZoetropeError; what is not one already gets the code "internal". */
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
