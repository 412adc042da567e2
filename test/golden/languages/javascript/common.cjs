const { readFile } = require("node:fs");
const tools = require("./tools");

function parse(text) {
  return tools.split(text).map(trim);
}

const trim = (text) => text.trim();

exports.read = (path) => readFile(path, parse);
module.exports.parse = parse;
module.exports = { parse, trimmed: trim };
