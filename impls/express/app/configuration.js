// The configuration, from the environment, as SPEC.md names it.

const SHORTEST_SECRET = 32;

export class ConfigurationError extends Error {}

export function fromEnvironment(variables = process.env) {
  const url = required(variables, "STORE_URL");
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new ConfigurationError("STORE_URL: it has to be redis://…: this implementation knows no other store");
  }
  const edition = variables.EDITION ?? "hardened";
  if (edition !== "stock") throw new ConfigurationError(`EDITION: ${edition}: this implementation is stock alone`);
  return {
    storeUrl: url,
    secrets: secrets(required(variables, "SESSION_SECRETS")),
    cookieName: cookieName(variables.SESSION_COOKIE_NAME || "sid"),
    secure: flag(variables, "SESSION_COOKIE_SECURE"),
    host: variables.HOST || "127.0.0.1",
    port: number(variables, "PORT", 8000, 65535),
    workers: number(variables, "WORKERS", 1, 64),
    probes: flag(variables, "PROBES"),
    // The quick start uses neither timeout; a wrong one is told all the same.
    idleSeconds: number(variables, "SESSION_IDLE_SECONDS", 1800, 2 ** 31),
    absoluteSeconds: number(variables, "SESSION_ABSOLUTE_SECONDS", 43200, 2 ** 31),
  };
}

function required(variables, name) {
  if (!variables[name]) throw new ConfigurationError(`${name}: it is required`);
  return variables[name];
}

function secrets(text) {
  const all = text.split(",");
  if (all.some((each) => Buffer.byteLength(each) < SHORTEST_SECRET)) {
    throw new ConfigurationError(`SESSION_SECRETS: every secret needs ${SHORTEST_SECRET} bytes or more`);
  }
  return all;
}

function cookieName(text) {
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(text)) throw new ConfigurationError(`SESSION_COOKIE_NAME: ${text}: no cookie name`);
  return text;
}

function flag(variables, name) {
  const text = (variables[name] || "false").toLowerCase();
  if (!["true", "1", "false", "0"].includes(text)) throw new ConfigurationError(`${name}: ${text}: not true or false`);
  return text === "true" || text === "1";
}

function number(variables, name, usual, largest) {
  const value = Number(variables[name] || usual);
  if (!Number.isInteger(value) || value < 1 || value > largest) {
    throw new ConfigurationError(`${name}: ${variables[name]}: not a whole number from 1 to ${largest}`);
  }
  return value;
}
