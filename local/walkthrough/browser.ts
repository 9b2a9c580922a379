/** What a person's browser does: opens a link. Names below `localhost` are this machine, as browsers hold it (RFC 6761). */
import { request } from "node:http";

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Opens a link. `form` makes it a POST of form fields. */
export function open(link: string, form?: Readonly<Record<string, string>>): Promise<Page> {
  if (form === undefined) return send(link);
  const headers = { accept: "text/html", "content-type": "application/x-www-form-urlencoded" };
  return send(link, { method: "POST", headers, body: new URLSearchParams(form).toString() });
}

export interface Request {
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends one request as it is given. */
export function send(
  link: string,
  { method = "GET", headers = { accept: "text/html" }, body }: Request = {},
): Promise<Page> {
  const url = new URL(link);
  const hostname = url.hostname.endsWith(".localhost") ? "127.0.0.1" : url.hostname;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port: url.port,
        path: url.pathname + url.search,
        method,
        headers: {
          host: url.host,
          ...headers,
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        },
        timeout: 30_000,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url.host} did not answer within 30 s`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
