/** What a person's browser does: opens a link. Names below `localhost` are this machine, as browsers hold it (RFC 6761). */
import { request } from "node:http";

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends one request. `form` makes it a POST of form fields. */
export function open(link: string, form?: Readonly<Record<string, string>>): Promise<Page> {
  const url = new URL(link);
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const hostname = url.hostname.endsWith(".localhost") ? "127.0.0.1" : url.hostname;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port: url.port,
        path: url.pathname + url.search,
        method: body === undefined ? "GET" : "POST",
        headers: {
          host: url.host,
          accept: "text/html",
          ...(body === undefined
            ? {}
            : { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }),
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
