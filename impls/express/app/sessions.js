// The sessions: express-session on connect-redis, as both quick starts show, and nothing more.

import { RedisStore } from "connect-redis";
import session from "express-session";
import { createClient } from "redis";

export const LIBRARY = "express-session";

export function connect(url) {
  const client = createClient({ url });
  let told = () => {}; // whoever waits for the first connection tells what is wrong
  client.on("error", (error) => told(error));
  client.once("ready", () => (told = (error) => console.error(`redis: ${error.message || error.code}`)));
  return client;
}

export function sessions(client, { cookieName, secrets, secure }) {
  return session({
    name: cookieName,
    secret: secrets,
    store: new RedisStore({ client }),
    resave: false,
    saveUninitialized: false,
    cookie: { secure },
  });
}

// Ends the session and deletes the cookie, with the options that the documentation of `clearCookie` asks for.
export async function destroy(request, response, { cookieName, secure }) {
  await new Promise((resolve, reject) => {
    request.session.destroy((error) => (error ? reject(error) : resolve()));
  });
  if (request.headers.cookie) response.clearCookie(cookieName, { secure });
}
