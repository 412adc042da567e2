// GET /docs: the API for people, as one page without scripts, from the same definitions.
import { ERROR_CODES } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { ANSWER_HEADERS, CREDENTIALS, FAILURES, failuresOf, REQUEST_HEADERS, type Header } from "./answers.ts";
import { fieldsOf, type Field } from "./fields.ts";
import type { ApiIdentity } from "./openapi.ts";
import { API_PREFIX, routeOf } from "./routes.ts";

export function docsPage(operations: readonly Operation[], { version, publicUrl }: ApiIdentity): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kota API</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Kota API <small>${escapeHtml(version)}</small></h1>
<p>Code intelligence for coding agents. Each operation below is one REST route, one command
(<code>kota ${escapeHtml(commandOf(operations[0]))} …</code>) and, where marked, one MCP tool at <code>POST ${escapeHtml(publicUrl)}/mcp</code>; all three give
the same answer. Machines read <a href="/openapi.json">openapi.json</a>.</p>
<pre>curl -H "Authorization: Bearer $KOTA_API_KEY" "${escapeHtml(publicUrl)}${API_PREFIX}/search?query=TODO"</pre>
<nav><ul>${["credentials", "errors", ...operations.map(({ name }) => name)].map((name) => `<li><a href="#${name}">${name}</a></li>`).join("")}</ul></nav>
</header>
<main>
${operations.map(section).join("\n")}
<section id="credentials"><h2>Credentials and headers</h2>
<p><code>Authorization: Bearer …</code>: ${escapeHtml(CREDENTIALS)}</p>
${headerTable("Sent", REQUEST_HEADERS)}
${headerTable("Answered", ANSWER_HEADERS)}</section>
<section id="errors"><h2>Errors</h2>
<p>Every refusal is <code>{ "error": { "code", "message", "details"? } }</code>; the message says what to do next.</p>
${table(
  "Codes",
  FAILURES.map(({ code, when }) => [`<code>${code}</code>`, String(ERROR_CODES[code].status), escapeHtml(when)]),
)}</section>
</main>
</body>
</html>
`;
}

const commandOf = (operation: Operation | undefined) => operation?.name.replaceAll("_", "-") ?? "";

function section(operation: Operation): string {
  const { method, path } = routeOf(operation);
  const marks = [
    `scope ${operation.scope}`,
    operation.toolset === undefined ? "not an MCP tool" : `MCP toolset ${operation.toolset}`,
  ];
  return `<section id="${operation.name}">
<h2>${escapeHtml(operation.title)}</h2>
<p class="route"><b>${method}</b> <code>${escapeHtml(API_PREFIX + path)}</code> <span>${marks.join(" · ")}</span></p>
<p>${escapeHtml(operation.description)}</p>
${fieldTable("Input", fieldsOf(operation))}
<p class="route">Fails with ${failuresOf(operation)
    .map(({ code }) => `<code>${code}</code>`)
    .join(", ")}.</p>
</section>`;
}

function fieldTable(title: string, fields: readonly Field[]): string {
  if (fields.length === 0) return "<p>No input.</p>";
  const rows = fields.map((field) => {
    const preset = field.default === undefined ? "" : ` = ${JSON.stringify(field.default)}`;
    const need = field.isRequired ? " <em>required</em>" : "";
    return [`<code>${field.name}</code>`, `${field.type}${escapeHtml(preset)}${need}`, escapeHtml(field.description)];
  });
  return table(title, rows);
}

function headerTable(title: string, headers: Readonly<Record<string, Header>>): string {
  const rows = Object.entries(headers).map(([name, { type, meaning }]) => [
    `<code>${name}</code>`,
    type,
    escapeHtml(meaning),
  ]);
  return table(title, rows);
}

/** Cells are HTML. */
function table(title: string, rows: readonly (readonly string[])[]): string {
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  return `<table><caption>${title}</caption><tbody>${body.join("")}</tbody></table>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 5rem; }
h1 small { font-size: .5em; font-weight: 400; opacity: .65; }
h2 { margin: 2.5rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
code, pre { font: .9em/1.5 ui-monospace, monospace; }
pre { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
.route span { opacity: .65; margin-left: .5rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; padding: .5rem 0; }
td { padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); vertical-align: top; }
td:nth-child(2) { white-space: nowrap; opacity: .8; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
`;
