/** The page's one style sheet. It stands in the page and is allowed by its hash, so the policy needs no "unsafe-inline". */
import { createHash } from "node:crypto";

export const css = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--edge:#6e7781;--paper:#fff;--card:#f6f8fa;--go:#1a7f37;--stop:#b42318;--accent:#1d4f91;--warn:#7a4b00;--warnpaper:#fff8e1}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--line:#3d444d;--edge:#8b949e;--paper:#0d1117;--card:#161b22;--go:#1f7a33;--stop:#ff8a80;--accent:#79b8ff;--warn:#f2cc60;--warnpaper:#272111}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
.skip{position:absolute;left:-100vw;padding:.5rem 1rem;background:var(--paper);color:var(--accent)}
.skip:focus{left:0;top:0}
header,main,footer{max-width:46rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
footer{padding-top:2rem;padding-bottom:4rem}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
a{color:var(--accent)}
.stage,footer p{color:var(--soft);margin:0}
.lead{font-size:1.1rem;margin:0 0 1rem}
.score{display:flex;flex-wrap:wrap;gap:.75rem;margin:0 0 1rem}
.score div{flex:1 1 9rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem}
.score dt{color:var(--soft);font-size:.875rem}
.score dd{margin:0;font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums}
.score small{display:block;font-size:.875rem;font-weight:400;color:var(--soft)}
.facts{margin:0}
.facts div{display:flex;gap:1rem;padding:.4rem 0;border-bottom:1px solid var(--line)}
.facts dt{flex:0 0 11rem;font-weight:500;color:var(--soft)}
.facts dd{flex:1;margin:0;white-space:pre-wrap;min-width:0}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.25rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .5rem .4rem 0;border-bottom:1px solid var(--line)}
thead th{font-weight:500;color:var(--soft)}
tbody th{font-weight:500}
.failed td,.failed th{color:var(--stop);font-weight:600}
.chain{margin:0;padding:0;list-style:none}
.chain li{border-left:3px solid var(--accent);padding:.1rem 0 .35rem .9rem}
.beware{border:1px solid var(--warn);border-left-width:4px;background:var(--warnpaper);color:var(--warn);padding:.5rem 1rem;margin:0 0 1rem;border-radius:.25rem}
.beware h2{margin:0 0 .25rem}
.beware ul,.faults ul{margin:0;padding-left:1.2rem}
fieldset{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0;min-width:0}
legend{font-weight:600;padding:0 .5rem}
label{display:block;font-weight:500;margin-bottom:.25rem}
textarea{width:100%;min-height:6rem;padding:.5rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--edge);border-radius:.375rem}
textarea[aria-invalid]{border:2px solid var(--stop)}
.hint{color:var(--soft);font-size:.875rem;margin:.25rem 0 1rem}
.wrong{color:var(--stop);font-weight:600;margin:.25rem 0}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem}
button{font:inherit;font-weight:600;padding:.7rem 1.4rem;border-radius:.375rem;border:2px solid transparent;cursor:pointer;min-height:2.75rem}
.approve{background:var(--go);color:#fff}
.reject{background:transparent;color:var(--stop);border-color:var(--stop)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.faults{border:2px solid var(--stop);padding:.75rem 1rem;margin:0 0 1rem;border-radius:.25rem}
.faults h2{margin:0 0 .25rem;color:var(--stop)}
.quote{border-left:4px solid var(--line);padding:.25rem 1rem;white-space:pre-wrap;margin:1rem 0}
@media (max-width:34rem){
.facts div{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,caption,tbody,tr,th,td{display:block;padding:0;border:0}
tr{padding:.4rem 0;border-bottom:1px solid var(--line)}
td::before{content:attr(data-label) ": ";color:var(--soft);font-weight:400}
.buttons button{flex:1 1 8rem}
}
`;

export const cssHash = `sha256-${createHash("sha256").update(css).digest("base64")}`;
