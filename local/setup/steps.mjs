/** Shows a person what setup is doing and how long it has taken: one rewritten line on a terminal, plain lines elsewhere. */

/** A duration for people: "0.4 s", "12 s", "3 min 05 s". */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/**
 * @param options.terminal whether `write` goes to a terminal (default: standard output is one and is not dumb)
 * @param options.write takes text with its line ends (default: standard output)
 * @param options.every milliseconds between signs of life on no terminal (default 30 000; a terminal shows each second)
 */
export function createSteps(options = {}) {
  const terminal = options.terminal ?? (process.stdout.isTTY === true && process.env.TERM !== "dumb");
  const write = options.write ?? ((text) => process.stdout.write(text));
  const every = options.every ?? 30_000;
  return {
    /** A plain line. */
    note: (line) => write(`${line}\n`),
    /** Runs `work` under a title; `hint` says what it takes, e.g. "about a minute, the first time only". */
    async step(title, hint, work) {
      const start = Date.now();
      const passed = () => duration(Date.now() - start);
      const width = (process.stdout.columns ?? 80) - 1;
      const whole = () => duration(Math.floor((Date.now() - start) / 1000) * 1000).replace(".0", "");
      const show = () => write(`\r\u001b[2K${`${title} ... ${whole()}${hint ? ` (${hint})` : ""}`.slice(0, width)}`);
      if (terminal) show();
      else write(`${title} ...${hint ? ` (${hint})` : ""}\n`);
      const timer = setInterval(
        terminal ? show : () => write(`  still at it after ${passed()}\n`),
        terminal ? 1000 : every,
      );
      try {
        const result = await work();
        write(terminal ? `\r\u001b[2K${title}: done in ${passed()}\n` : `  done in ${passed()}\n`);
        return result;
      } catch (error) {
        write(terminal ? `\r\u001b[2K${title}: stopped after ${passed()}\n` : `  stopped after ${passed()}\n`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
