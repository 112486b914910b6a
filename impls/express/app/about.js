// What runs, each with its version as the running program finds it.

import { createRequire } from "node:module";

const versionOf = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;
const own = createRequire(import.meta.url)("../package.json").version;

export function about(client) {
  const fixed = {
    implementation: { name: "express", version: own },
    framework: { name: "Express", version: versionOf("express") },
    library: { name: "express-session", version: versionOf("express-session") },
    edition: { name: "stock", version: own },
    server: { name: "Node.js", version: process.versions.node },
    language: { name: "JavaScript", version: process.versions.v8 },
  };
  return async () => {
    const version = /^redis_version:(\S+)/m.exec(await client.info("server"))?.[1] ?? "unknown";
    return { ...fixed, store: { name: "redis", version } };
  };
}
