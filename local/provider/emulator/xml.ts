/** Just enough XML for the answers of AWS's query and REST-XML services. */

export type Xml = string | { [element: string]: Xml | Xml[] };

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? whole;
  });
}

const TOKEN = /<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([\w:.-]+)([^>]*?)(\/?)>|([^<]+)/g;

/** The root element's content: leaves are text, repeated elements are lists. Attributes are not kept. */
export function parseXml(text: string): Xml {
  interface Open {
    name: string;
    text: string;
    children: { [element: string]: Xml | Xml[] };
  }
  const root: Open = { name: "", text: "", children: {} };
  const stack: Open[] = [root];
  const close = () => {
    const done = stack.pop();
    const parent = stack.at(-1);
    if (!done || !parent) throw new Error("unbalanced XML");
    const value: Xml = Object.keys(done.children).length > 0 ? done.children : unescaped(done.text);
    const before = parent.children[done.name];
    parent.children[done.name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  };
  for (const [, cdata, slash, name, , selfClosing, characters] of text.matchAll(TOKEN)) {
    const top = stack.at(-1);
    if (!top) throw new Error("unbalanced XML");
    if (cdata !== undefined) top.text += cdata.replaceAll("&", "&amp;");
    else if (characters !== undefined) top.text += characters;
    else if (name !== undefined && slash) close();
    else if (name !== undefined) {
      stack.push({ name: name.split(":").at(-1) ?? name, text: "", children: {} });
      if (selfClosing) close();
    }
  }
  const [content] = Object.values(root.children);
  return Array.isArray(content) ? (content[0] ?? "") : (content ?? "");
}

/** The element at a path of names, `undefined` where there is none. */
export function at(xml: Xml | Xml[] | undefined, ...path: string[]): Xml | undefined {
  let here = Array.isArray(xml) ? xml[0] : xml;
  for (const name of path) {
    if (here === undefined || typeof here === "string") return undefined;
    const next = here[name];
    here = Array.isArray(next) ? next[0] : next;
  }
  return here;
}

/** The text at a path; empty elements count as absent. */
export function textAt(xml: Xml | undefined, ...path: string[]): string | undefined {
  const found = at(xml, ...path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A list under a path: `<Tags><member/><member/></Tags>` by `listAt(xml, "Tags", "member")`. */
export function listAt(xml: Xml | undefined, ...path: string[]): Xml[] {
  const parent = at(xml, ...path.slice(0, -1));
  const items = parent === undefined || typeof parent === "string" ? undefined : parent[path.at(-1) ?? ""];
  return items === undefined ? [] : Array.isArray(items) ? items : [items];
}
