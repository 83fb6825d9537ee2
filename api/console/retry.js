// Having a failed image rendered once more, where that can help.

import { ask } from "./service.js";

/** Whether an image has failed for a reason that may pass: not its file is at fault, but the service or a backend. */
export const canRetry = (record) => record?.state === "failed" && record.error?.retryable === true;

export const retry = (id) => ask("POST", `image/${id}/retry/`);
