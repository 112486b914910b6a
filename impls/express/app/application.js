// Puts the app together.

import { fileURLToPath } from "node:url";

import express from "express";

import { about } from "./about.js";
import { fields } from "./fields.js";
import { probes } from "./probes.js";
import { answerProblem, notFound } from "./problems.js";
import { routes } from "./routes.js";
import { sessions } from "./sessions.js";

export function application(configuration, client) {
  const app = express();
  app.set("views", fileURLToPath(new URL("views", import.meta.url)));
  app.set("view engine", "ejs");
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", fields);
  if (configuration.secure) app.set("trust proxy", 1); // else express-session sets no cookie behind a proxy
  app.use(sessions(client, configuration));
  app.use(routes(configuration, client, about(client)));
  if (configuration.probes) app.use(probes());
  app.use(notFound, answerProblem);
  return app;
}
