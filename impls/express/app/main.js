// Starts the app: reads the configuration, waits for the store, serves in as many processes as are wanted.

import cluster from "node:cluster";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

import { application } from "./application.js";
import { ConfigurationError, fromEnvironment } from "./configuration.js";
import { connect } from "./sessions.js";

const STORE_WAIT_SECONDS = 10;

class CannotStart extends Error {}

async function waitForStore(client) {
  const late = setTimeout(STORE_WAIT_SECONDS * 1000).then(() => {
    throw new CannotStart(`STORE_URL: no answer in ${STORE_WAIT_SECONDS} s`);
  });
  await Promise.race([client.connect(), late]);
}

async function listen(server, { port, host }) {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new CannotStart(`HOST, PORT: ${host}:${port}: ${error.code}`);
  }
}

// A taken port is told at once, not after the store is there.
async function checkPort(configuration) {
  const probe = createServer();
  await listen(probe, configuration);
  await new Promise((resolve) => probe.close(resolve));
}

async function serve(configuration) {
  const client = connect(configuration.storeUrl);
  await waitForStore(client);
  const server = createServer(application(configuration, client));
  await listen(server, configuration);
  process.once("SIGTERM", () => {
    server.close(() => process.exit());
    server.closeIdleConnections();
  });
}

try {
  const configuration = fromEnvironment();
  if (cluster.isPrimary) await checkPort(configuration);
  if (cluster.isPrimary && configuration.workers > 1) {
    for (let number = 0; number < configuration.workers; number++) cluster.fork();
    process.once("SIGTERM", () => cluster.disconnect(() => process.exit()));
    cluster.on("exit", (worker, code) => code && process.exit(code));
  } else {
    await serve(configuration);
  }
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof CannotStart)) throw error;
  console.error(`cannot start: ${error.message}`);
  process.exit(1);
}
