/** What is served is the very bytes that were tested: asked of the registry and of S3, not believed. */
import { regionOf } from "../support/chain-parts.ts";
import { MODEL, tokensOf } from "../support/families.ts";
import { TRACEABLE } from "../support/frameworks.ts";
import { LINEAGE, packageRef } from "../support/lineage.ts";
import { factsOf, LIVE_CHECKS, type LiveCheck, type PackageFacts, registry } from "../support/live.ts";
import { type ObjectFacts, objects } from "../support/live-objects.ts";
import { MODEL_DATA } from "../support/model-data.ts";
import { CONTAINERS, type Container, containersOf } from "../support/packages.ts";
import { type Reading, textOf } from "../support/read.ts";
import type { Reporter } from "../support/report.ts";
import { allReads, reads, rule } from "../support/rule.ts";
import { CONTENT_ADDRESS, s3Ref } from "../support/s3-uri.ts";
import type { Settings } from "../support/settings.ts";
import { show } from "../support/show.ts";
import type { Subject } from "../support/subject.ts";
import { tagsOf, tagText } from "../support/tags.ts";
import { Unknown } from "../support/unknown.ts";

type Check = "tag" | "address" | "package" | "object" | LiveCheck;
type Wanted = Pick<Settings, "offline" | "tagPrefix">;

/** Model data that a container serves, and what is known of the digest of its bytes. */
interface Data {
  /** The property that led here. */
  readonly path: string;
  readonly uri: unknown;
  /** `sha256:<hex>` as the package records it; undefined where no package is asked. */
  readonly recorded: string | undefined;
  /** The version that was staged, where the package records it. */
  readonly version: string | undefined;
  readonly region: string;
}

const models = tokensOf(MODEL);
const TEST_AGAIN = "Submit the model again, so that what is served is what was tested.";
/** S3 says where a bucket really is, whichever region is asked. */
const ANY_REGION = "us-east-1";
/** The version of the object that was staged; SageMaker's package keeps it in its metadata. */
const VERSION_KEY = "artifact-version-id";

export default rule({
  id: "artifact-digest-matches",
  group: "lineage",
  severity: "critical",
  what: "The bytes that a model serves are not shown to be those that were tested.",
  why: "Tests and approval are about bytes; other bytes under the same name have neither.",
  fix: "Serve the package's own artefact, stored under its digest and with S3's SHA-256 of the whole object.",
  levels: { dev: "advisory", prod: "mandatory" },
  unexemptable: "all",
  checks: {
    tag: "The digest in the tag is not that of the package or of the data.",
    address: "The model data does not lie under the digest that is recorded.",
    package: "The package records no digest, or no model data.",
    object: "S3's checksum of the object is not that digest.",
    ...LIVE_CHECKS,
  } satisfies Record<Check, string>,
  framework: TRACEABLE,
  settings: ["offline", "tagPrefix"],
  resource: {
    reads: allReads(MODEL_DATA, reads(models, ...CONTAINERS, "tags")),
    async judge(subject, { settings, report }) {
      const { known, unknown } = containersOf(subject);
      for (const path of unknown) report.waits(path, "a container whose bytes can be looked up");
      const digests = new Set<string>();
      for (const container of known) {
        for (const digest of await judgeContainer(subject, container, settings, report)) digests.add(digest);
      }
      judgeTag(subject, digests, unknown.length > 0, settings, report);
    },
  },
});

/** The digests that the container is shown to serve. */
async function judgeContainer(
  subject: Subject,
  container: Container,
  settings: Wanted,
  report: Reporter<Check>,
): Promise<string[]> {
  const named = container.package;
  if (named.state === "unknown") report.waits(named.path, "a package whose record can be looked up");
  const found = packageRef(textOf(named));
  const region = found?.region ?? regionOf(subject) ?? ANY_REGION;
  let facts: PackageFacts | undefined;
  if (found) {
    const asked = { path: named.path, subject: `model package ${found.arn}`, limit: "a registered version" };
    facts = factsOf(await registry().modelPackage(found.arn), asked, settings.offline, report);
  }
  const recorded = facts && digestOf(facts, named.path, settings, report);
  const version = facts && own(facts.metadata, `${settings.tagPrefix}${VERSION_KEY}`);
  const data: Data[] = [];
  for (const reading of ownData(subject, container)) {
    const { path } = reading;
    if (reading.state === "unknown") report.waits(path, "an address whose bytes can be looked up");
    else if (reading.state !== "absent") data.push({ path, uri: reading.value, recorded, version, region });
  }
  if (facts && recorded !== undefined) {
    const listed = facts.modelData ?? [];
    if (listed.length === 0) noData(named.path, "InferenceSpecification", report);
    for (const { path, uri } of listed) {
      if (uri === undefined) noData(named.path, path, report);
      else data.push({ path: `${named.path} > ${path}`, uri, recorded, version, region });
    }
  }
  const digests: string[] = [];
  for (const one of data) digests.push(...(await judgeData(one, settings, report)));
  return recorded === undefined ? digests : [recorded, ...digests];
}

/** Readings of the data that the container names itself. */
function ownData(subject: Subject, container: Container): Reading[] {
  const said = new Set<string>();
  return subject
    .readAll(MODEL_DATA)
    .filter(({ path }) => path.startsWith(`${container.path}.`) && !said.has(path) && said.add(path));
}

function digestOf(facts: PackageFacts, path: string, settings: Wanted, report: Reporter<Check>): string | undefined {
  const key = `${settings.tagPrefix}${LINEAGE.artifactDigest.key}`;
  const value = own(facts.metadata, key);
  if (value?.match(LINEAGE.artifactDigest.pattern)) return value;
  const limit = `recorded as ${LINEAGE.artifactDigest.words}`;
  report.fault({ check: "package", path: `${path} > ${key}`, value: show(value), limit, fix: TEST_AGAIN });
  return undefined;
}

const own = (record: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

function noData(path: string, place: string, report: Reporter<Check>): void {
  const limit = "a container whose model data is named";
  report.fault({ check: "package", path: `${path} > ${place}`, value: "without model data", limit, fix: TEST_AGAIN });
}

/** Address and object; the digest of the address when it is one. */
async function judgeData(
  { path, uri, recorded, version, region }: Data,
  { offline }: Wanted,
  report: Reporter<Check>,
): Promise<string[]> {
  const place = s3Ref(uri);
  const hex = place && CONTENT_ADDRESS.exec(place.key)?.[1];
  const digest = hex === undefined ? undefined : `sha256:${hex}`;
  if (!place || digest === undefined || (recorded !== undefined && digest !== recorded)) {
    const limit = recorded === undefined ? "below sha256/<64 hex digits>/" : `below sha256/${recorded.slice(7)}/`;
    report.fault({ check: "address", path, value: show(uri), limit, fix: TEST_AGAIN });
  }
  const wanted = recorded ?? digest;
  // Without any digest there is nothing to hold the object against.
  if (!place || wanted === undefined) return [];
  const asked = { path, subject: `object ${show(uri)}`, limit: "an object whose bytes can be told" };
  const facts = factsOf(await objects().object(place.bucket, place.key, region), asked, offline, report);
  if (facts && !isStored(facts, wanted, version)) {
    const value = `an object with SHA-256 ${facts.checksumSha256 ?? "not kept"} (${facts.checksumType ?? "no type"}, version ${facts.versionId ?? "none"})`;
    report.fault({ check: "object", path, value, limit: `one with ${base64(wanted)} (FULL_OBJECT)`, fix: TEST_AGAIN });
  }
  return digest === undefined ? [] : [digest];
}

/**
 * Above 5 GB S3 keeps only a checksum made of those of the parts: then the version must be the one that was staged, whose
 * bytes were hashed on the way. The rollout judges by the same two.
 */
function isStored(facts: ObjectFacts, digest: string, version: string | undefined): boolean {
  if (facts.checksumType !== "COMPOSITE") return facts.checksumSha256 === base64(digest);
  return version !== undefined && version !== "null" && facts.versionId === version;
}

const base64 = (digest: string): string => Buffer.from(digest.slice("sha256:".length), "hex").toString("base64");

/** That there is a tag is lineage-tags-present's. */
function judgeTag(
  subject: Subject,
  digests: ReadonlySet<string>,
  partly: boolean,
  { tagPrefix }: Wanted,
  report: Reporter<Check>,
): void {
  const tags = tagsOf(subject.one("tags"));
  const key = `${tagPrefix}${LINEAGE.artifactDigest.key}`;
  const open = tags.unknownKeys[0] ?? tags.byKey.get(key)?.find(({ value }) => value instanceof Unknown)?.path;
  if (open !== undefined) report.waits(open, "the digest of what is served");
  const tag = tagText(tags, key);
  if (!tag || digests.size === 0 || digests.has(tag.text) || partly) return;
  const limit = [...digests].map(show).join(" or ");
  report.fault({
    check: "tag",
    path: tag.path,
    value: show(tag.text),
    limit,
    fix: "Take it from the package's record.",
  });
}
