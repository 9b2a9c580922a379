/** The page's one style sheet. It stands in the page and is allowed by its hash, so the policy needs no "unsafe-inline". */
import { createHash } from "node:crypto";

export const css = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--paper:#fff;--card:#f6f8fa;--go:#1a7f37;--stop:#b42318;--accent:#1d4f91}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--line:#3d444d;--paper:#0d1117;--card:#161b22;--go:#238636;--stop:#f85149;--accent:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
.stage{color:var(--soft);margin:0}
.lead{font-size:1.1rem;margin:0 0 1rem}
.score{display:flex;flex-wrap:wrap;gap:.75rem;margin:0 0 1rem;padding:0;list-style:none}
.score li{flex:1 1 9rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem}
.score span{display:block;color:var(--soft);font-size:.875rem}
.score strong{font-size:1.5rem;font-variant-numeric:tabular-nums}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:.4rem .5rem .4rem 0;border-bottom:1px solid var(--line)}
th{width:11rem;font-weight:500;color:var(--soft)}
td{overflow-wrap:anywhere}
.number{font-variant-numeric:tabular-nums}
fieldset{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:2rem 0 0}
legend{font-weight:600;padding:0 .5rem}
label{display:block;font-weight:500;margin-bottom:.25rem}
textarea{width:100%;min-height:6rem;padding:.5rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.375rem}
.hint{color:var(--soft);font-size:.875rem;margin:.25rem 0 1rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem}
button{font:inherit;font-weight:600;padding:.7rem 1.4rem;border-radius:.375rem;border:2px solid transparent;cursor:pointer;min-height:2.75rem}
.approve{background:var(--go);color:#fff}
.reject{background:transparent;color:var(--stop);border-color:var(--stop)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.faults{border-left:4px solid var(--stop);background:var(--card);padding:.75rem 1rem;margin:0 0 1rem}
.faults p{margin:0}
.quote{border-left:4px solid var(--line);padding:.25rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:1rem 0}
@media (max-width:30rem){th,td{display:block;width:auto;border:0;padding:0}td{padding-bottom:.6rem;border-bottom:1px solid var(--line);margin-bottom:.4rem}}
`;

export const cssHash = `sha256-${createHash("sha256").update(css).digest("base64")}`;
