// Errors as application/problem+json (RFC 9457): the status, and nothing about the inside.

import { STATUS_CODES } from "node:http";

export class Problem extends Error {
  constructor(status, headers = {}) {
    super(STATUS_CODES[status]);
    this.status = status;
    this.headers = headers;
  }
}

export function notFound() {
  throw new Problem(404);
}

export function answerProblem(error, request, response, next) {
  if (response.headersSent) return next(error);
  const status = error.status >= 400 ? error.status : 500;
  if (status === 500) console.error(error);
  response.set(error.headers ?? {});
  response.status(status).type("application/problem+json");
  response.send(JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status }));
}
