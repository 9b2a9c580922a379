/**
 * A small client for the emulators: AWS's three wire protocols as the account's root.
 *
 * The authorization header carries service, region and account for routing; the emulators do not verify root's signature,
 * so none is computed, and no SDK client per service has to be loaded (each costs start-up time and memory).
 */
import { at, parseXml, textAt, type Xml } from "./xml.ts";

/** An AWS service's refusal, in its words. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

export interface Place {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly region: string;
  readonly accountId: string;
}

export interface RestRequest {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE" | "HEAD" | "PATCH";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Codes and statuses that say "there is no such thing", as each service puts it. */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof AwsError)) return false;
  if (error.status === 404 || /NotFound|NoSuch|DoesNotExist|NonExistent/i.test(error.code)) return true;
  return error.code === "ValidationException" && /could not find|does not exist|not found/i.test(error.message);
}

export class Client {
  readonly place: Place;
  constructor(place: Place) {
    this.place = place;
  }

  /** `X-Amz-Target` services: JSON in, JSON out. */
  async json(service: string, target: string, input: object, version = "1.1"): Promise<Record<string, unknown>> {
    const response = await this.#send(service, {
      method: "POST",
      path: "/",
      headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": target },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    return text === "" ? {} : JSON.parse(text);
  }

  /** Query services: a form in, the `<Action>Result` element out. Lists and maps are given flattened (`Tags.member.1.Key`). */
  async query(
    service: string,
    action: string,
    version: string,
    params: Readonly<Record<string, string>>,
  ): Promise<Xml> {
    const response = await this.#send(service, {
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ Action: action, Version: version, ...params }).toString(),
    });
    const xml = parseXml(await response.text());
    return at(xml, `${action}Result`) ?? xml;
  }

  /** REST services that answer JSON. */
  async rest(service: string, request: RestRequest): Promise<Record<string, unknown>> {
    const text = await (await this.#send(service, request)).text();
    return text === "" ? {} : JSON.parse(text);
  }

  /** REST services that answer XML. */
  async restXml(service: string, request: RestRequest): Promise<Xml> {
    const text = await (await this.#send(service, request)).text();
    return text === "" ? "" : parseXml(text);
  }

  /** The bare response, its refusals already thrown. */
  async raw(service: string, request: RestRequest): Promise<Response> {
    return this.#send(service, request);
  }

  async #send(service: string, request: RestRequest): Promise<Response> {
    const { url, region } = this.place;
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    const search = request.query ? `?${new URLSearchParams(request.query)}` : "";
    let response: Response;
    try {
      response = await fetch(`${url}${request.path}${search}`, {
        method: request.method ?? "GET",
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=test/${day}/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
          // The provider speaks TLS to AWS: policies that deny clear transport must not see ours as that.
          "x-forwarded-proto": "https",
          ...request.headers,
        },
        body: request.body as string | undefined,
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new Error(`the emulator at ${url} does not answer (${service}): ${cause}`);
    }
    if (!response.ok) throw await failure(response, service);
    return response;
  }
}

async function failure(response: Response, service: string): Promise<AwsError> {
  const text = await response.text();
  const header = response.headers.get("x-amzn-errortype");
  try {
    if (text.trimStart().startsWith("<")) {
      const xml = parseXml(text);
      const error = at(xml, "Error") ?? at(xml, "Errors", "Error") ?? xml;
      return new AwsError(textAt(error, "Code") ?? "Unknown", textAt(error, "Message") ?? text, response.status);
    }
    const body = JSON.parse(text) as { __type?: string; code?: string; message?: string; Message?: string };
    const code = (header ?? body.__type ?? body.code ?? "Unknown").split("#").at(-1)?.split(":")[0] ?? "Unknown";
    return new AwsError(code, body.message ?? body.Message ?? text, response.status);
  } catch {
    return new AwsError(
      header ?? (response.status === 404 ? "NotFound" : "Unknown"),
      text || `${service} answered ${response.status}`,
      response.status,
    );
  }
}
