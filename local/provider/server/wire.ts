/**
 * Pulumi property values as plain JavaScript, and back.
 *
 * The engine sends a `google.protobuf.Struct`; values that are not known at preview arrive as sentinel strings, assets as
 * objects with a signature key. Both constants are part of Pulumi's wire protocol
 * (`@pulumi/pulumi` runtime/rpc.js and sdk/go/common/resource/plugin/rpc.go).
 */
import structProto from "google-protobuf/google/protobuf/struct_pb.js";

/** A value that only the deployment will know. */
export const UNKNOWN: unique symbol = Symbol("unknown until the deployment");

/** What an input or output property may hold. Nulls are dropped on the way in, as the real providers do. */
export type Value = boolean | number | string | typeof UNKNOWN | Value[] | Props;
/** A bag of properties, keyed by the SDK's spelling. */
export type Props = { [name: string]: Value };

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Plain object (not an array, not a scalar). */
export function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a file or string asset as the engine sends it: `{path | text, hash}` plus the signature. */
export function isAsset(value: unknown): value is { path?: string; text?: string; hash?: string } {
  return isObject(value) && value[SIGNATURE] === ASSET;
}

/** True when the value, or anything inside it, is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

function decodeValue(value: unknown): Value | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return UNKNOWNS.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(decodeValue).filter((item) => item !== undefined);
  if (isObject(value)) return decodeObject(value);
  return value as boolean | number;
}

function decodeObject(bag: { [name: string]: unknown }): Props {
  const out: Props = {};
  for (const [name, value] of Object.entries(bag)) {
    const decoded = decodeValue(value);
    if (decoded !== undefined) out[name] = decoded;
  }
  return out;
}

/** Reads a Struct. A missing Struct is an empty bag. */
export function decode(struct: structProto.Struct | undefined): Props {
  return struct ? decodeObject(struct.toJavaScript()) : {};
}

function encodeValue(value: unknown): unknown {
  if (value === UNKNOWN) return UNKNOWN_STRING;
  if (Array.isArray(value)) return value.map((item) => encodeValue(item) ?? null);
  if (isObject(value)) return encodeObject(value);
  return value;
}

function encodeObject(bag: { [name: string]: unknown }): { [name: string]: unknown } {
  const out: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(bag)) if (value !== undefined) out[name] = encodeValue(value);
  return out;
}

/** Writes a Struct; undefined properties are left out. */
export function encode(props: { [name: string]: unknown }): structProto.Struct {
  return structProto.Struct.fromJavaScript(encodeObject(props) as never);
}
