/** Lines of a stream, in flat memory. */

/**
 * Calls `take` for each line; ends of line are `\n` or `\r\n`, and a last line may lack one.
 *
 * @param watch sees the raw bytes first, for example to hash them
 */
export async function eachLine(
  body: AsyncIterable<Uint8Array>,
  take: (line: string) => void,
  watch?: (chunk: Uint8Array) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const feed = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
  for await (const chunk of body) {
    watch?.(chunk);
    feed(decoder.decode(chunk, { stream: true }));
  }
  feed(decoder.decode());
  if (rest !== "") take(rest.endsWith("\r") ? rest.slice(0, -1) : rest);
}
