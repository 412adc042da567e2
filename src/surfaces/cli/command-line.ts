// The command line: commander from the same definitions as the other surfaces, errors as `error[code]: message` on
// stderr, and the exit codes of the contract.
import { Command, CommanderError, Option } from "commander";
import { AppError, ERROR_CODES, invalidInput } from "../../errors.ts";
import { reportUnexpected, type Operation } from "../../operation.ts";
import { OPERATIONS } from "../../operations/index.ts";
import { readConfig, type Config } from "../../platform/config.ts";
import { createLog } from "../../platform/log.ts";
import { coerce, fieldsOf, type Field } from "../fields.ts";
import { doctor } from "./doctor.ts";
import { indexCommand } from "./index-command.ts";
import { keysCreate } from "./keys-command.ts";
import { ROLES, type Launcher } from "./launcher.ts";
import { membersInvite, membersList, membersRemove, type MembersOptions } from "./members-command.ts";
import { mcpCommand } from "./mcp-command.ts";
import { printAnswer } from "./print-answer.ts";
import { serveCommand, startCommand } from "./serve-command.ts";
import { commandLog, openSession, refuseApi } from "./session.ts";
import { statusCommand } from "./status-command.ts";
import { printError, printJson, printLine } from "./terminal.ts";

/** What every command gets. */
export interface CommandContext {
  config: Config;
  launcher: Launcher;
}

/** Runs one command; resolves to the exit code. */
export async function runCommandLine(argv: readonly string[], launcher: Launcher): Promise<number> {
  let exitCode = 0;
  const act = (work: (context: CommandContext) => Promise<number | void>) => async () => {
    exitCode = (await work({ config: readConfig(), launcher })) ?? 0;
  };
  // The flags of all operations, read from their schemas, are 25 ms of CPU of any command.
  const asked = new Set(OPERATIONS.filter((operation) => argv.includes(commandOf(operation))));
  const program = buildProgram(launcher, { act, asked });
  try {
    await program.parseAsync(withPlainBooleans(argv, asked), { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return exitOfUsage(error);
    const known = reportUnexpected(error, createLog({ level: "error" }), `kota ${argv[0] ?? ""}`.trim());
    printError(known);
    return ERROR_CODES[known.code].exitCode;
  }
}

type Act = (work: (context: CommandContext) => Promise<number | void>) => () => Promise<void>;

/** Operations other than those of `asked` are there to be listed, without their flags. */
function buildProgram(launcher: Launcher, { act, asked }: { act: Act; asked: ReadonlySet<Operation> }): Command {
  const program = new Command("kota")
    .description(
      "Code intelligence for coding agents: exact search over your git repositories, over MCP, REST and this command line.",
    )
    .version(launcher.version, "-v, --version")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText("after", HELP_AFTER);
  program.helpCommand("help [command]", "show help for a command");
  addServing(program, act);
  addSetUp(program, act);
  program.commandsGroup("Questions and changes (each is also an MCP tool or REST route):");
  for (const operation of OPERATIONS)
    addOperation(program, { operation, fields: asked.has(operation) ? fieldsOf(operation) : [], act });
  // Sub-commands inherit neither of these.
  for (const command of allCommands(program)) command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

const HELP_AFTER = `
Examples:
  kota start                              index this folder and serve it to agents
  kota index honojs/hono                  index a repository on GitHub
  kota search-code 'new Router(' --path '*.ts'
  kota read-file src/index.ts --start-line 10 --end-line 40

Settings are environment variables; see docs/config.md. Exit codes: 0 done, 1 failed, 2 wrong usage,
3 not found, 4 not allowed, 5 rate limited.`;

function addServing(program: Command, act: Act): void {
  program.commandsGroup("Running:");
  program
    .command("start [repository]")
    .description("index the folder it stands in (or PATH, OWNER/REPO, URL), print the MCP configuration, and serve")
    .addOption(portOption())
    .action((repository: string | undefined, options: { port?: number }) =>
      act((context) => startCommand(context, { repository, ...options }))(),
    );
  program
    .command("serve")
    .description("serve MCP and REST, and work off indexing jobs")
    .addOption(portOption())
    .option("--host <host>", "address to listen on (default: HOST, 127.0.0.1)")
    .addOption(new Option("--role <role>", "what this process does").choices(ROLES).default("all"))
    .action((options: { port?: number; host?: string; role: (typeof ROLES)[number] }) =>
      act((context) => serveCommand(context, options))(),
    );
  program
    .command("mcp")
    .description("serve MCP over stdin and stdout")
    .action(() => act(mcpCommand)());
  program
    .command("index <repository>")
    .description("index a folder (PATH), OWNER/REPO or URL, and wait until it is done")
    .option("--ref <ref>", "branch, tag or commit; a folder is read as it is on disk without it")
    .option("--name <owner/repo>", "name to index it under")
    .option("--json", "print the finished job as JSON")
    .action((repository: string, options: { ref?: string; name?: string; json?: boolean }) =>
      act((context) => indexCommand(context, { repository, ...options }))(),
    );
}

function portOption(): Option {
  return new Option("--port <port>", "port to listen on; 0 takes a free one (default: PORT, 3000)").argParser(
    (text) => {
      const port = Number(text);
      if (!/^\d+$/.test(text) || port > 65_535) throw invalidInput("port", `'${text}' is not a port, 0–65535`);
      return port;
    },
  );
}

function addSetUp(program: Command, act: Act): void {
  program.commandsGroup("Set-up:");
  const keys = program.command("keys").description("API keys");
  keys
    .command("create")
    .description("make an API key and print it, once")
    .option("--name <name>", "what it is for", "command line")
    .option("--organization <name>", "the organization it opens; made when it is not there (hosted mode)")
    .option("--tier <tier>", "free, solo or team: sets the organization's limits (hosted mode)")
    .option("--scopes <scopes>", "read, write, admin", (text: string, before: string[] | undefined) => [
      ...(before ?? []),
      ...splitList(text),
    ])
    .option("--json", "print JSON")
    .action((options: { name: string; organization?: string; tier?: string; scopes?: string[]; json?: boolean }) =>
      act((context) => keysCreate(context, options))(),
    );
  const members = program.command("members").description("who belongs to an organization (hosted mode)");
  const organizationOption = () => new Option("--organization <name>", "the organization (default: KOTA_ORGANIZATION)");
  members
    .command("invite")
    .description("invite an address; whoever signs in with it joins")
    .argument("<email>")
    .addOption(organizationOption())
    .option("--role <role>", "owner, admin or member", "member")
    .option("--json", "print JSON")
    .action((email: string, options: MembersOptions) => act((context) => membersInvite(context, email, options))());
  members
    .command("list")
    .description("members and open invitations")
    .addOption(organizationOption())
    .option("--json", "print JSON")
    .action((options: MembersOptions) => act((context) => membersList(context, options))());
  members
    .command("remove")
    .description("end a membership or an invitation, from the next request on")
    .argument("<email-or-user-id>")
    .addOption(organizationOption())
    .option("--force", "even if it is the last owner")
    .action((who: string, options: MembersOptions) => act((context) => membersRemove(context, who, options))());
  program
    .command("migrate")
    .description("bring the database to this version's schema")
    .option("--new-pepper", "KOTA_KEY_PEPPER has changed for good; keys made with the old one stop working")
    .action(({ newPepper }: { newPepper?: boolean }) =>
      act(async ({ config, launcher }) => {
        refuseApi(config, "migrate");
        const kota = await launcher.openKota(config, commandLog(config), { isNewPepper: newPepper === true });
        await kota.close();
        printLine("The database is up to date.");
      })(),
    );
  program
    .command("doctor")
    .description("check the set-up and say what to fix")
    .action(() => act(doctor)());
  program
    .command("status")
    .description("what is indexed, how fresh it is, and which jobs wait")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }) => act((context) => statusCommand(context, options))());
}

// ── operations ────────────────────────────────────────────────────────────────────────────────────────────────

function commandOf({ name }: Operation): string {
  return name.replaceAll("_", "-");
}

function addOperation(
  program: Command,
  { operation, fields, act }: { operation: Operation; fields: readonly Field[]; act: Act },
): void {
  const command = program.command(commandOf(operation)).description(operation.description);
  const positional = fields.find((field) => field.name === operation.positional);
  if (operation.positional !== undefined) command.argument(`[${operation.positional}]`, positional?.description);
  for (const field of fields) for (const option of optionsOf(field)) command.addOption(option);
  command.option("--json", "print the answer as JSON");
  command.summary(operation.title.toLowerCase());
  command.action((...given: unknown[]) =>
    act(async ({ config, launcher }) => {
      const { json, ...flags } = command.opts<Record<string, unknown>>();
      const first = positional ? given[0] : undefined;
      const input = inputOf(
        fields,
        flags,
        positional && typeof first === "string" ? { field: positional, text: first } : undefined,
      );
      const session = await openSession(config, launcher);
      try {
        const answer = await session.call(operation, input);
        if (json === true) printJson(answer);
        else printAnswer(operation, answer, new Date());
      } finally {
        await session.close();
      }
    })(),
  );
}

function optionsOf(field: Field): Option[] {
  const flag = `--${field.name.replaceAll("_", "-")}`;
  const preset = field.default === undefined ? "" : ` (default: ${JSON.stringify(field.default)})`;
  // A long closed set would drown the help; a wrong value is answered with all of it.
  const choices = field.choices && field.choices.length <= 8 ? ` [${field.choices.join(", ")}]` : "";
  const description = `${field.description}${choices}${preset}`;
  if (field.type === "boolean") {
    return [new Option(flag, description), new Option(`--no-${flag.slice(2)}`).hideHelp()];
  }
  const option = new Option(
    `${flag} <${field.type === "integer" ? "n" : field.type === "string" ? "text" : field.type}>`,
    description,
  );
  return [
    field.type === "array"
      ? option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), ...splitList(text)])
      : option,
  ];
}

/** Flags and the positional as the operation's input; what was not given stays away, for the schema's default. */
function inputOf(
  fields: readonly Field[],
  flags: Record<string, unknown>,
  positional: { field: Field; text: string } | undefined,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const field of fields) {
    const value = flags[camelCase(field.name)];
    if (value === undefined) continue;
    input[field.name] = typeof value === "string" ? coerce(field, [value]) : value;
  }
  if (positional) {
    const { name } = positional.field;
    if (name in input) throw invalidInput(name, "is given twice");
    input[name] = coerce(positional.field, [positional.text]);
  }
  return input;
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

/** `--x=true` and `--x=false` as the `--x` and `--no-x` that commander knows, for boolean flags. */
function withPlainBooleans(argv: readonly string[], asked: ReadonlySet<Operation>): string[] {
  const names = new Set(
    [...asked]
      .flatMap((operation) => fieldsOf(operation))
      .filter((field) => field.type === "boolean")
      .map((field) => `--${field.name.replaceAll("_", "-")}`),
  );
  const end = argv.indexOf("--");
  return argv.map((arg, i) => {
    const match = /^(--[\w-]+)=(true|false)$/.exec(arg);
    if (!match?.[1] || !names.has(match[1]) || (end >= 0 && i > end)) return arg;
    return match[2] === "true" ? match[1] : `--no-${match[1].slice(2)}`;
  });
}

// ── usage ─────────────────────────────────────────────────────────────────────────────────────────────────────

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

/** Help and version are no failures; everything else commander refuses is wrong usage. */
function exitOfUsage(error: CommanderError): number {
  if (error.exitCode === 0) return 0;
  if (error.code === "commander.help") return 2;
  const isDash = error.code === "commander.unknownOption";
  const hint = isDash ? "Put -- before text that begins with a dash. " : "";
  const message = error.message.replace(/^error: /, "").trim();
  printError(
    new AppError(
      "invalid_input",
      `${message}${/[.)?]$/.test(message) ? "" : "."} ${hint}Run kota --help, or kota COMMAND --help.`,
    ),
  );
  return ERROR_CODES.invalid_input.exitCode;
}
