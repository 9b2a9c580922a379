/** A double of S3 in memory: versions, checksums, conditional requests and multipart copies, as far as the functions use them. */
import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { awsError, FakeClient } from "./fake-client.ts";

export interface FakeObject {
  body: Buffer;
  etag: string;
  versionId: string;
  sha256?: string;
  type: "FULL_OBJECT" | "COMPOSITE";
  metadata: Record<string, string>;
  /** Reported where it is set. */
  lastModified?: Date;
}

const sha256 = (body: Buffer) => createHash("sha256").update(body).digest("base64");

export class FakeS3 extends FakeClient {
  readonly objects = new Map<string, FakeObject>();
  /** Called before each chunk that a reader gets, with the object's path and the offset of the chunk in it. */
  onRead: (path: string, offset: number) => void = () => undefined;
  /** Called before each command is carried out. */
  before: (name: string) => void = () => undefined;
  chunkSize = 7;
  #versions = 0;
  #uploads = new Map<string, { metadata: Record<string, string>; parts: Map<number, Buffer> }>();

  constructor() {
    super();
    this.on(HeadObjectCommand, (input) => this.#head(input.Bucket, input.Key));
    this.on(GetObjectCommand, (input) => this.#get(input));
    this.on(ListObjectsV2Command, ({ Bucket, Prefix }) => ({
      Contents: [...this.objects.keys()]
        .filter((path) => path.startsWith(`${Bucket}/${Prefix}`))
        .map((path) => ({ Key: path.slice(`${Bucket}/`.length) })),
    }));
    this.on(PutObjectCommand, ({ Bucket, Key, Body, ChecksumSHA256, IfNoneMatch }) => {
      const body = Buffer.from(String(Body));
      if (IfNoneMatch === "*" && this.objects.has(`${Bucket}/${Key}`)) return awsError("PreconditionFailed", "", 412);
      if (ChecksumSHA256 && ChecksumSHA256 !== sha256(body)) return awsError("BadDigest");
      return { VersionId: this.put(`${Bucket}/${Key}`, body).versionId };
    });
    this.on(CopyObjectCommand, (input) => {
      const source = this.#source(input.CopySource, input.CopySourceIfMatch);
      if (source instanceof Error) return source;
      const path = `${input.Bucket}/${input.Key}`;
      if (input.IfNoneMatch === "*" && this.objects.has(path)) return awsError("PreconditionFailed", "exists", 412);
      const copy = this.put(path, source.body, input.Metadata);
      return { VersionId: copy.versionId, CopyObjectResult: { ETag: copy.etag, ChecksumSHA256: copy.sha256 } };
    });
    this.#multipart();
  }

  override send(command: object): Promise<unknown> {
    this.before(command.constructor.name);
    return super.send(command);
  }

  put(path: string, body: Buffer | string, metadata: Record<string, string> = {}): FakeObject {
    const bytes = Buffer.from(body);
    const object: FakeObject = {
      body: bytes,
      etag: `"${createHash("md5").update(bytes).digest("hex")}"`,
      versionId: `v${++this.#versions}`,
      sha256: sha256(bytes),
      type: "FULL_OBJECT",
      metadata,
    };
    this.objects.set(path, object);
    return object;
  }

  #head(bucket?: string, key?: string) {
    const object = this.objects.get(`${bucket}/${key}`);
    if (!object) return awsError("NotFound", "", 404);
    return {
      ContentLength: object.body.length,
      ETag: object.etag,
      VersionId: object.versionId,
      ChecksumSHA256: object.sha256,
      ChecksumType: object.type,
      Metadata: object.metadata,
      LastModified: object.lastModified,
    };
  }

  #get(input: GetObjectCommand["input"]) {
    const object = this.objects.get(`${input.Bucket}/${input.Key}`);
    if (!object) return awsError("NoSuchKey", "The specified key does not exist.", 404);
    if (input.VersionId !== undefined && input.VersionId !== object.versionId)
      return awsError("NoSuchVersion", "", 404);
    if (input.IfMatch !== undefined && input.IfMatch !== object.etag) return awsError("PreconditionFailed", "", 412);
    const from = Number(/^bytes=(\d+)-$/.exec(input.Range ?? "")?.[1] ?? 0);
    const ContentRange = input.Range && `bytes ${from}-${object.body.length - 1}/${object.body.length}`;
    return { ContentRange, Body: this.#chunks(`${input.Bucket}/${input.Key}`, object.body, from) };
  }

  async *#chunks(path: string, body: Buffer, from: number): AsyncGenerator<Uint8Array> {
    for (let at = from; at < body.length; at += this.chunkSize) {
      this.onRead(path, at);
      yield body.subarray(at, at + this.chunkSize);
    }
  }

  #source(copySource: string | undefined, ifMatch: string | undefined): FakeObject | Error {
    const [path = "", query = ""] = (copySource ?? "").split("?");
    const object = this.objects.get(decodeURIComponent(path));
    if (!object) return awsError("NoSuchKey", "", 404);
    const version = new URLSearchParams(query).get("versionId");
    if (version !== null && version !== object.versionId) return awsError("NoSuchVersion", "", 404);
    if (ifMatch !== undefined && ifMatch !== object.etag) return awsError("PreconditionFailed", "", 412);
    return object;
  }

  #multipart() {
    this.on(CreateMultipartUploadCommand, ({ Metadata }) => {
      const UploadId = `u${this.#uploads.size + 1}`;
      this.#uploads.set(UploadId, { metadata: Metadata ?? {}, parts: new Map() });
      return { UploadId };
    });
    this.on(UploadPartCopyCommand, (input) => {
      const source = this.#source(input.CopySource, input.CopySourceIfMatch);
      if (source instanceof Error) return source;
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(input.CopySourceRange ?? "") ?? [];
      const part = source.body.subarray(Number(first), Number(last) + 1);
      this.#uploads.get(input.UploadId ?? "")?.parts.set(input.PartNumber ?? 0, part);
      return { CopyPartResult: { ETag: `"p${input.PartNumber}"`, ChecksumSHA256: sha256(part) } };
    });
    this.on(CompleteMultipartUploadCommand, (input) => {
      const upload = this.#uploads.get(input.UploadId ?? "");
      const path = `${input.Bucket}/${input.Key}`;
      if (!upload) return awsError("NoSuchUpload", "", 404);
      if (input.IfNoneMatch === "*" && this.objects.has(path)) return awsError("PreconditionFailed", "exists", 412);
      const parts = [...upload.parts.entries()].sort(([a], [b]) => a - b).map(([, body]) => body);
      const object = this.put(path, Buffer.concat(parts), upload.metadata);
      const digests = Buffer.concat(parts.map((part) => Buffer.from(sha256(part), "base64")));
      object.sha256 = `${sha256(digests)}-${parts.length}`;
      object.type = "COMPOSITE";
      this.#uploads.delete(input.UploadId ?? "");
      return {};
    });
    this.on(AbortMultipartUploadCommand, ({ UploadId }) => {
      this.#uploads.delete(UploadId ?? "");
      return {};
    });
  }

  get openUploads(): number {
    return this.#uploads.size;
  }
}
