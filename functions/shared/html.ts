/** HTML from templates in which every value is escaped unless it is HTML already. No dependency, no client-side code. */

/** Text that is HTML already. Only `html` and `raw` make it. */
export interface Html {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Fit for element content and for quoted attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A template: values are escaped, lists are joined, undefined and false are nothing. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return { markup: strings.map((string, index) => string + render(values[index])).join("") };
}

/** Marks a constant of our own as HTML; never for anything that came from outside. */
export function raw(markup: string): Html {
  return { markup };
}

function render(value: unknown): string {
  if (value === undefined || value === null || value === false) return "";
  if (Array.isArray(value)) return value.map(render).join("");
  if (typeof value === "object" && "markup" in value && typeof value.markup === "string") return value.markup;
  return escapeHtml(String(value));
}
