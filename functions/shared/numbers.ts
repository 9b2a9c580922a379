/** Figures and times as people read them. No I/O. */

/** Four digits after the point, more than a sample of thousands of rows can tell; large figures keep fewer. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "not a number";
  if (Math.abs(value) >= 1e9) return value.toExponential(3);
  return value.toFixed(Math.abs(value) >= 10_000 ? 1 : 4);
}

/** A difference with its sign; a difference that rounds to nothing has none. */
export function signed(value: number): string {
  const text = figure(Math.abs(value));
  if (Number(text) === 0) return `±${text}`;
  return value > 0 ? `+${text}` : `−${text}`;
}

/** 12,345 */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** 0.95 as "95 %". */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** US dollars; two digits, or as many as the first one that is not zero takes. */
export function dollars(value: number): string {
  if (value === 0 || value >= 0.01) return `${value >= 1000 ? count(value) : value.toFixed(2)} USD`;
  return `${value.toFixed(Math.min(10, 1 - Math.floor(Math.log10(value))))} USD`;
}

/** Seconds since the epoch as a time in UTC. */
export function moment(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** How long until then, in words: "2 days", "12 hours", "40 minutes"; rounded down, so that it never promises too much. */
export function timeLeft(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes >= 48 * 60) return `${Math.floor(minutes / 1440)} days`;
  if (minutes >= 120) return `${Math.floor(minutes / 60)} hours`;
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
