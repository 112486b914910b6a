// A path with its methods: any other one is 405, and HEAD is answered only where GET is.

import { Problem } from "./problems.js";

export function methods(router) {
  return (path, handlers) => {
    const names = Object.keys(handlers).map((name) => name.toUpperCase());
    const allowed = [...names, ...(names.includes("GET") ? ["HEAD"] : [])];
    const route = router.route(path);
    for (const [name, handler] of Object.entries(handlers)) route[name](handler);
    route.all(() => {
      throw new Problem(405, { allow: allowed.sort().join(", ") });
    });
  };
}
