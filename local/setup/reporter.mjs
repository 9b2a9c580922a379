/**
 * Mocha's spec reporter, which also keeps count in the file FRUGAL_TEST_COUNTS, after each test, so that a crash half way
 * still leaves true numbers. It also ends a run that will not end: after the last test nothing may be left running.
 */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

const { Spec } = Mocha.reporters;
const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;
const leftOpenMs = 15_000;

export default class Reporter extends Spec {
  constructor(runner, options) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, pending: 0, done: false };
    const file = process.env.FRUGAL_TEST_COUNTS;
    const keep = () => file && writeFileSync(file, JSON.stringify(counts));
    const count = (what) => () => {
      counts[what]++;
      keep();
    };
    runner.on(EVENT_TEST_PASS, count("passed"));
    runner.on(EVENT_TEST_FAIL, count("failed"));
    runner.on(EVENT_TEST_PENDING, count("pending"));
    runner.once(EVENT_RUN_END, () => {
      counts.done = true;
      keep();
      // Does not keep the process alive: it only fires when something else does.
      setTimeout(() => {
        counts.failed++;
        keep();
        const open = [...new Set(process.getActiveResourcesInfo())].join(", ");
        console.error(
          `\n  A test has left something running or open (${open}); it is ended now and counts as a failure.`,
        );
        process.exit(1);
      }, leftOpenMs).unref();
    });
  }
}
