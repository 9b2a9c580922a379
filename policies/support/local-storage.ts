/**
 * Instance families whose volumes lie in the machine itself. They are encrypted by the machine; a job on one is refused when
 * it names a key for them (SageMaker API reference, ResourceConfig and ProcessingClusterConfig).
 *
 * Source: EC2's DescribeInstanceTypes (instanceStorageSupported) as recorded by moto 5.2.5, for the families in SageMaker's own lists of
 * instance types (botocore's model of SageMaker); reviewed on the pack's REVIEWED day.
 */
const LOCAL = new Set([
  "c5d",
  "c6gd",
  "c6id",
  "g4dn",
  "g5",
  "g6",
  "g6e",
  "g7",
  "g7e",
  "m5d",
  "m6gd",
  "m6id",
  "p3dn",
  "p4d",
  "p4de",
  "p5",
  "p5e",
  "p5en",
  "p6-b200",
  "p6-b300",
  "r5d",
  "r6gd",
  "r6id",
  "r7gd",
  "trn1",
  "trn1n",
  "trn2",
]);

/** Whether instances of the type (`ml.g5.xlarge`) have volumes of their own. */
export const hasLocalStorage = (type: string): boolean => LOCAL.has(/^ml\.([^.]+)\./.exec(type)?.[1] ?? "");
