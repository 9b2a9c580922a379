/**
 * What all AWS clients share. Region, endpoint and credentials come from the environment that Lambda provides, so nothing
 * here knows where it runs.
 */

/** Attempts of one call, the first included; the state machine retries beyond that. */
const maxAttempts = 4;
/** Milliseconds to reach the service. */
const connectionTimeout = 3_000;

/**
 * @param socketTimeout milliseconds without a byte after which a call is given up; the default fits control calls
 */
export function clientOptions(socketTimeout = 20_000) {
  return { maxAttempts, retryMode: "standard", requestHandler: { connectionTimeout, socketTimeout } } as const;
}
