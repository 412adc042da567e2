// What kinds of symbols are types, and what constants.
import type { SymbolKind } from "../../languages/facts.ts";

export const TYPES = new Set<SymbolKind>(["class", "interface", "type", "enum", "struct", "trait"]);

export const CONSTANTS = new Set<SymbolKind>(["class", "constant", "module"]);
