// Waiting for conditions.

/** The longest that anything is waited for, in milliseconds. */
export const PATIENCE = 30_000;

/** Asks until the answer is a true one, and gives it. */
export async function until(what, answer, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await answer();
    if (found) return found;
    if (Date.now() > end) throw new Error(`It was not so within ${patience / 1000} s: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
