/** Building blocks of the pages. Pure; everything is escaped. */
import { type Html, html } from "../shared/html.ts";
import type { Fact, Row } from "../shared/packet-facts.ts";

/** A part of the page under a heading that names it. */
export function section(id: string, title: string, content: Html): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

export function factList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">${facts.map(
    ({ label, value, link }) =>
      html`<div><dt>${label}</dt><dd>${link === undefined ? value : html`<a href="${link}" rel="noreferrer">${value}</a>`}</dd></div>`,
  )}</dl>`;
}

/** Narrow screens show each row as a block; the roles keep it a table for those who hear it. */
export function grid(caption: string, columns: readonly string[], rows: readonly Row[]): Html {
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    ({ cells: [name, ...cells], failed }) =>
      html`<tr role="row" class="${failed && "failed"}"><th scope="row" role="rowheader">${name}</th>${cells.map(
        (text, at) => html`<td role="cell" data-label="${columns[at + 1]}">${text}</td>`,
      )}</tr>`,
  )}</tbody>
</table>`;
}

export function bullets(items: readonly unknown[]): Html {
  return html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}
