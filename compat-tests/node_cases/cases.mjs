// Runs the cases of a client and tells the suite what came of each.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

export const bootstrap = process.env.BOOTSTRAP;
export const START_MS = 1_600_000_000_000;

const PATIENCE_MS = 30_000;
let count = 0;

/** Run a case, an async function that throws what is wrong, and print its line. */
export async function run(name, body) {
  const began = performance.now();
  const line = { case: name, error: null };
  try {
    await within(PATIENCE_MS * 1.5, body());
  } catch (error) {
    line.error = String(error?.stack ?? error);
  }
  line.seconds = (performance.now() - began) / 1000;
  console.log(`\n${JSON.stringify(line)}`);
  count += 1;
}

/** Tell the suite that all cases have run, and end. */
export function end() {
  process.stdout.write(`\n${JSON.stringify({ end: count })}\n`, () => process.exit(0));
}

/** Wait until a condition, which may be a promise, holds. */
export async function until(what, condition) {
  const limit = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await pause(20);
  }
}

/** Fail unless a promise is refused with an error that a function accepts. */
export async function refused(promise, accepts) {
  let found;
  try {
    found = await promise;
  } catch (error) {
    assert.ok(accepts(error), `another error: ${error} ${JSON.stringify(error)}`);
    return;
  }
  throw new Error(`not refused: ${JSON.stringify(found)}`);
}

/** Return records of several shapes; every third one goes to the same of three partitions. */
export function records(number, { nulls = true } = {}) {
  return Array.from({ length: number }, (_, at) => ({
    partition: at % 3,
    key: `key ${at}`,
    value: nulls && at % 5 === 0 ? null : `value ${at} `.repeat(at * 3 + 1),
    headers: { trace: `${at}`, empty: "" },
    timestamp: String(START_MS + at * 1000),
  }));
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
