// The MCP configuration to paste, for each client.
import { paint, printLine } from "./terminal.ts";

export function printClients({ url, apiKey }: { url: string; apiKey: string | undefined }): void {
  const endpoint = `${url}/mcp`;
  const key = apiKey ?? "YOUR_API_KEY";
  const server = { type: "http", url: endpoint, headers: { Authorization: `Bearer ${key}` } };
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  section("Claude Code", `claude mcp add --transport http kota ${endpoint} --header "Authorization: Bearer ${key}"`);
  section("Cursor (.cursor/mcp.json)", json({ mcpServers: { kota: { url: endpoint, headers: server.headers } } }));
  section("VS Code (.vscode/mcp.json)", json({ servers: { kota: server } }));
  section(
    "Codex (~/.codex/config.toml)",
    `[mcp_servers.kota]\nurl = "${endpoint}"\nhttp_headers = { Authorization = "Bearer ${key}" }`,
  );
  printLine();
}

function section(title: string, text: string): void {
  printLine(`\n${paint("bold", title)}`);
  printLine(text);
}
