/** Addresses of the browser tests' two servers. */

export const PAGE_URL = "http://127.0.0.1:4680/";
export const HARNESS_URL = "http://127.0.0.1:4681/";
