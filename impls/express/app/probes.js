// The probes of SPEC.md: routes that only a test asks for.

import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import { Router } from "express";

import { methods } from "./methods.js";
import { Problem } from "./problems.js";
import { add, home, publicKeys, text } from "./routes.js";

const LONGEST_MS = 10_000;
const MOST_BYTES = 1 << 20;

export function probes() {
  const router = Router({ caseSensitive: true, strict: true });
  const at = methods(router);

  at("/_probe/session", { get: (request, response) => response.json(publicKeys(request.session)) });
  at("/_probe/no-session", { get: (request, response) => text(response, "ok") });
  at("/_probe/slow-read", {
    async get(request, response) {
      const { count = 0 } = request.session;
      await setTimeout(number(request.query.ms, LONGEST_MS));
      response.json({ count });
    },
  });
  at("/_probe/slow-count", {
    async post(request, response) {
      await setTimeout(number(request.query.ms, LONGEST_MS));
      add(request.session, "count");
      home(response);
    },
  });
  at("/_probe/boom", {
    post(request) {
      request.session.boom = true;
      throw new Error("boom");
    },
  });
  at("/_probe/fill", {
    post(request, response) {
      const bytes = number(request.query.bytes, MOST_BYTES);
      request.session.filler = randomBytes(bytes).toString("base64").slice(0, bytes);
      home(response);
    },
  });
  at("/_probe/set-unset", {
    post(request, response) {
      request.session.passing = true;
      delete request.session.passing;
      home(response);
    },
  });
  return router;
}

function number(given, largest) {
  if (!/^\d{1,8}$/.test(given ?? "") || Number(given) > largest) throw new Problem(400);
  return Number(given);
}
