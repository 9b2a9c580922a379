/** What an error of the AWS SDK says, and which of them are final. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");
export const wordsOf = (error: unknown): string =>
  (error instanceof Error && error.message ? error.message : nameOf(error) || String(error)).split("\n", 1)[0] ?? "";

/** Names by which the SDK and AWS say that the credentials are missing, wrong or expired: asking again changes nothing. */
const CREDENTIAL_FAULTS = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "ExpiredTokenException",
  "ExpiredToken",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "MissingAuthenticationTokenException",
]);
export const isCredentialFault = (error: unknown): boolean => CREDENTIAL_FAULTS.has(nameOf(error));
