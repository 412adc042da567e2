"use strict";
const fs = require("fs");
const { read, write: save } = require("./store");
const deep = require("./deep").inner.part;

/**
 * @param {import("./types").Options} options
 * @returns {Server}
 */
function start(options) {
  const server = new Server(options.port);
  return server;
}
class Server {
  constructor(port) {
    this.port = port;
  }
  listen() {
    return read(this.port, deep);
  }
}
Server.prototype.close = function () {};
exports.start = start;
exports.stop = (server) => server.close();
module.exports.Server = Server;
