/** Ids for tests in which no contents change. */

import type { ContentId } from "../farm-job.ts";

export const idAlone: ContentId = async (ref) => ("id" in ref ? ref.id : ref.path);
