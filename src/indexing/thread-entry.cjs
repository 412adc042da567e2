// A worker thread inherits no loader: it registers the one that reads TypeScript, then serves tasks. By `require`, whose
// loader has no thread of its own beside each of ours: 0.4 s of CPU for a start instead of 1.0 s (Node 20). The parser
// comes before the loader, which would read its 9 MB too.
require("typescript-parser");
require("tsx/cjs/api").register();
const { serveThread } = require("./thread.ts");
serveThread();
