/** Types of the part of gif.js 0.2 that the project uses; the package ships none. */
declare module "gif.js" {
  interface GifJsOptions {
    readonly width: number;
    readonly height: number;
    /** Sampling of the palette search: 1 looks at every pixel, 10 at every tenth. */
    readonly quality: number;
    readonly workers: number;
    readonly workerScript: string;
    /** 0: for ever, -1: once. */
    readonly repeat: number;
  }

  export default class GIF {
    constructor(options: GifJsOptions);
    /** The workers that `render` has started. */
    readonly freeWorkers: readonly Worker[];
    readonly activeWorkers: readonly Worker[];
    addFrame(image: ImageData, options: { delay: number }): void;
    on(event: "progress", listener: (fraction: number) => void): void;
    on(event: "finished", listener: (blob: Blob, bytes: Uint8Array<ArrayBuffer>) => void): void;
    render(): void;
  }
}
