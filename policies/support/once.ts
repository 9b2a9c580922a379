/**
 * Each resource is read once. The library deserialises a resource anew for every rule, and every rule copies it out of the
 * checking proxy: with fifty rules nearly all of the time goes there. So what the library makes of one message of the engine
 * is kept as long as that message lives, and the plain copy as long as the proxy.
 *
 * Safe because no rule can change what it reads: rules see the copy only, and the copy is frozen. Remediation, which does
 * change properties, is another call of the library and gets its own.
 */
import deserialize from "@pulumi/policy/deserialize.js";
import proxy from "@pulumi/policy/proxy.js";
import { snapshot } from "./unknown.ts";

type Deserialize = (properties: object, proxySecrets: boolean) => object;
type Check = (properties: object) => object;

/** Exported at run time, but marked internal, so that the library's declarations leave them out. */
const library = {
  deserialize: deserialize as unknown as { deserializeProperties: Deserialize },
  proxy: proxy as unknown as { unknownCheckingProxy: Check },
};

/**
 * Makes the library deserialise each message once. Throws where the library is not built as this expects: a pack that is
 * fifty times slower is a fault to be seen, not to be lived with.
 */
export function readOnce(): void {
  const { deserializeProperties } = library.deserialize;
  const { unknownCheckingProxy } = library.proxy;
  if (typeof deserializeProperties !== "function" || typeof unknownCheckingProxy !== "function")
    throw new Error("@pulumi/policy is not built as policies/support/once.ts expects: see there");
  const kept = remembering((properties) => deserializeProperties(properties, false));
  library.deserialize.deserializeProperties = (properties, proxySecrets) =>
    proxySecrets ? deserializeProperties(properties, true) : kept(properties);
  library.proxy.unknownCheckingProxy = remembering(unknownCheckingProxy);
}

/** The plain copy of a resource's properties (see `snapshot`), one for all rules that are shown the same object. */
export const treeOf: (props: object) => unknown = remembering((props: object) => snapshot(props));

function remembering<Result>(make: (key: object) => Result): (key: object) => Result {
  const made = new WeakMap<object, { readonly result: Result }>();
  return (key) => {
    let found = made.get(key);
    if (!found) {
      found = { result: make(key) };
      made.set(key, found);
    }
    return found.result;
  };
}
