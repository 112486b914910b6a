// The routes of SPEC.md.

import { text as readText, Router } from "express";

import { fields } from "./fields.js";
import { methods } from "./methods.js";
import { Problem } from "./problems.js";
import { destroy } from "./sessions.js";

const LARGEST_BODY = 16 * 1024;
const FORM = "application/x-www-form-urlencoded";
const LONGEST_NAME = 64;

export function routes(configuration, client, about) {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(readText({ type: () => true, limit: LARGEST_BODY, defaultCharset: "latin1" }));
  const at = methods(router);

  at("/", {
    get(request, response) {
      const { count = 0, username = null } = request.session;
      const accept = request.get("accept") ?? "";
      if (accept.includes("application/json") && !accept.includes("text/html")) return response.json({ count, username });
      response.render("page", { count, username });
    },
  });
  at("/count", {
    post(request, response) {
      add(request.session, "count");
      home(response);
    },
  });
  at("/reset", {
    async post(request, response) {
      await destroy(request, response, configuration);
      home(response);
    },
  });
  at("/user/login", {
    post: [
      formOnly,
      (request, response) => {
        request.session.username = validName(fields(request.body || "").username);
        home(response);
      },
    ],
  });
  at("/login", {
    get(request, response) {
      const given = request.query.username;
      if (given?.length) {
        const name = validName(given);
        request.session.username ??= name;
      }
      home(response);
    },
  });
  const logOut = (request, response) => {
    delete request.session.username;
    home(response);
  };
  at("/logout", { get: logOut, post: logOut });
  at("/visits", {
    get(request, response) {
      const number = add(request.session, "visits");
      text(response, number === 1 ? "Welcome to this page for the first time!" : `You visited this page ${number} times`);
    },
  });
  at("/hello", {
    get(request, response) {
      request.session.start = true;
      text(response, "hello");
    },
  });
  for (const fruit of ["cherries", "blueberries"]) {
    at(`/${fruit}`, {
      get(request, response) {
        request.session.fruit = fruit;
        response.json({ response: fruit, session: publicKeys(request.session) });
      },
    });
  }
  at("/destroy-session", {
    async get(request, response) {
      await destroy(request, response, configuration);
      response.json({ response: "session destroyed", session: {} });
    },
  });
  at("/healthz", { get: (request, response) => text(response, "ok") });
  at("/readyz", {
    async get(request, response) {
      await client.ping();
      text(response, "ok");
    },
  });
  at("/about", { get: async (request, response) => response.json(await about()) });
  return router;
}

export function add(session, key) {
  session[key] = (session[key] ?? 0) + 1;
  return session[key];
}

export function publicKeys({ cookie, ...rest }) {
  return rest;
}

export function home(response) {
  response.redirect(303, "/");
}

export function text(response, body) {
  response.type("text/plain").send(body);
}

function formOnly(request, response, next) {
  next(request.is(FORM) ? undefined : new Problem(415));
}

function validName(given) {
  if (typeof given !== "string") throw new Problem(400);
  const name = given.trim();
  if (!name || [...name].length > LONGEST_NAME || /\p{Cc}/u.test(name)) throw new Problem(400);
  return name;
}
