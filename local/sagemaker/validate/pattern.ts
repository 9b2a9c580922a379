/**
 * SageMaker's patterns are Java regular expressions; this turns them into JavaScript's, whole-string matched as AWS does.
 */

const compiled = new Map<string, RegExp | undefined>();

/** Rewrites what JavaScript spells differently. Exported for tests. */
export function toJavaScript(pattern: string): string {
  return (
    pattern
      // Java's POSIX class; in the model it only occurs inside [...]
      .replaceAll("\\p{Alnum}", "a-zA-Z0-9")
      // An anchor with a quantifier is legal in Java; the length is checked by min and max anyway.
      .replace(/\$\{\d+,\d+\}/g, "$")
      // Needless escapes, which the u flag refuses outside what it knows.
      .replace(/\\([_:@"'#%&,;<=>!~` ])/g, "$1")
  );
}

/** The pattern as a RegExp for the whole string; undefined when JavaScript cannot express it (then it is not checked). */
export function compilePattern(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  const source = `^(?:${toJavaScript(pattern)})$`;
  let result: RegExp | undefined;
  // "s": Java's matches() in Coral lets . match newlines only with DOTALL; SageMaker's ".*" members take multi-line text.
  for (const flags of ["us", "s"]) {
    try {
      result = new RegExp(source, flags);
      break;
    } catch {
      // try the laxer flags
    }
  }
  compiled.set(pattern, result);
  return result;
}
